"""What waits on the desk: whom to contact now, whom nobody has contacted for long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.customers import queries
from guanxi.kernel.actor import Actor
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type

MOST: Final = 8
KEY: Final = "customers.customer"
COLUMNS: Final = ("name", "tier", "owner", "next_contact_at", "last_contact_at", "recycle_on")


@dataclass(frozen=True)
class Wanted:
    """Customers that a block shows: a filter, its order, and what is said when there are none."""

    conditions: Mapping[str, str]
    sort: str
    empty: str | Promise = ""

    def mine(self, actor: Actor, at: datetime) -> Mapping[str, Any]:
        """Those that the person looks after."""
        return _block(actor, at, {"owner": "me", **self.conditions}, self.sort, str(self.empty))

    def department(self, actor: Actor, at: datetime) -> Mapping[str, Any]:
        """Those of all whom the person is responsible for."""
        return _block(actor, at, self.conditions, self.sort, str(self.empty))


DUE: Final = Wanted(
    {"next_contact_at__lte": "today"}, "next_contact_at", _("Nobody is to be contacted today.")
)
RECYCLED: Final = Wanted({"recycle_on__lte": "next_90_days"}, "recycle_on")
SILENT: Final = Wanted(
    {"tier": "core,potential", "last_contact_at__lt": "last_30_days"},
    "last_contact_at",
    _("Every core and potential customer was contacted within 30 days."),
)


def _block(
    actor: Actor, at: datetime, filters: Mapping[str, str], sort: str, empty: str
) -> Mapping[str, Any]:
    listing = Listing(get_record_type(KEY), actor, at=at)
    columns = tuple(c for c in COLUMNS if c in listing.fields)
    asked = ListRequest(filters=filters, sort=sort, columns=columns, size=MOST)
    formatter = Formatter(actor, at)
    rows = [_row(listing, row.pk, row.values, sort, formatter) for row in listing.page(asked).rows]
    return {"rows": rows, "empty": empty, "all_url": _url(filters, sort) if rows else ""}


def _row(
    listing: Listing, pk: int, values: Mapping[str, Any], sort: str, formatter: Formatter
) -> dict[str, Any]:
    moment = values.get(sort)
    owner = values.get("owner")
    return {
        "url": f"/customers/{pk}/",
        "name": values["name"],
        "tier": formatter.html(listing.fields["tier"], values.get("tier")),
        "note": owner["label"] if owner and owner["id"] != formatter.actor.user_id else "",
        "when": _when(moment, sort, formatter),
    }


def _when(moment: date | None, sort: str, formatter: Formatter) -> Any:
    if not isinstance(moment, datetime):
        return moment.isoformat() if moment else ""
    return formatter.due(moment) if sort == "next_contact_at" else formatter.when(moment)


def _url(filters: Mapping[str, str], sort: str) -> str:
    return "/customers/?" + urlencode({"view": "", **filters, "sort": sort})


declare_block(
    Block(
        "due-contacts",
        _("To be contacted"),
        "surfaces/components/desk_rows.html",
        DUE.mine,
        permission="customers.view",
        order=10,
        department=DUE.department,
    )
)
declare_block(
    Block(
        "silent-customers",
        _("Not contacted for 30 days"),
        "surfaces/components/desk_rows.html",
        SILENT.mine,
        permission="customers.view",
        order=20,
        department=SILENT.department,
    )
)
declare_block(
    Block(
        "recycled-soon",
        _("Soon to be recycled"),
        "surfaces/components/desk_rows.html",
        RECYCLED.mine,
        permission="customers.release",
        order=15,
        hides_empty=True,
        department=RECYCLED.department,
    )
)


# Data to fix --------------------------------------------------------------------------------------
def to_be_filled_in(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """One's own customers that lack what their stage asks for, those changed last first."""
    del at
    fields, rows = get_record_type(KEY).declared(), []
    for pk, name, lacking in queries.list_lacking(actor, MOST):
        labels = [str(fields[field].label) for field in lacking]
        note = gettext("lacks %(fields)s") % {"fields": gettext(", ").join(labels[:3])}
        rows.append({"url": f"/customers/{pk}/edit/", "name": name, "note": note})
    return {"rows": rows}


declare_block(
    Block(
        "to-be-filled-in",
        _("Data to fill in"),
        "surfaces/components/desk_rows.html",
        to_be_filled_in,
        permission="customers.change",
        order=30,
        hides_empty=True,
    )
)
