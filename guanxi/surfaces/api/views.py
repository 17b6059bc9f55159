"""The addresses of a record type: list, create, read, change, archive, verbs, reveal, history."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel.errors import BadRequest, NotFound, RuleViolation, RuleViolations, VersionMissing
from guanxi.surfaces import limits, services
from guanxi.surfaces.api.base import ApiView, once
from guanxi.surfaces.api.reading import Document, document, documents, entry_document
from guanxi.surfaces.api.values import check_types
from guanxi.surfaces.fields import Field
from guanxi.surfaces.history import read_history
from guanxi.surfaces.listing import Listing, ListRequest, Page
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import RecordType, Verb

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"|(\d{1,9})')
COUNTS = ("capped", "exact", "none")
HISTORY_SIZES = range(1, 201)


def version_of(request: Request) -> int:
    """The version that the caller read, from If-Match; without one nothing is changed (G01)."""
    written = request.headers.get("If-Match", "").strip()
    if not written or written == "*":
        raise VersionMissing
    found = _ETAG.fullmatch(written)
    if found is None:
        raise BadRequest("bad_version", _('If-Match holds one version, for example "3".'))
    return int(found[1] or found[2])


class RecordView(ApiView):
    """What the addresses of one record type share."""

    record_type: RecordType

    @cached_property
    def listing(self) -> Listing:
        """The caller's view of the type."""
        return Listing(self.record_type, self.actor, at=self.at)

    def url(self, pk: Any = None, **query: str) -> str:
        """The address of a record, or of the list."""
        path = f"/api/v1/{self.record_type.plural}/" + (f"{pk}/" if pk is not None else "")
        return self.absolute(path + (f"?{urlencode(query)}" if query else ""))

    def answer(self, pk: Any, status: int = 200, **headers: str) -> Response:
        """The record as it now is; 204 when the caller may no longer see it."""
        listing = self.listing
        try:
            row = listing.read(pk)
            if self.request.method == "GET" and self.record_type.hooks.opening:
                self.record_type.hooks.opening(row, self.actor, self.at)
        except NotFound:
            return Response(status=status if status == 201 else 204, headers=headers)
        etag = {"ETag": f'"{row.version}"'} if row.version else {}
        return Response(document(listing, row), status, headers={**headers, **etag})

    def values(self, fields: Iterable[Field]) -> dict[str, Any]:
        """The fields that were sent, each of its JSON type."""
        given = self.body()
        check_types(fields, given)
        return given


class RecordList(RecordView):
    """GET a page of the list, POST a new record."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view", "POST": "create"}

    def get(self, request: Request) -> Response:
        """One keyset page with links to the next and the previous one."""
        del request
        query = self.query()
        counted = query.get("count", "capped")
        if counted not in COUNTS:
            raise BadRequest("bad_count", _("`count` is one of capped, exact, none."))
        if query.get("archived", "false") not in {"true", "false"}:
            raise BadRequest("bad_archived", _("`archived` is true or false."))
        listing, asked = self.listing, ListRequest.from_query(query)
        page = listing.page(asked)
        count, is_exact = self._count(listing, asked, page, counted)
        return Response(
            {
                "results": documents(listing, page.columns, page.rows),
                "next": self._link(query, "after", page),
                "previous": self._link(query, "before", page),
                "count": count,
                "count_is_exact": is_exact,
            }
        )

    @once
    def post(self, request: Request) -> Response:
        """Create a record; the answer says where it is."""
        del request
        fields = self.listing.every_field
        raw = self.values(self.listing.fields.values())
        values = services.parse_values(self.record_type, raw, actor=self.actor, fields=fields)
        made = services.create_record(
            self.record_type, values, actor=self.actor, at=self.at, fields=fields
        )
        return self.answer(made.pk, 201, Location=self.url(made.pk))

    def _count(
        self, listing: Listing, asked: ListRequest, page: Page, counted: str
    ) -> tuple[int | None, bool]:
        if counted == "none":
            return None, False
        if counted == "capped":
            return (len(page.rows), True) if page.is_whole else listing.count(asked)
        with limits.heavy_reads.hold(self.actor.user_id):
            return listing.count(asked, exact=True)

    def _link(self, query: Mapping[str, str], way: str, page: Page) -> str | None:
        cursor = page.next_cursor if way == "after" else page.prev_cursor
        kept = {n: v for n, v in query.items() if n not in {"after", "before"}}
        return self.url(**kept, **{way: cursor}) if cursor else None


class ReadOnlyList(RecordList):
    """A list to which this way adds nothing."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}
    http_method_names = ["get", "head"]


