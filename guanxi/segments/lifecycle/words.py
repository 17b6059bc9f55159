"""Stages and what they are due to, as people read them."""

from typing import Final

from django.utils.translation import gettext

from guanxi.customers.choices import Stage
from guanxi.segments.lifecycle import rules
from guanxi.segments.lifecycle.models import ChurnWarning, StageStanding

STAGES: Final = tuple(Stage.choices)


def stage_label(value: str) -> str:
    """The word of a stage."""
    return str(dict(Stage.choices).get(value, value))


def why(row: StageStanding, *, is_clear: bool) -> str:
    """What a stage is due to; purchases and habit are told to who sees order totals."""
    if not row.purchases:
        return gettext("Has not bought yet: the stage is as people set it.")
    if not row.is_ruled:
        return gettext("No rule fits: the stage is as people set it.")
    silence = row.silence or 0
    if not is_clear:
        return gettext("Last bought %(n)s days ago") % {"n": silence}
    said = gettext(
        "Bought on %(purchases)s days, last %(silence)s days ago; usually every %(habit)s days "
        "(%(share)s %%)"
    )
    habit = row.habit or 1
    share = rules.share(silence, habit)
    return said % {
        "purchases": row.purchases,
        "silence": silence,
        "habit": habit,
        "share": share,
    }


def why_warned(warning: ChurnWarning, *, is_clear: bool) -> str:
    """The reason of a warning: silence against the customer's own habit."""
    if not is_clear:
        return gettext("Last bought %(n)s days ago") % {"n": warning.silence}
    said = gettext(
        "Last bought %(silence)s days ago, usually every %(habit)s days: %(times)s times as long"
    )
    return said % {
        "silence": warning.silence,
        "habit": warning.habit,
        "times": f"{warning.silence / warning.habit:.1f}",
    }
