"""What waits on the desk: requests of colleagues about one's customers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.customers.duplicates import queries
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter

_MOST = 8


def asked_of_me(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """The open requests about customers that the person may change."""
    formatter = Formatter(actor, at)
    rows = [
        {
            "url": "/customers/requests/",
            "name": each.customer.name,
            "note": str(each.asker),
            "when": formatter.when(each.asked_at),
        }
        for each in queries.list_asked_of(actor)[:_MOST]
    ]
    empty = gettext("No colleague asks for anything.")
    return {"rows": rows, "empty": empty, "all_url": "/customers/requests/"}


declare_block(
    Block(
        "cooperation",
        _("Asked by colleagues"),
        "surfaces/components/desk_rows.html",
        asked_of_me,
        permission="customers.change",
        order=40,
    )
)
