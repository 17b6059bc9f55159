"""What waits on the desk: to-dos and promises, soonest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.commitments import queries
from guanxi.commitments.lines import line
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter

MOST: Final = 10


def mine(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """What the person owes."""
    rows = queries.waiting(actor).filter(owner_id=actor.user_id or 0)
    formatter = Formatter(actor, at)
    return {
        "rows": [line(each, formatter) for each in queries.as_waiting(rows, MOST)],
        "empty": gettext("Nothing waits for you."),
        "all_url": "/commitments/?view=&owner=me&sort=open_until",
    }


declare_block(
    Block(
        "commitments",
        _("To-dos and promises"),
        "commitments/_desk.html",
        mine,
        permission="commitments.view",
        order=8,
    )
)
