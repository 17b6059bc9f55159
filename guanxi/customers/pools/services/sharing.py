"""Opening one record to others for a while, and standing in for somebody (A04, A06, A09)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from guanxi.customers.models import Customer
from guanxi.customers.pools import messages, rules
from guanxi.customers.pools.events import CustomerShared, CustomerUnshared, PoolOpened
from guanxi.customers.pools.models import Pool
from guanxi.kernel.access import get_allowed, get_visible, require
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record
from guanxi.kernel.models import Share, Substitution
from guanxi.people.models import Department, Team, User
from guanxi.people.services.steps import bump_access
from guanxi.surfaces.models import Mark, MarkKind

SUBJECT = "customers.customer"
Receiver = User | Team | Department


# Shares -------------------------------------------------------------------------------------------
@transaction.atomic
def share_customer(
    customer_id: int,
    *,
    with_user: int | None = None,
    with_team: int | None = None,
    with_department: int | None = None,
    may_write: bool = False,
    until: datetime | None = None,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> Share:
    """Open a customer to a person, team or department; sharing it anew changes the share."""
    customer = _lock(customer_id, actor)
    receiver = find_receiver(with_user, with_team, with_department)
    rules.check_end(until, at)
    if isinstance(receiver, User):
        _check_person(receiver, customer)
    terms = Terms(
        SUBJECT, customer.pk, customer.name, may_write=may_write, until=until, reason=reason
    )
    share = write_share(receiver, terms, actor=actor, at=at)
    if isinstance(receiver, User):  # so that it is among their messages
        Mark.objects.get_or_create(
            user_id=receiver.pk,
            kind=MarkKind.FOLLOW,
            record_key=SUBJECT,
            object_id=customer.pk,
            defaults={"at": at},
        )
    happened = CustomerShared(share.pk, str(receiver), may_write, until)
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at)
    return share


@transaction.atomic
def unshare_customer(share_id: int, *, actor: Actor, at: datetime) -> Share:
    """End a share at once; ending it twice is the same as once."""
    share = get_visible(
        actor, "shares.view", Share.objects.select_for_update(of=("self",)), pk=share_id
    )
    subject = _subject_of(share, actor)
    if share.archived_at is not None:
        return share
    share.archived_at = share.updated_at = at
    share.version += 1
    share.save(update_fields=["archived_at", "updated_at", "version"])
    receiver = share.with_user or share.with_team or share.with_department
    assert receiver is not None  # noqa: S101  the table says so
    bump_access(_concerned(receiver))
    if isinstance(subject, Pool):
        closed = PoolOpened(str(receiver), share.may_write, is_open=False)
        record(closed, subject=subject, actor=actor, at=at)
        return share
    happened = CustomerUnshared(share.pk, str(receiver))
    record(happened, subject=subject, customer_id=subject.pk, actor=actor, at=at)
    return share


def _subject_of(share: Share, actor: Actor) -> Customer | Pool:
    """What is shared, if the actor may end the share: who made it may, and who may share it."""
    if share.subject_type == "customers.pool":
        pool = Pool.objects.get(pk=share.subject_id)
        require(actor, "pools.open", pool)
        return pool
    customer = Customer.objects.get(pk=share.subject_id)
    if share.created_by_id != actor.user_id:
        require(actor, "customers.share", customer)
    return customer


@dataclass(frozen=True)
class Terms:
    """What is shared, and how far."""

    subject_type: str
    subject_id: int
    label: str
    may_write: bool = False
    until: datetime | None = None
    reason: str = ""


def write_share(receiver: Receiver, terms: Terms, *, actor: Actor, at: datetime) -> Share:
    """One open share per record and receiver; whoever it concerns feels it at the next request."""
    open_now = _open_with(receiver, at)
    subject = {"subject_type": terms.subject_type, "subject_id": terms.subject_id}
    share = open_now.filter(**subject).first()
    if share is None:
        rules.check_share_count(open_now.count())
        share = Share(**subject, created_at=at, created_by_id=actor.user_id)
        setattr(share, _place(receiver), receiver)
    share.subject_label, share.reason = terms.label, terms.reason
    share.may_write, share.until, share.updated_at = terms.may_write, terms.until, at
    share.save()
    bump_access(_concerned(receiver))
    return share


def _lock(customer_id: int, actor: Actor) -> Customer:
    rows = Customer.objects.select_for_update(of=("self",))
    return get_allowed(actor, "customers.share", rows, seen_by="customers.view", pk=customer_id)


def find_receiver(*given: int | None) -> Receiver:
    """The one person, team or department that was named."""
    rules.check_receiver(given)
    kinds: tuple[type[User | Team | Department], ...] = (User, Team, Department)
    model, pk = next((m, pk) for m, pk in zip(kinds, given, strict=True) if pk is not None)
    found = model._base_manager.filter(pk=pk, archived_at=None).first()
    if found is None:
        raise RuleViolation("inactive_person", messages.INACTIVE_PERSON, "with_user")
    return found


def _check_person(person: User, customer: Customer) -> None:
    if not person.is_active:
        raise RuleViolation("inactive_person", messages.INACTIVE_PERSON, "with_user")
    if customer.owner_id == person.pk:
        raise RuleViolation("same_owner", messages.OWNER_ALREADY, "with_user")


def _place(receiver: Receiver) -> str:
    return f"with_{type(receiver).__name__.lower()}"


def _open_with(receiver: Receiver, at: datetime) -> models.QuerySet[Share]:
    """The shares with a receiver that have not ended."""
    lasting = models.Q(until=None) | models.Q(until__gt=at)
    mine: dict[str, Any] = {_place(receiver): receiver, "archived_at": None}
    return Share.objects.filter(lasting, **mine)


def _concerned(receiver: Receiver) -> list[int]:
    """The people whose rights a share with this receiver changes."""
    people = User.objects.filter(pk=receiver.pk)
    if isinstance(receiver, Team):
        people = User.objects.filter(teams=receiver)
    if isinstance(receiver, Department):
        people = User.objects.filter(department__path__startswith=receiver.path)
    return list(people.values_list("pk", flat=True))


# Substitutes: hooks of the generic services -------------------------------------------------------
def check_substitution(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Two people and a stretch of time."""

    def now(name: str) -> Any:
        return values.get(name, current.get(name))

    if all(now(name) for name in ("person", "substitute", "starts_at", "until")):
        rules.check_substitution(now("person"), now("substitute"), now("starts_at"), now("until"))
    return values


def substitution_saved(
    made: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """From the next request on the substitute stands in, and whoever did before no longer."""
    del actor, at
    assert isinstance(made, Substitution)  # noqa: S101
    if not made.substitute.is_active:
        raise RuleViolation("inactive_person", messages.INACTIVE_PERSON, "substitute")
    before = (changes.get("substitute") or (None, None))[0]
    bump_access(pk for pk in (made.substitute_id, before) if pk)


def substitution_archived(
    made: models.Model, archived_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """The substitute's rights are read anew."""
    del archived_at, actor, at
    assert isinstance(made, Substitution)  # noqa: S101
    bump_access([made.substitute_id])
