"""A rating's way: begun, submitted, decided, or discarded; each step once."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from guanxi.approvals.choices import RequestState
from guanxi.approvals.services import request_approval
from guanxi.customers.choices import Tier
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import EventBase, record
from guanxi.kernel.jobs import cancel_run, start_run
from guanxi.people.services.steps import save_columns
from guanxi.segments import messages, rules
from guanxi.segments.access import DISCARD, RATE, SUBMIT
from guanxi.segments.choices import RatingState
from guanxi.segments.events import (
    RatingBegun,
    RatingDecided,
    RatingDiscarded,
    RatingSubmitted,
)
from guanxi.segments.metrics import METRICS
from guanxi.segments.models import Rating, ValueModel


def freeze(model: ValueModel) -> dict[str, Any]:
    """A model as a rating keeps it; tiers best first."""
    rows = model.indicators.filter(archived_at=None, metric__in=METRICS).order_by("pk")
    return {
        "name": model.name,
        "version": model.version,
        "months": model.months,
        "currency": model.currency,
        "weighting": model.weighting,
        "judgements": model.judgements,
        "cut_by": model.cut_by,
        "cuts": [[tier, model.cuts[tier]] for tier in Tier.values if tier in model.cuts],
        "lowest": model.lowest,
        "rfm_cuts": model.rfm_cuts,
        "indicators": [
            {
                "key": row.metric,
                "scaling": row.scaling,
                "is_less_better": row.is_less_better,
                "weight": row.weight,
            }
            for row in rows
        ],
    }


def local_day(at: datetime) -> date:
    """The company's day."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def last_month_end(at: datetime) -> date:
    """The last day of the month before."""
    return local_day(at).replace(day=1) - timedelta(days=1)


# Begun --------------------------------------------------------------------------------------------
@atomic_retried
def begin_rating(model_id: int, *, as_of: date | None = None, actor: Actor, at: datetime) -> Rating:
    """Rate all customers by a model in force, at the end of a day or of last month (SEG-3)."""
    rows = ValueModel.objects.filter(archived_at=None)
    model = get_allowed(actor, RATE, rows, seen_by="value_models.view", pk=model_id)
    if not model.is_on:
        raise RuleViolation("no_model", messages.NO_MODEL)
    day = as_of or last_month_end(at)
    if day >= local_day(at):
        raise RuleViolation("future_day", messages.FUTURE_DAY, "as_of")
    return _begin(model, day, actor, at)


@transaction.atomic
def begin_month(*, actor: Actor, at: datetime) -> Rating | None:
    """The rating of last month, once; None when there is one, or no model in force."""
    model = ValueModel.objects.filter(archived_at=None, is_on=True).first()
    day = last_month_end(at)
    if model is None or Rating.objects.filter(as_of=day).exists():
        return None
    if not model.indicators.filter(archived_at=None).exists():
        return None
    return _begin(model, day, actor, at)


def _begin(model: ValueModel, day: date, actor: Actor, at: datetime) -> Rating:
    frozen = freeze(model)
    if not frozen["indicators"]:
        raise RuleViolation("no_indicators", messages.NO_INDICATORS)
    rating = Rating(
        name=day.isoformat(),
        as_of=day,
        value_model=model,
        frozen=frozen,
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():  # of two who begin the same day the index lets one
            insert_rows([rating])
    except IntegrityError as error:
        raise RuleViolation("rated_already", messages.RATED_ALREADY, "as_of") from error
    run = start_run("segments.rate", {"rating": rating.pk}, actor=actor, at=at)
    Rating.objects.filter(pk=rating.pk).update(run_id=run.pk)
    return _note(rating, RatingBegun(day.isoformat(), model.name, model.version), actor, at)


# Submitted and decided ----------------------------------------------------------------------------
@atomic_retried
def submit_rating(rating_id: int, *, reason: str = "", actor: Actor, at: datetime) -> Rating:
    """Ask for the approval of a computed rating; nothing takes effect before."""
    rating = _fetch(rating_id, SUBMIT, actor)
    if rating.state not in rules.MAY_SUBMIT:
        raise RuleViolation("not_computed", messages.NOT_COMPUTED)
    save_columns(rating, at, state=RatingState.REVIEW)
    request_approval(rating, reason=reason, actor=actor, at=at)
    return _note(rating, RatingSubmitted(rating.version), actor, at)


def settle_rating(rating: Rating, outcome: str, actor: Actor, at: datetime) -> None:
    """An approved rating is put in effect in the background; a withdrawn one can come again."""
    state = {
        RequestState.APPROVED: RatingState.APPLYING,
        RequestState.REJECTED: RatingState.REJECTED,
    }.get(RequestState(outcome), RatingState.COMPUTED)
    save_columns(rating, at, state=state)
    if state == RatingState.APPLYING:
        run = start_run("segments.apply", {"rating": rating.pk}, actor=actor, at=at)
        Rating.objects.filter(pk=rating.pk).update(run_id=run.pk)
    _note(rating, RatingDecided(outcome), actor, at)


@atomic_retried
def discard_rating(rating_id: int, *, actor: Actor, at: datetime) -> Rating:
    """Stop a rating, or put one aside, so that its day can be rated anew."""
    rating = _fetch(rating_id, DISCARD, actor)
    if rating.state not in rules.MAY_DISCARD:
        raise RuleViolation("not_discardable", messages.NOT_DISCARDABLE)
    if rating.state == RatingState.COMPUTING and rating.run_id:
        cancel_run(rating.run_id, actor=actor, at=at)
    save_columns(rating, at, state=RatingState.DISCARDED)
    return _note(rating, RatingDiscarded(rating.version), actor, at)


# Steps --------------------------------------------------------------------------------------------
def _fetch(rating_id: int, permission: str, actor: Actor) -> Rating:
    rows = Rating.objects.filter(archived_at=None).select_for_update(of=("self",), no_key=True)
    return get_allowed(actor, permission, rows, seen_by="ratings.view", pk=rating_id)


def _note(rating: Rating, happened: EventBase, actor: Actor, at: datetime) -> Rating:
    record(happened, subject=rating, actor=actor, at=at)
    return rating


def previous_of(rating: Rating) -> Rating | None:
    """The rating in effect before this one's day."""
    rows = Rating.objects.filter(state=RatingState.IN_EFFECT, as_of__lt=rating.as_of)
    return rows.order_by("-as_of", "-pk").first()
