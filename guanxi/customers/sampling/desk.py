"""The entries that wait for a second pair of eyes, on the desk of whoever may look."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from guanxi.customers.sampling.choices import CheckState
from guanxi.customers.sampling.models import EntryCheck
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block

MOST: Final = 6


def to_be_checked(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """What others entered and nobody has compared yet, the oldest month first."""
    del at
    waiting = EntryCheck.objects.filter(state=CheckState.OPEN, archived_at=None)
    rows = visible(actor, "entry_checks.check", waiting).exclude(entered_by_id=actor.user_id or 0)
    found = rows.select_related("customer", "entered_by").order_by("period_on", "pk")[:MOST]
    return {
        "rows": [
            {
                "url": f"/entry-checks/{check.pk}/",
                "name": check.customer.name,
                "is_plain": True,
                "note": check.entered_by.name,
                "when": f"{check.period_on:%Y-%m}",
            }
            for check in found
        ],
        "all_url": f"/entry-checks/?view=&state={CheckState.OPEN}",
    }


declare_block(
    Block(
        "entry-checks",
        _("Entries to be checked"),
        "surfaces/components/desk_rows.html",
        to_be_checked,
        permission="entry_checks.check",
        order=45,
        hides_empty=True,
    )
)
