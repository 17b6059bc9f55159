"""Every address of the product with the right that it is declared to need.

This is the other half of the walk: what each address *should* ask for, written down by hand. An
address whose name is not here fails the walk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from guanxi.surfaces.records import RecordType, get_record_type_by_plural, record_types

PUBLIC, SIGNED_IN = "public", "signed in"


@dataclass(frozen=True)
class Door:
    """One address: which method needs which right, and on what."""

    needs: Mapping[str, str]
    on: str = "type"  # type, record, or something of one's own: view, export, import, run, …
    is_hidden: bool = False  # without the right it answers "missing", not "denied"


def get(right: str, on: str = "type") -> Door:
    """A page that is only read."""
    return Door({"GET": right}, on)


def post(right: str, on: str = "type") -> Door:
    """An act without a page."""
    return Door({"POST": right}, on)


def form(right: str, on: str = "type") -> Door:
    """A page with a form."""
    return Door({"GET": right, "POST": right}, on)


#: The pages of every record type, by the end of their name; a verb stands for `<type>.<verb>`.
OF_EVERY_TYPE = {
    "list": get("view"),
    "new": form("create"),
    "count": get("view"),
    "totals": get("view"),
    "tabs": get("view"),
    "filter": get("view"),
    "filter-row": get("view"),
    "columns": form("view"),
    "settings": post("view"),
    "views": get("view"),
    "view-new": form("view"),
    "view-edit": form("view", "view"),
    "view-drop": post("view", "view"),
    "view-pin": post("view", "view"),
    "view-open": post("view", "view"),
    "options": get("view"),
    "duplicates": post("create"),
    "bulk": get("view"),
    "bulk-preview": post("change"),
    "bulk-start": post("change"),
    "record": get("view", "record"),
    "edit": form("change", "record"),
    "peek": get("view", "record"),
    "card": get("view", "record"),
    "panel": get("view", "record"),
    "next": get("view", "record"),
    "previous": get("view", "record"),
    "archive": post("archive", "record"),
    "restore": post("archive", "record"),
    "cell": form("change", "record"),
    "fact": form("change", "record"),
    "history": get("view", "record"),
    "field-history": get("view", "record"),
    "favourite": post("view", "record"),
    "follow": post("view", "record"),
}
#: The API's addresses of every record type.
API_OF_EVERY_TYPE = {
    "list": Door({"GET": "view", "POST": "create"}),
    "detail": Door({"GET": "view", "PATCH": "change", "DELETE": "archive"}, "record"),
    "archive": post("archive", "record"),
    "restore": post("archive", "record"),
    "history": get("view", "record"),
}
CUSTOMER = "customers.customer"
#: Every other address by its name.
OTHERS = {
    # customers
    "customer": get("customers.view", "record"),
    "customer-timeline": get("customers.view", "record"),
    "customer-business": get("customers.view", "record"),
    "customer-log": post("interactions.create", "record"),
    "customer-pin": post("customers.pin", "record"),
    "customer-unpin": post("customers.pin", "record"),
    "customer-next-contact": form("customers.change", "record"),
    "customer-tags": get("customers.change", "record"),
    "customer-tag": post("customers.change", "record"),
    "customer-untag": post("customers.change", "record"),
    "customer-print": get("customers.view", "record"),
    "rfm": get("standings.view"),
    "insight": get("stage_standings.view"),
    "customer-files": get("attachments.view", "record"),
    "customer-add-file": form("attachments.create", "record"),
    "ticket": get("tickets.view", "record"),
    "ticket-messages": get("tickets.view", "record"),
    "ticket-talk": post("tickets.view", "record"),
    "ticket-file": get("tickets.view", "record"),
    "api:tickets-messages": get("tickets.view", "record"),
    "api:tickets-file": get("tickets.view", "record"),
    "calendar": get("commitments.view"),
    "entry-accuracy": get("entry_checks.view"),
    "calendar-feed": form("commitments.view"),
    "calendar-feed-revoke": post("commitments.view"),
    "calendar-feed-read": get(PUBLIC),
    "customer-commit": post("customers.view", "record"),
    "complaint-evidence": form("complaints.add_evidence", "record"),
    "complaint-open-evidence": Door({"GET": "complaints.download"}, "record", is_hidden=True),
    "api:complaints-entries": get("complaints.view", "record"),
    "api:complaints-remedies": get("complaints.view", "record"),
    "complaint-report": get("complaints.print", "record"),
    "complaint-letter": get("complaints.print", "record"),
    "complaint-invite": post("complaints.invite", "record"),
    "complaint-answer": form(PUBLIC),
    "complaint-statistics": get("complaints.statistics"),
    "duplicates-scan": form("duplicate_pairs.scan"),
    "customer-merge": form("customers.merge", "record"),
    "customer-unmerge": post("customers.merge"),
    "api:customers-merge": post("customers.merge", "record"),
    "api:customers-unmerge": post("customers.merge", "record"),
    "customer-ask": form("customers.create"),
    "customer-requests": get("customers.view"),
    "customer-answer": post("customers.change"),
    "pool-board": get("pools.view", "record"),
    "pool-take": post("customers.claim", "record"),
    "pool-tonight": get("pool_rules.view", "record"),
    "pool-warn": get("pool_rules.view", "record"),
    "attachment-download": Door({"GET": "attachments.download"}, "record", is_hidden=True),
    # people
    "account_login": form(PUBLIC),
    "account_logout": form(PUBLIC),
    "account_inactive": get(PUBLIC),
    "account_reauthenticate": form(SIGNED_IN),
    "account_reset_password": form(PUBLIC),
    "mfa_authenticate": form(PUBLIC),
    "mfa_reauthenticate": form(SIGNED_IN),
    "preferences": post(PUBLIC),
    "people:choose_password": form(PUBLIC),
    "people:profile": form(SIGNED_IN),
    "people:password": form(SIGNED_IN),
    "people:second_factor": form(SIGNED_IN),
    "people:second_factor_disable": post(SIGNED_IN),
    "people:recovery_codes": post(SIGNED_IN),
    "people:sessions": get(SIGNED_IN),
    "people:sessions_end": post(SIGNED_IN),
    "people:session_end": post(SIGNED_IN, "session"),
    "people:tokens": form(SIGNED_IN),
    "people:token_revoke": post(SIGNED_IN, "token"),
    "people:role_rights": form("people.roles.change", "record"),
    "people:user_session_end": post("people.users.end_sessions"),
    "people:user_token_revoke": Door({"POST": "people.users.end_sessions"}, is_hidden=True),
    "people:organisation": form("people.organisation.change"),
    # pages of everybody
    "desk": get(SIGNED_IN),
    "following": get(SIGNED_IN),
    "shortcuts": get(SIGNED_IN),
    "search": get(SIGNED_IN),
    "palette": get(SIGNED_IN),
    "live": get(SIGNED_IN),
    "who-saw": get("events.view"),
    "system": get("system.view"),
    "notifications": get(SIGNED_IN),
    "notifications-read": post(SIGNED_IN),
    "notification-wishes": form(SIGNED_IN),
    "notification-read": post(SIGNED_IN, "notification"),
    "packs": get("packs.view"),
    "packs-apply": post("packs.apply"),
    "health": get(PUBLIC),
    "health-worker": get(PUBLIC),
    "metrics": get(PUBLIC),
    "drafts": get(SIGNED_IN),
    "draft-keep": post(SIGNED_IN, "draft"),
    "draft-drop": post(SIGNED_IN, "draft"),
    "editing": post(SIGNED_IN, "draft"),
    "exports": get(SIGNED_IN),
    "export-new": form("customers.export"),
    "export-cancel": post(SIGNED_IN, "export"),
    "export-download": post(SIGNED_IN, "export"),
    "imports": get(SIGNED_IN),
    "import-new": form(SIGNED_IN),
    "import-form": get(SIGNED_IN),
    "import-sheet": get(SIGNED_IN),
    "import": get(SIGNED_IN, "import"),
    "import-columns": post(SIGNED_IN, "import"),
    "import-start": post(SIGNED_IN, "import"),
    "import-cancel": post(SIGNED_IN, "import"),
    "import-undo": post(SIGNED_IN, "import"),
    "import-errors": get(SIGNED_IN, "import"),
    "undo": post(SIGNED_IN, "event"),
    "run": get(SIGNED_IN, "run"),
    "run-cancel": post(SIGNED_IN, "run"),
    "run-undo": post(SIGNED_IN, "run"),
    # the API's own
    "api:views-list": Door({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "api:views-detail": Door(dict.fromkeys(("GET", "PATCH", "DELETE"), SIGNED_IN), "view"),
    "api:exports-list": Door({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "api:exports-detail": get(SIGNED_IN, "export"),
    "api:exports-cancel": post(SIGNED_IN, "export"),
    "api:exports-download": post(SIGNED_IN, "export"),
    "api:imports-list": Door({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "api:imports-detail": Door({"GET": SIGNED_IN, "PATCH": SIGNED_IN}, "import"),
    "api:imports-errors": get(SIGNED_IN, "import"),
    **{f"api:imports-{step}": post(SIGNED_IN, "import")
       for step in ("preview", "start", "cancel", "undo")},
    "api:notifications-list": get(SIGNED_IN),
    "api:notifications-read": post(SIGNED_IN),
    "api:notification-read": post(SIGNED_IN, "notification"),
    "api:search": get(SIGNED_IN),
    "api:me": get(SIGNED_IN),
    "api:schema": get(SIGNED_IN),
    "api:docs": get(SIGNED_IN),
    "api:docs-type": get(SIGNED_IN),
    "api:index": get(SIGNED_IN),
    "api:nowhere": get(SIGNED_IN, "nothing"),
    "api:clocks-explain": get("clocks.view", "record"),
    "clocks-due": get("clocks.view"),
    "api:customers-timeline": get("customers.view", "record"),
    "api:attachments-download": get("attachments.download", "record"),
    "api:events-list": get("view"),
    "api:events-detail": get("view", "record"),
    "api:accesses-list": get("view"),
    "api:accesses-detail": get("view", "record"),
    "api:customers-duplicates": Door({"GET": "create", "POST": "create"}),
    "api:attachments-list": Door({"GET": "attachments.view", "POST": "attachments.create"}),
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """A pattern of the address table with its declared door."""

    name: str
    route: str
    door: Door | None
    type: RecordType | None
    reveals: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        """Whether a program asks here."""
        return self.route.startswith("api/")

    @property
    def is_page_of_api(self) -> bool:
        """Whether a person reads here about the API."""
        return self.name.startswith("api:docs")

    @property
    def group(self) -> str:
        """The part of the walk to which the address belongs."""
        return self.type.plural if self.type else "others"


def patterns(table: Any = None, route: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every address of the product: name with its name space, route, pattern."""
    for entry in (table or get_resolver()).url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from patterns(entry, here, inner)
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", here, entry


