"""The writes of value models and ratings; what computes is in `computing`, for the worker alone."""

from guanxi.segments.services.models import (
    check_group,
    check_indicator,
    check_model,
    follow_indicator,
)
from guanxi.segments.services.ratings import (
    begin_month,
    begin_rating,
    discard_rating,
    settle_rating,
    submit_rating,
)

__all__ = [
    "begin_month",
    "begin_rating",
    "check_group",
    "check_indicator",
    "check_model",
    "discard_rating",
    "follow_indicator",
    "settle_rating",
    "submit_rating",
]
