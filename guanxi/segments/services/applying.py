"""Puts an approved rating in effect: the customers' tiers follow, a few at a time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from guanxi.customers.models import Customer
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import Happening, record, record_many
from guanxi.segments.choices import RatingState
from guanxi.segments.events import RatingTookEffect, TierMoved
from guanxi.segments.models import Rating, Standing

STEP: Final = 200
Note = Callable[[int], None]


def put_in_effect(rating: Rating, note: Note, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Move every customer that still has the tier it was compared with; the others are kept.

    Killed and begun again it passes over those that were moved already.
    """
    done = {"changed": 0, "failed": 0}
    if rating.state != RatingState.APPLYING:
        return done
    last, passed = 0, 0
    while rows := _next(rating, last):
        done["changed"] += _move(rating, rows, note, passed + len(rows), actor=actor, at=at)
        passed, last = passed + len(rows), rows[-1].pk
    done["failed"] = _kept(rating)
    with transaction.atomic():
        mine = Rating.objects.filter(pk=rating.pk, state=RatingState.APPLYING)
        if mine.update(state=RatingState.IN_EFFECT, effective_at=at, updated_at=at):
            happened = RatingTookEffect(rating.as_of.isoformat())
            record(happened, subject=rating, actor=actor, at=at)
    return done


def _next(rating: Rating, last: int) -> list[Standing]:
    rows = Standing.objects.filter(rating=rating, is_move=True, pk__gt=last)
    return list(rows.order_by("pk").only("customer_id", "tier", "tier_before")[:STEP])


@transaction.atomic
def _move(
    rating: Rating, rows: list[Standing], note: Note, passed: int, *, actor: Actor, at: datetime
) -> int:
    """One step: whose tier somebody changed since the comparison keeps that one."""
    found = {row.customer_id: row for row in rows}
    locked = Customer.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    customers = [
        customer
        for customer in locked.filter(pk__in=found, merged_into=None)
        if customer.tier == found[customer.pk].tier_before
    ]
    for tier in {found[customer.pk].tier for customer in customers}:
        mine = [customer.pk for customer in customers if found[customer.pk].tier == tier]
        Customer.objects.filter(pk__in=mine).update(
            tier=tier, version=F("version") + 1, updated_at=at
        )
    happenings = []
    for customer in customers:
        row = found[customer.pk]
        day, version = rating.as_of.isoformat(), customer.version + 1
        happened = TierMoved(version, rating.pk, day, row.tier_before, row.tier)
        changes = {"tier": (row.tier_before, row.tier)}
        happenings.append(Happening(happened, customer, customer.pk, changes))
    record_many(happenings, actor=actor, at=at)
    note(passed)
    return len(customers)


def _kept(rating: Rating) -> int:
    """How many have another tier than the rating says: set by somebody since."""
    moves = Standing.objects.filter(rating=rating, is_move=True)
    return moves.exclude(customer__tier=F("tier")).count()
