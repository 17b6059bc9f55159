"""Security alerts on the desk of those who read the audit trail (B07)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import event_kinds
from guanxi.kernel.models import Event
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.happenings import told

MOST: Final = 8
SHOWN_FOR: Final = timedelta(days=7)


def recent_alerts(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """What was alarming within a week, newest first."""
    kinds = sorted(kind for kind, cls in event_kinds().items() if cls.is_alert)
    recent = Event.objects.filter(kind__in=kinds, at__gt=at - SHOWN_FOR)
    found = visible(actor, "events.view", recent).order_by("-at", "-pk")[:MOST]
    formatter = Formatter(actor, at)
    rows = [_row(event, formatter) for event in found]
    return {"rows": rows, "all_url": ""}


def _row(event: Event, formatter: Formatter) -> dict[str, Any]:
    query = urlencode({"view": "", "kind": event.kind, "actor_user_id": event.actor_user_id or ""})
    return {
        "url": f"/events/?{query}",
        "name": event.who,
        "is_plain": True,
        "note": str(told(event.kind)[0]),
        "when": formatter.when(event.at),
    }


declare_block(
    Block(
        "alerts",
        _("Security alerts"),
        "surfaces/components/desk_rows.html",
        recent_alerts,
        permission="events.view",
        order=5,
        hides_empty=True,
    )
)
