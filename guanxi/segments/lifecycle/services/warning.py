"""The early warning list: who is put on it, who takes whom in hand, and what came of it (SEG-6)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from guanxi.customers.models import Customer
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import Happening, record, record_many
from guanxi.people.services.steps import cleaned, save_columns
from guanxi.segments.lifecycle import messages, rules
from guanxi.segments.lifecycle.access import CLOSE, TAKE
from guanxi.segments.lifecycle.choices import SAID, Outcome, WarningState
from guanxi.segments.lifecycle.events import ChurnClosed, ChurnFollowed, ChurnWarned
from guanxi.segments.lifecycle.models import ChurnWarning, StageRun, StageStanding
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

STEP: Final = 200
_LONGEST: Final = 200
Note = Callable[..., None]


# By the monthly run -------------------------------------------------------------------------------
def warn(run: StageRun, note: Note, *, actor: Actor, at: datetime) -> int:
    """Put on the list who is in a stage that is warned of; twice does no harm.

    Who was on it for the same stage within the time of its effect is not put there again.
    """
    percents = {rule["stage"]: rule["control_percent"] for rule in run.frozen if rule["is_warned"]}
    made, last = 0, 0
    while rows := _to_be_warned(run, list(percents), last):
        last = rows[-1].pk
        made += _warn(run, rows, percents, actor, at)
        note(made)
    return made


def _to_be_warned(run: StageRun, stages: Sequence[str], last: int) -> list[StageStanding]:
    since = run.as_of - timedelta(days=rules.EFFECT_DAYS)
    earlier = ChurnWarning.objects.filter(customer=OuterRef("customer"))
    rows = StageStanding.objects.filter(run=run, stage__in=stages, is_ruled=True, pk__gt=last)
    fresh = rows.exclude(Exists(earlier.filter(stage=OuterRef("stage"), warned_on__gt=since)))
    free = fresh.exclude(Exists(earlier.exclude(state=WarningState.CLOSED)))
    return list(free.order_by("pk")[:STEP])


@transaction.atomic
def _warn(
    run: StageRun, rows: Sequence[StageStanding], percents: Any, actor: Actor, at: datetime
) -> int:
    wanted = Customer.objects.filter(pk__in=[row.customer_id for row in rows], merged_into=None)
    customers = {each.pk: each for each in wanted.filter(stage__in=percents)}
    made = []
    for row in rows:
        customer = customers.get(row.customer_id)
        if customer is None or customer.stage != row.stage:
            continue  # Somebody knows better, or it is another customer's now.
        percent = percents[row.stage]
        made.append(
            ChurnWarning(
                run=run,
                warned_on=run.as_of,
                customer_id=customer.pk,
                owner_id=customer.owner_id,
                stage=row.stage,
                tier=customer.tier,
                silence=row.silence or 0,
                habit=row.habit or 1,
                is_control=rules.is_drawn(run.pk, customer.pk, run.input_hash, percent),
                created_at=at,
                updated_at=at,
            )
        )
    insert_rows(made)
    happened = [Happening(ChurnWarned(each.stage), each, each.customer_id) for each in made]
    record_many(happened, actor=actor, at=at)
    return len(made)


def settle_bought(run: StageRun, *, actor: Actor, at: datetime) -> None:
    """Note who bought again within the time of effect, whoever said what; that closes a warning."""
    since = run.as_of - timedelta(days=rules.EFFECT_DAYS)
    rows = ChurnWarning.objects.filter(
        bought_on=None, warned_on__gte=since, warned_on__lt=run.as_of, archived_at=None
    )
    found = rows.order_by("pk").values_list("pk", "customer_id", "warned_on")
    waiting = list(found)
    for start in range(0, len(waiting), STEP):
        _settle(run, waiting[start : start + STEP], actor, at)


@transaction.atomic
def _settle(
    run: StageRun, waiting: Sequence[tuple[int, int, date]], actor: Actor, at: datetime
) -> None:
    mine = [customer for _pk, customer, _day in waiting]
    rows = StageStanding.objects.filter(run=run, customer_id__in=mine, silence__isnull=False)
    silent = {pk: days or 0 for pk, days in rows.values_list("customer_id", "silence")}
    bought = {}
    for pk, customer, warned_on in waiting:
        last = run.as_of - timedelta(days=silent.get(customer, 10_000))
        if last > warned_on:
            bought[pk] = last
    for warning in ChurnWarning.objects.select_for_update().filter(pk__in=bought).order_by("pk"):
        closed = {"state": WarningState.CLOSED, "outcome": Outcome.BOUGHT}
        save_columns(warning, at, bought_on=bought[warning.pk], **closed)
        happened = ChurnClosed(Outcome.BOUGHT)
        record(happened, subject=warning, customer_id=warning.customer_id, actor=actor, at=at)


# By people ----------------------------------------------------------------------------------------
@atomic_retried
def take_in_hand(
    warning_id: int, *, play: str, due_at: datetime, actor: Actor, at: datetime
) -> ChurnWarning:
    """Take a warning in hand: what is done by when is a commitment of the customer's owner."""
    warning = _fetch(warning_id, TAKE, actor)
    play = cleaned(play, "play", _LONGEST)
    if not play:
        raise RuleViolation("say_play", messages.SAY_PLAY, "play")
    if problem := why_not_follow(actor, warning):
        raise RuleViolation("not_to_follow", problem)
    owner = Customer.objects.filter(pk=warning.customer_id).values_list("owner_id", flat=True)
    values = {
        "title": play,
        "customer": warning.customer_id,
        "owner": owner.first() or actor.user_id,
        "due_at": due_at,
        "source_key": "segments.churnwarning",
        "source_id": str(warning.pk),
    }
    kind = get_record_type("commitments.commitment")
    commitment = create_record(kind, values, actor=actor, at=at)
    save_columns(warning, at, state=WarningState.FOLLOWED, play=play)
    happened = ChurnFollowed(warning.version, play, commitment.pk)
    record(happened, subject=warning, customer_id=warning.customer_id, actor=actor, at=at)
    return warning


@atomic_retried
def close_warning(
    warning_id: int, *, outcome: str, note: str = "", actor: Actor, at: datetime
) -> ChurnWarning:
    """Say what came of it; that a customer bought again is found in the orders alone."""
    warning = _fetch(warning_id, CLOSE, actor)
    if warning.state == WarningState.CLOSED:
        raise RuleViolation("warning_closed", messages.CLOSED)
    if outcome not in SAID:
        raise RuleViolation("not_said", messages.NOT_SAID, "outcome")
    note = cleaned(note, "note", _LONGEST)
    save_columns(warning, at, state=WarningState.CLOSED, outcome=outcome, note=note)
    happened = ChurnClosed(outcome, note)
    record(happened, subject=warning, customer_id=warning.customer_id, actor=actor, at=at)
    return warning


def why_not_follow(actor: Actor, warning: Any) -> Any:
    """Why a warning cannot be taken in hand; None when it can."""
    del actor
    if warning.is_control:
        return messages.LEFT_ALONE
    known = {WarningState.CLOSED: messages.CLOSED, WarningState.FOLLOWED: messages.IN_HAND}
    return known.get(warning.state)


def _fetch(warning_id: int, permission: str, actor: Actor) -> ChurnWarning:
    rows = ChurnWarning.objects.filter(archived_at=None)
    locked = rows.select_for_update(of=("self",), no_key=True)
    found: ChurnWarning = get_allowed(
        actor, permission, locked, seen_by="churn_warnings.view", pk=warning_id
    )
    return found