class RecordDetail(RecordView):
    """GET a record, PATCH its fields, DELETE to archive it: nothing is ever deleted."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view", "PATCH": "change", "DELETE": "archive"}

    def get(self, request: Request, pk: Any) -> Response:
        """Every field that the caller sees; personal data in clear is noted in the access log."""
        del request
        answer = self.answer(pk)
        if answer.status_code == 204:
            raise NotFound
        services.note_read(
            self.record_type, pk, self._customer(pk, answer.data), actor=self.actor, at=self.at
        )
        return answer

    @once
    def patch(self, request: Request, pk: Any) -> Response:
        """Change the named fields of the version that was read."""
        del request
        version = version_of(self.request)
        raw = self.values(self.listing.fields.values())
        fields = self.listing.every_field
        values = services.parse_values(self.record_type, raw, actor=self.actor, fields=fields)
        services.change_record(
            self.record_type, pk, values, version=version, actor=self.actor, at=self.at
        )
        return self.answer(pk)

    @once
    def delete(self, request: Request, pk: Any) -> Response:
        """Archive the record; POST …/restore/ brings it back."""
        del request
        services.archive_record(
            self.record_type, pk, version=version_of(self.request), actor=self.actor, at=self.at
        )
        return self.answer(pk)

    def _customer(self, pk: Any, found: Document) -> int | None:
        if self.record_type.customer_path == "self":
            return int(pk)
        reference = found.get(self.record_type.customer_path.removesuffix("_id"))
        return reference["id"] if isinstance(reference, dict) else None


class ReadOnlyDetail(RecordDetail):
    """A record that is only written down, never edited."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}
    http_method_names = ["get", "head"]


class RecordArchive(RecordView):
    """POST takes a record out of daily lists, or brings it back."""

    needs: ClassVar[Mapping[str, str]] = {"POST": "archive"}
    is_restore = False

    @once
    def post(self, request: Request, pk: Any) -> Response:
        """Archive or restore the version that was read."""
        del request
        version = version_of(self.request)
        if self.body():
            raise RuleViolation("unknown_field", _("There is no such field."), min(self.body()))
        act = services.restore_record if self.is_restore else services.archive_record
        act(self.record_type, pk, version=version, actor=self.actor, at=self.at)
        return self.answer(pk)


class RecordVerb(RecordView):
    """POST does one of the type's own verbs."""

    verb: Verb = cast("Verb", None)  # every address names one

    def permission(self, method: str) -> str:
        """The verb's own permission."""
        return self.verb.permission if method == "POST" else ""

    @once
    def post(self, request: Request, pk: Any) -> Response:
        """Do the verb with the named values; a verb on a version demands If-Match."""
        del request
        version = version_of(self.request) if services.is_versioned(self.verb) else None
        raw = self.values(self.verb.fields)
        self._require_given(raw)
        services.perform_verb(
            self.record_type, self.verb, pk, raw, version=version, actor=self.actor, at=self.at
        )
        return self.answer(pk)

    def _require_given(self, raw: Mapping[str, Any]) -> None:
        """A program must say every value: an absent list of roles is not an empty one."""
        fields = {field.name: field for field in self.verb.fields}
        missing = [
            RuleViolation("required", _("“%(label)s” is required."), n, label=fields[n].label)
            for n in sorted(services.must_be_given(self.verb) - raw.keys())
        ]
        if missing:
            raise RuleViolations(missing)


class RecordReveal(RecordView):
    """POST shows one masked value on purpose; every time is an own reveal, so no key repeats it."""

    is_repeatable = True

    def permission(self, method: str) -> str:
        """The right to reveal."""
        return self.record_type.reveal if method == "POST" else ""

    def post(self, request: Request, pk: Any) -> Response:
        """The clear value of `field`, for the `reason` that goes into the access log."""
        del request
        given = self.values((Field("field", type="text"), Field("reason", type="text")))
        unknown = given.keys() - {"field", "reason"}
        if unknown:
            raise RuleViolation("unknown_field", _("There is no such field."), min(unknown)[:60])
        name = str(given.get("field") or "")
        value = services.reveal_value(
            self.record_type,
            pk,
            name,
            reason=str(given.get("reason") or ""),
            actor=self.actor,
            at=self.at,
        )
        return Response({"field": name, "value": value})


class RecordHistory(RecordView):
    """GET what happened to a record, newest first."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}

    def get(self, request: Request, pk: Any) -> Response:
        """Events with their changes, as far as the caller sees the fields."""
        del request
        query = self.query(frozenset({"before", "size"}))
        found = read_history(
            self.record_type,
            pk,
            before=_number(query, "before", 0, range(1, 10**18)),
            size=_number(query, "size", 50, HISTORY_SIZES),
            actor=self.actor,
            at=self.at,
        )
        following = {**query, "before": str(found.next_before)}
        link = f"{self.url(pk)}history/?{urlencode(following)}"
        return Response(
            {
                "results": [entry_document(entry) for entry in found.entries],
                "next": link if found.next_before else None,
            }
        )


def _number(query: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    written = query.get(name)
    if written is None:
        return default
    if not is_number(written) or int(written) not in allowed:
        raise BadRequest("bad_number", _("“%(name)s” is not a number here."), name=name)
    return int(written)
