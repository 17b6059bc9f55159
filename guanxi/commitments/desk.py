"""What waits on the desk: to-dos and promises, soonest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.commitments import queries
from guanxi.commitments.lines import line
from guanxi.commitments.models import Commitment
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter

MOST: Final = 10


def mine(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """What the person owes."""
    return {
        **_shown(queries.of_mine(actor), actor, at),
        "empty": gettext("Nothing waits for you."),
        "all_url": "/commitments/?view=&owner=me&sort=open_until",
    }


def of_department(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """What the people owe whom the person is responsible for."""
    return {
        **_shown(queries.of_department(actor), actor, at),
        "empty": gettext("Nothing waits in your department."),
        "all_url": "/commitments/?view=&sort=open_until",
    }


def _shown(rows: QuerySet[Commitment], actor: Actor, at: datetime) -> dict[str, Any]:
    formatter = Formatter(actor, at)
    return {
        "rows": [line(each, formatter) for each in queries.as_waiting(rows, MOST)],
        "late": queries.count_late(rows, at),
    }


declare_block(
    Block(
        "commitments",
        _("To-dos and promises"),
        "commitments/_desk.html",
        mine,
        permission="commitments.view",
        order=8,
        department=of_department,
    )
)
