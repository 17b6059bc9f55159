"""Reads of commitments that are not plain lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from guanxi.commitments.choices import WAITING, State
from guanxi.commitments.models import Commitment
from guanxi.customers.models import Customer
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor, Reach
from guanxi.people.models import User
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.records import get_record_type, record_types

MOST_COUNTED: Final = 1000


class Waiting(NamedTuple):
    """A commitment that waits, as lists of a few show it."""

    pk: int
    kind: str
    title: str
    state: str
    due_at: datetime
    version: int
    owner_id: int
    owner__name: str
    customer_id: int | None
    customer__name: str | None

    @property
    def is_promise(self) -> bool:
        """Whether a customer waits for it."""
        return self.kind == "promise"

    @property
    def is_untold(self) -> bool:
        """Whether only the customer is still to be told."""
        return self.state == State.UNTOLD

    @property
    def waits(self) -> bool:
        """Whether anything is still to be done."""
        return self.state in WAITING


def waiting(actor: Actor) -> QuerySet[Commitment]:
    """What waits, in the reader's sight, soonest first."""
    rows = Commitment.objects.filter(open_until__isnull=False, archived_at=None)
    return visible(actor, "commitments.view", rows).order_by("open_until", "pk")


def as_waiting(rows: QuerySet[Commitment], most: int) -> list[Waiting]:
    """The first of these rows with what a line needs: one statement."""
    return [Waiting(*row) for row in rows.values_list(*Waiting._fields)[:most]]


def of_mine(actor: Actor) -> QuerySet[Commitment]:
    """What waits for the person."""
    return waiting(actor).filter(owner_id=actor.user_id or 0)


def of_department(actor: Actor) -> QuerySet[Commitment]:
    """What waits for the people whom the person is responsible for."""
    people = people_of(actor)
    return waiting(actor) if people is None else waiting(actor).filter(owner_id__in=people)


def between(actor: Actor, start: datetime, end: datetime, *, is_wide: bool) -> QuerySet[Commitment]:
    """What is or was due in a stretch of time, in order; what was dropped is left out."""
    rows = Commitment.objects.filter(due_at__gte=start, due_at__lt=end, archived_at=None)
    rows = visible(actor, "commitments.view", rows.exclude(state=State.DROPPED))
    if not is_wide:
        rows = rows.filter(owner_id=actor.user_id or 0)
    elif (people := people_of(actor)) is not None:
        rows = rows.filter(owner_id__in=people)
    return rows.order_by("due_at", "pk")


class NextContact(NamedTuple):
    """A customer whom somebody means to contact, as the calendar shows it."""

    pk: int
    name: str
    next_contact_at: datetime
    owner_id: int | None
    owner__name: str | None


def next_contacts(
    actor: Actor, start: datetime, end: datetime, most: int, *, is_wide: bool
) -> list[NextContact]:
    """Whom one means to contact in a stretch of time, or one's people do, in order."""
    wanted = Customer.objects.filter(next_contact_at__gte=start, next_contact_at__lt=end)
    rows = visible(actor, "customers.view", wanted.filter(archived_at=None))
    if not is_wide:
        rows = rows.filter(owner_id=actor.user_id or 0)
    elif (people := people_of(actor)) is not None:
        rows = rows.filter(owner_id__in=people)
    rows = rows.order_by("next_contact_at", "pk")
    return [NextContact(*row) for row in rows.values_list(*NextContact._fields)[:most]]


def people_of(actor: Actor) -> list[int] | None:
    """The people whom the person is responsible for; None when that is everybody."""
    if actor.reach("commitments.view") is Reach.ALL:
        return None
    people = User.objects.filter(department_id__in=sorted(actor.branch_ids))
    return list(people.values_list("pk", flat=True))


def count_late(rows: QuerySet[Commitment], at: datetime) -> str:
    """How many of these are overdue, in words; counted as far as anybody reads it."""
    found = rows.filter(open_until__lt=at).order_by().values("pk")[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED:,}+" if found > MOST_COUNTED else str(found or "")


# Where a commitment came from ---------------------------------------------------------------------
#: What nobody takes work from.
_NO_SOURCES: Final = frozenset({"kernel.event", "kernel.accessentry"})


def source_kinds() -> Mapping[str, str]:
    """The kinds of records that a commitment may come from, by key."""
    return {t.key: str(t.label) for t in record_types() if t.key not in _NO_SOURCES}


def get_source(commitment: Commitment, actor: Actor) -> dict[str, str]:
    """The record that a commitment came from, as far as the reader sees it."""
    try:
        record_type = get_record_type(commitment.source_key)
        rows = record_type.in_scope(actor).filter(pk=commitment.source_id)
        title = next(iter(titles_of(record_type, rows, actor).values()), None)
    except (KeyError, ValueError, TypeError, OverflowError, ValidationError):
        return {}
    if title is None:
        return {}
    url = f"/{record_type.plural}/{commitment.source_id}/"
    return {"label": str(record_type.label), "title": title[:120], "url": url}


# Which verbs fit ----------------------------------------------------------------------------------
def is_open(values: Mapping[str, Any]) -> bool:
    """Whether nothing is done yet."""
    return values.get("state") == State.OPEN


def is_untold(values: Mapping[str, Any]) -> bool:
    """Whether only the customer is still to be told."""
    return values.get("state") == State.UNTOLD


def is_waiting(values: Mapping[str, Any]) -> bool:
    """Whether anything still waits."""
    return values.get("state") in WAITING


def is_not_open(values: Mapping[str, Any]) -> bool:
    """Whether it could be opened again."""
    return values.get("state") != State.OPEN


def list_of_customer(customer_id: int, actor: Actor, most: int) -> Sequence[Waiting]:
    """What waits for a customer, soonest first."""
    return as_waiting(waiting(actor).filter(customer_id=customer_id), most)
