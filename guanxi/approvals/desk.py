"""What waits on the desk: approvals that one can decide now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.approvals.access import DECIDE, sides
from guanxi.approvals.choices import RequestState
from guanxi.approvals.models import Request
from guanxi.approvals.queries import record_keys
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter

_MOST: Final = 8


def waiting_for_me(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """The requests that wait for the person or for whom they stand, longest waiting first."""
    people = [side.user_id for side in sides(actor)]
    found = Request.objects.filter(state=RequestState.OPEN, waiting_for__in=people).distinct()
    formatter, kinds = Formatter(actor, at), record_keys()
    rows = [
        {
            "url": f"/approvals/{each.pk}/",
            "name": each.subject_label,
            "note": f"{kinds.get(each.subject_type, '')} · {each.requester}",
            "when": formatter.when(each.asked_at),
        }
        for each in found.select_related("requester").order_by("asked_at", "pk")[:_MOST]
    ]
    empty = gettext("Nothing waits for your approval.")
    return {"rows": rows, "empty": empty, "all_url": "/approvals/?view=&waiting_for=me"}


declare_block(
    Block(
        "approvals",
        _("Waiting for my approval"),
        "surfaces/components/desk_rows.html",
        waiting_for_me,
        permission=DECIDE,
        order=8,
        hides_empty=True,
    )
)
