"""Writes on customers beyond the generic ones, and what must be true with each write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Aggregate, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from guanxi.customers import messages, rules
from guanxi.customers.choices import AttachmentKind, OrderKind, OrderStatus
from guanxi.customers.events import (
    CustomerTransferred,
    FileAdded,
    NextContactSet,
    TimelineEventPinned,
    TimelineEventUnpinned,
)
from guanxi.customers.models import (
    Attachment,
    Contact,
    Customer,
    Interaction,
    Order,
    Payment,
    TimelinePin,
)
from guanxi.customers.queries import list_merged_ids
from guanxi.kernel.access import get_allowed, get_visible, require
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.events import Seen, record, record_access
from guanxi.kernel.files import AcceptedFile, write_row
from guanxi.kernel.models import Event
from guanxi.notifications.services import notify
from guanxi.people.models import User
from guanxi.people.services.steps import cleaned
from guanxi.surfaces import search
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, require_unchanged

_CUSTOMER = "customers.customer"


# Hooks of the generic services --------------------------------------------------------------------
def fill_customer(customers: Sequence[models.Model], actor: Actor, at: datetime) -> None:
    """A new customer belongs to its creator and to the owner's department."""
    waiting = []
    for customer in customers:
        assert isinstance(customer, Customer)  # noqa: S101  tells the type checker
        if customer.owner_id is None and actor.user_id is not None and not actor.is_system:
            customer.owner_id = actor.user_id
        if customer.department_id is None and customer.owner_id is not None:
            waiting.append(customer)
        customer.owned_since = at if customer.owner_id else None
    departments = _departments_of({c.owner_id for c in waiting if c.owner_id}, actor)
    for customer in waiting:
        customer.department_id = departments.get(customer.owner_id or 0)


def _departments_of(user_ids: set[int], actor: Actor) -> dict[int, int | None]:
    """The departments of people; the actor's own is known."""
    found = {actor.user_id: actor.department_id} if actor.user_id in user_ids else {}
    others = user_ids - found.keys()
    if others:
        found.update(User.objects.filter(pk__in=others).values_list("pk", "department_id"))
    return {pk: where for pk, where in found.items() if pk is not None}


