"""Rights on customers and what belongs to them; how far each reach goes (SEG, SEC-1)."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import (
    Attachment,
    Contact,
    Customer,
    Interaction,
    Order,
    Payment,
    Tag,
)
from guanxi.kernel import identifiers
from guanxi.kernel.access import ALL, Scope, declare_group, declare_permission, declare_scope
from guanxi.kernel.actor import Actor, Level


def _declare_permissions() -> None:
    words = {
        "view": _("See"),
        "create": _("Create"),
        "change": _("Change"),
        "archive": _("Archive"),
        "import": _("Import"),
        "export": _("Export"),
    }
    plurals = (
        "customers",
        "contacts",
        "orders",
        "payments",
        "interactions",
        "attachments",
        "tags",
    )
    for plural in plurals:
        for verb, word in words.items():
            declare_permission(f"{plural}.{verb}", word)
    declare_permission("customers.reveal", _("Reveal masked values"))
    declare_permission("customers.transfer", _("Transfer to another owner"))
    declare_permission("customers.pin", _("Pin on the timeline"))
    declare_permission("attachments.download", _("Download"))


def mask_contact(value: Any) -> str:
    """The masked form of any personal contact value, by its shape."""
    written = str(value)
    if "@" in written:
        return identifiers.mask_email(written)
    if sum(c.isdigit() for c in written) >= 7:
        return identifiers.mask_phone(written)
    return identifiers.mask_text(written)


declare_group("contact", _("Personal contact data"), mask=mask_contact)
declare_group("totals", _("Order amounts and totals"), mask=lambda _value: "***")
declare_group("finance", _("Payments"), mask=lambda _value: "***")
declare_group("technical", _("Technical plans"), mask=lambda _value: "***")
declare_group("private", _("Private notes"), mask=lambda _value: "***")
_declare_permissions()


def _customers(prefix: str) -> dict[str, Callable[[Actor], Scope]]:
    """The reaches of customers, seen from a model that leads to them by `prefix`."""

    def own(actor: Actor) -> Scope:
        return Q(**{f"{prefix}owner_id": actor.user_id or 0})

    def team(actor: Actor) -> Scope:
        return own(actor) | Q(**{f"{prefix}team_id__in": sorted(actor.team_ids)})  # type: ignore[operator,return-value]

    def branch(actor: Actor) -> Scope:
        return own(actor) | Q(**{f"{prefix}department_id__in": sorted(actor.branch_ids)})  # type: ignore[operator,return-value]

    return {"own": own, "team": team, "branch": branch}


def _everyone(_actor: Actor) -> Scope:
    return ALL


def attachment_kinds(actor: Actor) -> Scope:
    """Technical and finance files need that level in clear (B15)."""
    hidden = [kind for kind in ("technical", "finance") if actor.level(kind) is not Level.CLEAR]
    return ~Q(kind__in=hidden) if hidden else ALL


def _narrow(scope: Scope, kinds: Scope) -> Scope:
    return scope & kinds if isinstance(scope, Q) and isinstance(kinds, Q) else scope


def _attachments() -> dict[str, Callable[[Actor], Scope]]:
    rules = _customers("customer__")
    return {
        name: (lambda actor, rule=rule: _narrow(rule(actor), attachment_kinds(actor)))
        for name, rule in rules.items()
    }


def _declare_scopes() -> None:
    declare_scope(Customer, **_customers(""))
    below: tuple[type[Model], ...] = (Contact, Order, Payment, Interaction)
    for model in below:
        declare_scope(model, **_customers("customer__"))
    declare_scope(Attachment, **_attachments(), everywhere=attachment_kinds)
    declare_scope(Tag, own=_everyone, team=_everyone, branch=_everyone)


_declare_scopes()
