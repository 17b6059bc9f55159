"""Writes recurring work down, each round once, and lets it follow the customer's owner."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from guanxi.commitments import messages, recurring, reminders
from guanxi.commitments.choices import OwnerRule, Remind
from guanxi.commitments.models import Cadence, Commitment
from guanxi.commitments.periods import Period
from guanxi.commitments.services import timing
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import Happening, record, record_many
from guanxi.people.services.steps import save_columns
from guanxi.surfaces import search
from guanxi.surfaces.events import RecordChanged, RecordCreated
from guanxi.surfaces.records import get_record_type

AT_ONCE: Final = 500
_KEY: Final = "commitments.commitment"
Values = dict[str, Any]


def check_cadence(values: Values, current: Mapping[str, Any]) -> Values:
    """One in force says which customers; one for a single person says who that is."""
    defaults = {"owner_rule": OwnerRule.CUSTOMER, "every": 1, "is_on": False}
    names = ("condition", "owner_rule", "person", "every", "is_on")
    found = {n: values.get(n, current.get(n, defaults.get(n))) for n in names}
    if found["every"] is None or not 1 <= found["every"] <= 366:
        raise RuleViolation("bad_every", messages.BAD_EVERY, "every")
    if found["is_on"] and not found["condition"]:
        raise RuleViolation("no_condition", messages.WHICH_CUSTOMERS, "condition")
    if found["owner_rule"] == OwnerRule.PERSON and not found["person"]:
        raise RuleViolation("no_person", messages.NO_OWNER, "person")
    return values


def fill_cadence(cadences: Sequence[Any], actor: Actor, at: datetime) -> None:
    """Unless said otherwise rounds begin with the calendar's quarters."""
    del actor
    for cadence in cadences:
        cadence.starts_on = cadence.starts_on or date(at.year, 1, 1)


# What comes round ---------------------------------------------------------------------------------
def write_down_due(
    cadence_id: int, *, actor: Actor, at: datetime, note: Callable[[], None] = lambda: None
) -> int:
    """All work of the present round that is not written down yet; how much that was."""
    written = 0
    while step := _write_step(cadence_id, actor, at):
        written += step
        note()
    return written


@transaction.atomic
def _write_step(cadence_id: int, actor: Actor, at: datetime) -> int:
    """Some of it, while no other worker writes for the same cadence."""
    locked = Cadence.objects.select_for_update(of=("self",)).filter(pk=cadence_id)
    cadence = locked.filter(is_on=True, archived_at=None).first()
    period = recurring.current_period(cadence, at) if cadence else None
    if cadence is None or period is None:
        return 0
    due = recurring.list_due(cadence, at).order_by("pk")
    found = list(due.values_list("pk", "owner_id")[:AT_ONCE])
    rows = [_work(cadence, period, pk, owner_id, at) for pk, owner_id in found]
    if not rows:
        return 0
    insert_rows(rows)
    search.index_records(get_record_type(_KEY), rows, at=at, is_new=True)
    happenings = [Happening(RecordCreated(), row, row.customer_id) for row in rows]
    record_many(happenings, actor=actor, at=at)
    return len(rows)


def _work(
    cadence: Cadence,
    period: Period,
    customer_id: int,
    owner_id: int | None,
    at: datetime,
) -> Commitment:
    due = recurring.due_at(cadence, period)
    of_person = cadence.owner_rule == OwnerRule.PERSON
    return Commitment(
        title=cadence.title,
        details=cadence.details,
        customer_id=customer_id,
        owner_id=(cadence.person_id if of_person else owner_id) or 0,
        due_at=due,
        open_until=due,
        first_due_at=due,
        remind=Remind.NEVER,  # there are many of it: the desk shows them, no bell rings for each
        cadence=cadence,
        period=period.key,
        created_at=at,
        updated_at=at,
    )


# Whose it is --------------------------------------------------------------------------------------
@transaction.atomic
def follow_customer(
    customer_id: int, *, from_user: int | None, to_user: int, actor: Actor, at: datetime
) -> int:
    """What is open goes with the customer: recurring work, and promises of the former owner."""
    waits = Commitment.objects.filter(customer_id=customer_id, open_until__isnull=False)
    recurs = Q(cadence__owner_rule=OwnerRule.CUSTOMER)
    promised = Q(kind="promise", owner_id=from_user or 0)
    rows = waits.filter(recurs | promised).exclude(owner_id=to_user).order_by("pk")
    moved = list(rows.select_for_update(of=("self",)))
    for commitment in moved:
        before = commitment.owner_id
        save_columns(commitment, at, owner_id=to_user)
        happened = RecordChanged(version=commitment.version)
        changes = {"owner": (before, to_user)}
        record(
            happened,
            subject=commitment,
            customer_id=customer_id,
            actor=actor,
            at=at,
            changes=changes,
        )
        timing.hand_over(commitment)
        reminders.remind(commitment, actor, at)
        reminders.tell_owner(commitment, actor, at)
    return len(moved)
