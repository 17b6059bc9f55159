"""What clocks do over the API beyond the generic addresses: explain themselves."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.deadlines import story
from guanxi.deadlines.models import Clock
from guanxi.kernel.access import get_visible
from guanxi.surfaces.api.components import Schema, nothing_else
from guanxi.surfaces.api.operations import Operation, answer, describes
from guanxi.surfaces.api.views import RecordView


class ClockExplained(RecordView):
    """GET the intervals whose counted part adds up to a clock's target, and its ledger."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}

    def get(self, request: Request, pk: int) -> Response:
        """Open, closed, holiday, make-up and paused, each with what of it counts."""
        del request
        clocks = Clock.objects.select_related("policy")
        clock = get_visible(self.actor, "clocks.view", clocks, pk=pk)
        return Response(story.document_of(story.tell(clock, self.at)))


_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_INTERVAL = nothing_else(
    {
        "from": _MOMENT,
        "to": _MOMENT,
        "kind": {"type": "string"},
        "counted": {"type": "integer"},
        "note": {"type": "string"},
    },
    ("from", "to", "kind", "counted", "note"),
)
_ENTRY = nothing_else(
    {
        "kind": {"type": "string"},
        "occurred_at": _MOMENT,
        "recorded_at": _MOMENT,
        "reason": {"type": "string"},
        "by": {"type": "string"},
    },
    ("kind", "occurred_at", "recorded_at", "reason", "by"),
)
_EXPLAINED: dict[str, Schema] = {
    "phase": {"type": "string"},
    "outcome": {"type": ["string", "null"]},
    "due_at": _MOMENT,
    "due_if_resumed_now": _MOMENT,
    "breached_at": _MOMENT,
    "is_provisional": {"type": "boolean"},
    "is_excused": {"type": "boolean"},
    "measure": {"type": "string"},
    "target": {"type": "integer"},
    "counted": {"type": "integer"},
    "used_percent": {"type": "integer"},
    "is_complete": {"type": "boolean"},
    "intervals": {"type": "array", "items": _INTERVAL},
    "ledger": {"type": "array", "items": _ENTRY},
}


@describes(ClockExplained, "GET")
def _explained(view: ClockExplained) -> Operation:
    return Operation(
        "clocks_explain",
        gettext("Why a deadline is due when it is"),
        "clocks",
        {200: answer(nothing_else(_EXPLAINED, tuple(_EXPLAINED)), gettext("The explanation."))},
        (404,),
        permission=view.permission("GET"),
    )
