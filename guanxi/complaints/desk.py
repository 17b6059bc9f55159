"""What waits on the desk of those who handle complaints, soonest deadline first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from guanxi.complaints import queries
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter

MOST: Final = 8


def mine(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """The complaints that the person handles."""
    formatter = Formatter(actor, at)
    rows = [
        {
            "url": f"/complaints/{each.pk}/",
            "name": f"{each.number} {each.customer or ''}".strip(),
            "note": each.get_state_display(),
            "when": formatter.due(due) if due else formatter.when(each.received_at),
        }
        for each, due in queries.list_handled(actor, MOST)
    ]
    return {"rows": rows, "all_url": "/complaints/?view=&handler=me"}


declare_block(
    Block(
        "complaints",
        _("My complaints"),
        "surfaces/components/desk_rows.html",
        mine,
        permission="complaints.investigate",
        order=6,
        hides_empty=True,
    )
)
