"""What the rules do every night: warn owners, release customers; and taking a night back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from guanxi.customers.models import Customer
from guanxi.customers.pools import candidates, messages
from guanxi.customers.pools.choices import BatchState
from guanxi.customers.pools.events import CustomerReturned, CustomerWarned
from guanxi.customers.pools.models import PoolRule, PoolStay, ReleaseBatch
from guanxi.customers.pools.services.ownership import (
    Entry,
    moved,
    places,
    put_in_pool,
    reindex,
)
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import Happening, record, record_many
from guanxi.kernel.jobs import start_run
from guanxi.kernel.models import Run

STEP = 200
Note = Callable[[int], None]


def rules_in_force() -> list[PoolRule]:
    """The rules that count, in the order in which they were made."""
    rows = PoolRule.objects.filter(is_on=True, archived_at=None, pool__archived_at=None)
    return list(rows.select_related("pool").order_by("pk"))


@transaction.atomic
def begin_night(night: date, *, actor: Actor, at: datetime) -> ReleaseBatch | None:
    """The night's one batch and its run; None when the night has begun already."""
    ReleaseBatch.objects.bulk_create(
        [ReleaseBatch(night=night, created_at=at, updated_at=at)], ignore_conflicts=True
    )
    batch = ReleaseBatch.objects.select_for_update().get(night=night)
    if batch.created_at != at:
        return None
    start_run("pools.recycle", _params(batch), actor=actor, at=at)
    return batch


def recycle(batch: ReleaseBatch, note: Note, *, actor: Actor, at: datetime) -> None:
    """Warn and release by every rule, step by step; killed and begun again it goes on."""
    done = 0
    for rule in rules_in_force():
        while step := _release_step(rule, batch, actor=actor, at=at):
            done += step
            note(done)
        while step := _warn_step(rule, batch, actor=actor, at=at):
            done += step
            note(done)
    _forget_warnings(at)
    ReleaseBatch.objects.filter(pk=batch.pk, state=BatchState.RUNNING).update(
        state=BatchState.DONE, updated_at=at
    )


@transaction.atomic
def _release_step(rule: PoolRule, batch: ReleaseBatch, *, actor: Actor, at: datetime) -> int:
    """Release the next customers; the rule is asked again of each row once it is locked."""
    pks = list(candidates.tonight(rule, at).order_by("pk").values_list("pk", flat=True)[:STEP])
    if not pks:
        return 0
    list(Customer.objects.filter(pk__in=pks).order_by("pk").select_for_update().values_list("pk"))
    still = candidates.tonight(rule, at).filter(pk__in=pks).select_related("owner").order_by("pk")
    found = list(still)
    entry = Entry(rule.pool, candidates.why(rule), rule, batch)
    put_in_pool(found, entry, actor=actor, at=at)
    ReleaseBatch.objects.filter(pk=batch.pk).update(released=F("released") + len(found))
    return len(pks)


@transaction.atomic
def _warn_step(rule: PoolRule, batch: ReleaseBatch, *, actor: Actor, at: datetime) -> int:
    """Tell the next owners; the day of the release is written with the customer."""
    on = at.date() + timedelta(days=rule.warn_days)
    rows = list(candidates.to_warn(rule, at).order_by("pk")[:STEP])
    taken = [
        row
        for row in rows
        if Customer.objects.filter(pk=row.pk, recycle_on=None).update(recycle_on=on)
    ]
    happened = CustomerWarned(rule.pk, candidates.why(rule), on.isoformat())
    record_many([Happening(happened, row, customer_id=row.pk) for row in taken], actor=actor, at=at)
    ReleaseBatch.objects.filter(pk=batch.pk).update(warned=F("warned") + len(taken))
    return len(rows)


def _forget_warnings(at: datetime) -> None:
    """Whoever was followed up, protected or no longer meant is not to be recycled any more."""
    warned = Customer.objects.filter(recycle_on__isnull=False)
    meant = Q(pk__in=[])
    for rule in rules_in_force():
        soon = candidates.matching(rule, at, days_early=rule.warn_days)
        meant |= Q(pk__in=soon.filter(recycle_on__isnull=False).values("pk"))
    warned.exclude(meant).update(recycle_on=None)


# Taking a night back ------------------------------------------------------------------------------
@transaction.atomic
def undo_batch(batch_id: int, *, actor: Actor, at: datetime) -> Run:
    """Give back what a night released, in the background; whoever was claimed since stays."""
    batch = get_allowed(
        actor,
        "releases.undo",
        ReleaseBatch.objects.all(),
        seen_by="releases.view",
        pk=batch_id,
    )
    if batch.state != BatchState.DONE:
        raise RuleViolation("not_done", messages.NOT_DONE)
    ReleaseBatch.objects.filter(pk=batch.pk).update(state=BatchState.UNDONE, updated_at=at)
    return start_run("pools.undo", _params(batch), actor=actor, at=at)


def _params(batch: ReleaseBatch) -> dict[str, str | int]:
    return {"batch": batch.pk, "record_key": "customers.customer"}


def give_back(batch: ReleaseBatch, note: Note, *, actor: Actor, at: datetime) -> list[int]:
    """Return every customer of a batch that still lies there; the others, to be listed."""
    stays = PoolStay.objects.filter(batch=batch).order_by("pk")
    for number, pk in enumerate(stays.filter(ended_at=None).values_list("pk", flat=True), 1):
        _return_one(pk, batch, actor=actor, at=at)
        note(number)
    returned = Q(to_user=F("from_user")) & Q(ended_at__isnull=False)
    return list(stays.exclude(returned).values_list("customer_id", flat=True))


@transaction.atomic
def _return_one(stay_id: int, batch: ReleaseBatch, *, actor: Actor, at: datetime) -> bool:
    stay = PoolStay.objects.select_related("pool", "from_user").get(pk=stay_id)
    owner = stay.from_user
    if owner is None or not owner.is_active:
        return False
    lying = Customer.objects.filter(pk=stay.customer_id, pool=stay.pool, owner=None)
    found = lying.select_for_update(of=("self",)).first()
    if found is None:
        return False
    before = places(found)
    taken = lying.update(
        owner=owner,
        team_id=stay.from_team_id,
        department_id=stay.from_department_id,
        pool=None,
        recycle_on=None,
        owned_since=at,
        version=F("version") + 1,
        updated_at=at,
    )
    if not taken:
        return False
    PoolStay.objects.filter(pk=stay.pk).update(ended_at=at, to_user=owner)
    ReleaseBatch.objects.filter(pk=batch.pk).update(returned=F("returned") + 1)
    customer = Customer.objects.get(pk=stay.customer_id)
    reindex([customer.pk], at)
    happened = CustomerReturned(stay.pool_id, owner.pk, owner.name, batch.pk, customer.version)
    changes = moved(before, customer)
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at, changes=changes)
    return True
