"""The deadlines that come next on the desk of whoever answers for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from guanxi.deadlines.choices import LIVE
from guanxi.deadlines.clock_queries import of_seen_records
from guanxi.deadlines.declarations import get_kind
from guanxi.deadlines.models import Clock
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter

MOST: Final = 8


def due_next(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """One's own running deadlines, what is due next first."""
    mine = Clock.objects.filter(owner=actor.user_id, phase__in=LIVE).exclude(due_at=None)
    coming = list(mine.order_by("due_at", "id")[: 4 * MOST])
    formatter = Formatter(actor, at)
    rows = [
        {
            "url": f"/clocks/{clock.pk}/",
            "name": clock.subject_label,
            "is_plain": True,
            "note": str(get_kind(clock.kind).label),
            "when": formatter.due(clock.due_at),
        }
        for clock in of_seen_records(coming, actor)[:MOST]
        if clock.due_at
    ]
    return {"rows": rows, "all_url": "/clocks/due/?whose=mine"}


declare_block(
    Block(
        "deadlines",
        _("What is due next"),
        "surfaces/components/desk_rows.html",
        due_next,
        permission="clocks.view",
        order=15,
        hides_empty=True,
    )
)
