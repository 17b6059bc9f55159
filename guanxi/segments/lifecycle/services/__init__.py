"""The writes of the lifecycle; what computes is in `computing`, for the worker alone."""

from guanxi.segments.lifecycle.rules import check_stage
from guanxi.segments.lifecycle.services.runs import begin_month, discard_run, recount
from guanxi.segments.lifecycle.services.warning import close_warning, take_in_hand

__all__ = ["begin_month", "check_stage", "close_warning", "discard_run", "recount", "take_in_hand"]
