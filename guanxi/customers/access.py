"""Rights on customers and what belongs to them; how far each reach goes (SEG, SEC-1)."""

from dataclasses import dataclass
from typing import Any, Final

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
from guanxi.kernel.access import (
    ALL,
    Opening,
    declare_group,
    declare_permission,
    declare_row_level,
    declare_scope,
)
from guanxi.kernel.actor import Actor, Level

# The rights to see, create, change and so on come with each record type.
declare_permission("customers.reveal", _("Reveal masked values"))
declare_permission("customers.transfer", _("Transfer to another owner"))
declare_permission("customers.merge", _("Merge duplicates"))
declare_permission("customers.pin", _("Pin on the timeline"), share="write")
declare_permission("attachments.download", _("Download"), share="read")
ASK_DELETION: Final = declare_permission("attachments.ask_deletion", _("Ask for deletion"))


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


@dataclass(frozen=True)
class Reaching:
    """The reaches of customers, seen from a model that leads to them by `prefix`."""

    prefix: str = ""

    def own(self, actor: Actor) -> Q:
        """Customers that the actor owns."""
        return Q(**{f"{self.prefix}owner_id": actor.user_id or 0})

    def team(self, actor: Actor) -> Q:
        """Also those of the actor's teams."""
        return self.own(actor) | Q(**{f"{self.prefix}team_id__in": sorted(actor.team_ids)})

    def branch(self, actor: Actor) -> Q:
        """Also those of the actor's department and everything below it."""
        branch = sorted(actor.branch_ids)
        return self.own(actor) | Q(**{f"{self.prefix}department_id__in": branch})


def closed_kinds(actor: Actor) -> list[str]:
    """The kinds of files that the actor may not even know of."""
    return [kind for kind in ("technical", "finance") if actor.level(kind) is not Level.CLEAR]


def attachment_kinds(actor: Actor) -> Q:
    """Technical and finance files need that level in clear (B15); nobody sees into the bin."""
    return ~Q(kind__in=closed_kinds(actor)) & Q(is_binned=False)


#: What a share of a pool carries: to see its customers, and to claim or assign them.
OF_POOL: Final = frozenset(
    {"customers.view", "contacts.view", "orders.view", "customers.claim", "customers.assign"}
)

#: What open work about a customer carries: to know who they are, and whom to speak to.
OF_WORK: Final = frozenset({"customers.view", "contacts.view"})


def _declare_scopes() -> None:
    direct, through = Reaching(), Reaching("customer__")
    declare_scope(
        Customer,
        own=direct.own,
        team=direct.team,
        branch=direct.branch,
        openings=(
            Opening("customers.customer", "pk"),
            Opening("customers.pool", "pool_id", OF_POOL, aside="pool"),
            Opening("customers.customer", "pk", OF_WORK, is_of_work=True),
        ),
        owner_path="owner_id",
    )
    below: tuple[type[Model], ...] = (Contact, Order, Payment, Interaction)
    of_pool = Opening("customers.pool", "customer__pool_id", OF_POOL, aside="customer")
    of_work = Opening("customers.customer", "customer_id", OF_WORK, is_of_work=True)
    for model in below:
        declare_scope(
            model,
            own=through.own,
            team=through.team,
            branch=through.branch,
            openings=(Opening("customers.customer", "customer_id"), of_pool, of_work),
            owner_path="customer__owner_id",
        )
    declare_scope(
        Attachment,
        own=lambda actor: through.own(actor) & attachment_kinds(actor),
        team=lambda actor: through.team(actor) & attachment_kinds(actor),
        branch=lambda actor: through.branch(actor) & attachment_kinds(actor),
        everywhere=attachment_kinds,
        openings=(Opening("customers.customer", "customer_id"),),
        owner_path="customer__owner_id",
    )
    declare_scope(Tag, own=lambda _: ALL, team=lambda _: ALL, branch=lambda _: ALL)


_declare_scopes()
# Whoever wants to reach a customer of a pool claims it first (CUS-14).
declare_row_level(Customer, "contact", column="pool_id")
declare_row_level(Contact, "contact", column="customer__pool_id")