def addresses() -> list[Address]:
    """Every address, declared or not."""
    return [_address(name, route) for name, route, _entry in patterns()]


def _address(name: str, route: str) -> Address:
    plain = name.removeprefix("api:")
    kind = _type_of(route)
    if name in OTHERS:
        return Address(name, route, OTHERS[name], kind)
    part = plain.removeprefix(f"{kind.plural}-") if kind else plain
    if kind is None:
        return Address(name, route, None, None)
    if part == "reveal":
        return Address(name, route, _reveal(kind, name), kind, reveals=True)
    verb = kind.verb(part) or kind.verb(part.replace("-", "_"))
    if verb:
        door = post if name.startswith("api:") else form
        return Address(name, route, door(verb.permission, "record"), kind)
    table = API_OF_EVERY_TYPE if name.startswith("api:") else OF_EVERY_TYPE
    return Address(name, route, table.get(part), kind)


def _reveal(kind: RecordType, name: str) -> Door:
    """A page shows the form to whoever sees the record; showing the value takes the right."""
    if name.startswith("api:"):
        return post(kind.reveal, "record")
    return Door({"GET": "view", "POST": kind.reveal or "view"}, "record")


def _type_of(route: str) -> RecordType | None:
    first = route.removeprefix("api/v1/").split("/")[0]
    return get_record_type_by_plural(first)


def groups() -> list[str]:
    """The parts of the walk."""
    return [kind.plural for kind in record_types()] + ["others"]


def filled(address: Address, own: Any, field: str = "name") -> str:
    """An address with something of one's own in it, and a field where it names one."""
    path = "/" + address.route
    while "<" in path:
        start, end = path.index("<"), path.index(">")
        part = path[start + 1 : end]
        is_attachment = address.type and address.type.plural == "attachments"
        value = {"name:name": field, "slug:plural": "customers"}.get(part, _key(address, own))
        if part.startswith("uuid") or (is_attachment and part.endswith("pk")):
            value = str(own.attachment.pk)
        path = path[:start] + value + path[end + 1 :]
    return path


def _key(address: Address, own: Any) -> str:
    """The record of the address's type that is one's own, or the first that there is."""
    kind = address.type
    if kind is None or own.has(kind.key):
        return str((own.of(kind.key) if kind else own.customer).pk)
    first = kind.model._base_manager.order_by("pk").values_list("pk", flat=True).first()
    return str(first or own.customer.pk)
