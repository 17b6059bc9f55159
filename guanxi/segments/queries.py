"""What is read of ratings: which there are, and what stands in them within the reader's sight."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.segments import rules
from guanxi.segments.choices import SHOWN, RatingState
from guanxi.segments.models import Rating, RfmGroup, Standing


def is_computed(values: Mapping[str, Any]) -> bool:
    """Whether a rating can be submitted."""
    return values.get("state") in rules.MAY_SUBMIT


def is_discardable(values: Mapping[str, Any]) -> bool:
    """Whether a rating can be put aside."""
    return values.get("state") in rules.MAY_DISCARD


def is_in_force(values: Mapping[str, Any]) -> bool:
    """Whether a model is the one by which customers are rated."""
    return bool(values.get("is_on"))


def content_of(rating: Rating) -> dict[str, Any]:
    """What an approver decides upon: the day, the model, and what came out of which facts."""
    return {
        "as_of": rating.as_of,
        "value_model": rating.value_model_id,
        "input_hash": rating.input_hash,
        "result_hash": rating.result_hash,
    }


def standings(actor: Actor, rating: Rating) -> QuerySet[Standing]:
    """The standings of a rating whose customers the reader may see; no total counts another."""
    if rating.state not in SHOWN:
        return Standing.objects.none()
    return visible(actor, "standings.view", Standing.objects.filter(rating=rating))


def shown_ratings() -> QuerySet[Rating]:
    """The ratings with results, newest first."""
    return Rating.objects.filter(state__in=SHOWN).order_by("-as_of", "-pk")


def in_effect_of(customer_id: int) -> QuerySet[Standing]:
    """A customer's standings in ratings that took effect, newest first."""
    rows = Standing.objects.filter(customer_id=customer_id, rating__state=RatingState.IN_EFFECT)
    return rows.select_related("rating").order_by("-rating__as_of", "-pk")


def named_groups() -> list[dict[str, Any]]:
    """The RFM groups in the order in which they are tried."""
    rows = RfmGroup.objects.filter(archived_at=None).order_by("place", "pk")
    return [dict(row) for row in rows.values()]