def follow_owner(
    customer: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> dict[str, tuple[int | None, int | None]]:
    """With a new owner the customer moves to that person's department."""
    del actor
    assert isinstance(customer, Customer)  # noqa: S101
    if "owner" not in changes:
        return {}
    before = customer.department_id
    customer.owned_since, customer.recycle_on = at, None
    if "department" not in changes:
        customer.department_id = _department_of(customer.owner_id)
    follows = ["owned_since", "recycle_on", "department_id"]
    Customer.objects.filter(pk=customer.pk).update(**{n: getattr(customer, n) for n in follows})
    return rules.moves(department=(before, customer.department_id))


def _department_of(user_id: int | None) -> int | None:
    if user_id is None:
        return None
    return User.objects.filter(pk=user_id).values_list("department_id", flat=True).first()


def check_contact_chain(
    contact: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """The superior is of the same customer and the chain has no loop."""
    del actor, at
    assert isinstance(contact, Contact)  # noqa: S101
    if "reports_to" not in changes and "customer" not in changes:
        return
    chain: list[tuple[int, int]] = []
    superior = contact.reports_to
    while superior is not None and len(chain) < 50:
        chain.append((superior.pk, superior.customer_id))
        if superior.pk == contact.pk:
            break
        superior = superior.reports_to
    rules.check_superior(contact.pk, contact.customer_id, chain)


def fill_interaction(interactions: Sequence[models.Model], actor: Actor, at: datetime) -> None:
    """A talk is by whoever wrote it down and, unless said otherwise, was just now."""
    for interaction in interactions:
        assert isinstance(interaction, Interaction)  # noqa: S101
        interaction.user_id = actor.user_id
        interaction.occurred_at = interaction.occurred_at or at


def note_contact(
    interaction: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """A talk moves the customer's last contact on and sets the next one when it was given."""
    assert isinstance(interaction, Interaction)  # noqa: S101
    if interaction.contact is not None:
        rules.check_belongs(interaction.customer_id, interaction.contact.customer_id, "contact")
    rows = Customer.objects.filter(pk=interaction.customer_id)
    rows.filter(
        Q(last_contact_at__isnull=True) | Q(last_contact_at__lt=interaction.occurred_at)
    ).update(last_contact_at=interaction.occurred_at, recycle_on=None)
    if changes.get("next_contact_at", (None, None))[1]:
        _set_next_contact(interaction.customer_id, interaction.next_contact_at, actor, at)


def _set_next_contact(customer_id: int, when: datetime | None, actor: Actor, at: datetime) -> None:
    """The next date is editable elsewhere too: the version moves, and an event tells of it."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True)
    customer = rows.get(pk=customer_id)
    changes = {"next_contact_at": (customer.next_contact_at, when)}
    customer.next_contact_at, customer.updated_at = when, at
    customer.version += 1
    customer.save(update_fields=["next_contact_at", "version", "updated_at"])
    happened = NextContactSet(customer.version)
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at, changes=changes)


def check_paid_order(
    payment: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """A payment is for an order of the same customer."""
    del changes, actor, at
    assert isinstance(payment, Payment)  # noqa: S101
    if payment.order is not None:
        rules.check_belongs(payment.customer_id, payment.order.customer_id, "order")


# Verbs --------------------------------------------------------------------------------------------
@atomic_retried
def transfer_customer(
    customer_id: int, *, to_user: int, reason: str, version: int | None, actor: Actor, at: datetime
) -> Customer:
    """Give a customer to another owner; it moves to that person's department."""
    customer = _fetch(customer_id, "customers.transfer", actor)
    if version is not None:
        wanted = {"owner": to_user}
        kind = get_record_type(_CUSTOMER)
        require_unchanged(kind, customer, wanted, version=version, actor=actor)
    target = User.objects.filter(pk=to_user).first()
    if target is None or not target.is_active:
        raise RuleViolation("inactive_owner", messages.INACTIVE_OWNER, "to_user")
    if customer.owner_id == target.pk:
        raise RuleViolation("same_owner", messages.SAME_OWNER, "to_user")
    rules.check_not_in_pool(customer.pool_id)
    before = customer.owner
    changes = rules.moves(
        owner=(customer.owner_id, target.pk),
        department=(customer.department_id, target.department_id),
        team=(customer.team_id, None),
    )
    customer.owner, customer.department_id, customer.team_id = target, target.department_id, None
    customer.owned_since, customer.recycle_on = at, None
    customer.version, customer.updated_at = customer.version + 1, at
    moved = ["owner", "department", "team", "owned_since", "recycle_on"]
    customer.save(update_fields=[*moved, "version", "updated_at"])
    search.index_record(get_record_type(_CUSTOMER), customer, at=at)
    happened = CustomerTransferred(
        from_user_id=before.pk if before else None,
        to_user_id=target.pk,
        from_label=str(before or ""),
        to_label=str(target),
        reason=reason,
        version=customer.version,
    )
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at, changes=changes)
    if target.pk != actor.user_id:
        key = f"customers.transferred:{customer.pk}:{customer.version}"
        told = {"who": actor.label}
        notify(
            "customers.transferred", [target.pk], subject=customer, params=told, key=key,
            actor=actor, at=at,
        )  # fmt: skip
    return customer


@transaction.atomic
def pin_event(customer_id: int, *, event_id: int, actor: Actor, at: datetime) -> TimelinePin:
    """Keep a timeline entry on top; pinning twice is the same as once."""
    customer = _fetch(customer_id, "customers.pin", actor)
    mine = [customer.pk, *list_merged_ids(customer.pk)]
    event = Event.objects.filter(pk=event_id, customer_id__in=mine).first()
    if event is None:
        raise NotFound
    pin, is_new = TimelinePin.objects.get_or_create(
        customer=customer, event=event, defaults={"pinned_by_id": actor.user_id, "pinned_at": at}
    )
    if is_new:
        record(
            TimelineEventPinned(event_id),
            subject=customer,
            customer_id=customer.pk,
            actor=actor,
            at=at,
        )
    return pin


@transaction.atomic
def unpin_event(customer_id: int, *, event_id: int, actor: Actor, at: datetime) -> None:
    """Let a timeline entry go back to its place."""
    customer = _fetch(customer_id, "customers.pin", actor)
    removed, _by_model = TimelinePin.objects.filter(customer=customer, event_id=event_id).delete()
    if removed:
        record(
            TimelineEventUnpinned(event_id),
            subject=customer,
            customer_id=customer.pk,
            actor=actor,
            at=at,
        )


@dataclass(frozen=True)
class Filing:
    """Where an attachment belongs."""

    kind: str
    year: int
    title: str = ""
    paper_location: str = ""


@transaction.atomic
def add_attachment(
    customer_id: int, *, accepted: AcceptedFile, filing: Filing, actor: Actor, at: datetime
) -> Attachment:
    """File an accepted upload with a customer under year and kind (CUS-10)."""
    customer = _fetch(customer_id, "customers.view", actor)
    require(actor, "attachments.create", None)
    rules.check_filing(filing.kind, filing.year, AttachmentKind.values)
    stored = write_row(accepted, user_id=actor.user_id, at=at)
    attachment = Attachment.objects.create(
        customer=customer,
        file=stored,
        kind=filing.kind,
        year=filing.year,
        title=cleaned(filing.title, "title", 200) or accepted.name,
        paper_location=cleaned(filing.paper_location, "paper_location", 120),
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
    )
    require(actor, "attachments.create", attachment)
    happened = FileAdded(attachment.title, filing.kind, filing.year, accepted.sha256)
    record(happened, subject=attachment, customer_id=customer.pk, actor=actor, at=at)
    return attachment


@transaction.atomic
def download_attachment(attachment_id: UUID, *, actor: Actor, at: datetime) -> Attachment:
    """Hand out a file to whoever may download it; the access log keeps who did (A10, B15, M02)."""
    files = Attachment.objects.filter(archived_at=None).select_related("file")
    attachment = get_visible(actor, "attachments.download", files, pk=attachment_id)
    seen = Seen(
        "download",
        "customers.attachment",
        str(attachment.pk),
        attachment.customer_id,
        (attachment.title,),
    )
    record_access(seen, actor=actor, at=at)
    return attachment


@transaction.atomic
def note_printed(customer_id: int, *, actor: Actor, at: datetime) -> None:
    """Keep in the access log that a customer was put on paper (M02)."""
    get_visible(actor, "customers.view", Customer.objects.all(), pk=customer_id)
    seen = Seen("print", "customers.customer", str(customer_id), customer_id)
    record_access(seen, actor=actor, at=at)


# Tags ---------------------------------------------------------------------------------------------
@transaction.atomic
def add_tag(customer_id: int, *, tag_id: int, actor: Actor, at: datetime) -> Customer:
    """Put a tag on a customer; one that is there already changes nothing (CUS-13)."""
    return _retag(customer_id, lambda tags: tags | {tag_id}, actor=actor, at=at)


@transaction.atomic
def remove_tag(customer_id: int, *, tag_id: int, actor: Actor, at: datetime) -> Customer:
    """Take a tag off a customer; one that is not there changes nothing."""
    return _retag(customer_id, lambda tags: tags - {tag_id}, actor=actor, at=at)


def _retag(
    customer_id: int, change: Callable[[set[int]], set[int]], *, actor: Actor, at: datetime
) -> Customer:
    """Tags are a set: adding one never overwrites what somebody else changed meanwhile."""
    customer = _fetch(customer_id, "customers.change", actor)
    tags = change(set(customer.tags.values_list("pk", flat=True)))
    changed = change_record(
        get_record_type(_CUSTOMER),
        customer.pk,
        {"tags": sorted(tags)},
        version=customer.version,
        actor=actor,
        at=at,
    )
    assert isinstance(changed, Customer)  # noqa: S101
    return changed


# Totals -------------------------------------------------------------------------------------------
@transaction.atomic
def refresh_totals(customer_ids: set[int]) -> None:
    """Recount the orders of these customers in three statements; cancelled ones do not count.

    The total is in the currency of most of the orders: amounts of several are never added up.
    """
    customers = Customer.objects.filter(pk__in=customer_ids)
    # Always in the same order, so that two workers never wait for each other.
    list(customers.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    mine = Order.objects.filter(customer=OuterRef("pk"), archived_at=None).exclude(
        status=OrderStatus.CANCELLED
    )
    sales = mine.filter(kind=OrderKind.SALE)
    counted = mine.order_by().values("currency").annotate(n=Count("pk"), newest=Max("placed_at"))
    usual = counted.order_by("-n", "-newest").values("currency")[:1]
    customers.update(currency=Coalesce(Subquery(usual), F("currency")))
    last_day = TruncDate(
        Subquery(sales.order_by("-placed_at").values("placed_at")[:1]),
        tzinfo=timezone.get_default_timezone(),
    )
    customers.update(
        order_count=Coalesce(Subquery(_per_customer(sales, Count("pk"))), 0),
        total_minor=Coalesce(
            Subquery(
                _per_customer(mine.filter(currency=OuterRef("currency")), Sum("amount_minor"))
            ),
            0,
        ),
        last_order_on=last_day,
    )


def _per_customer(orders: QuerySet[Order], figure: Aggregate) -> QuerySet[Order, Any]:
    return orders.order_by().values("customer").annotate(figure=figure).values("figure")


def _fetch(customer_id: int, permission: str, actor: Actor) -> Customer:
    """Lock and fetch a customer for a verb."""
    rows = Customer.objects.filter(merged_into=None).select_for_update(of=("self",))
    return get_allowed(actor, permission, rows, seen_by="customers.view", pk=customer_id)
