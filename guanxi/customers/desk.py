"""What waits on the desk: whom to contact now, and whom nobody has contacted for long."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor, Reach
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type

MOST: Final = 8
KEY: Final = "customers.customer"
COLUMNS: Final = ("name", "tier", "owner", "next_contact_at", "last_contact_at", "recycle_on")
DUE: Final = {"next_contact_at__lte": "today"}
RECYCLED: Final = {"recycle_on__lte": "next_90_days"}
SILENT: Final = {"tier": "core,potential", "last_contact_at__lt": "last_30_days"}


def due_contacts(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """Customers whose next contact is today or was due before."""
    return _block(actor, at, DUE, "next_contact_at", gettext("Nobody is to be contacted today."))


def recycled_soon(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """Customers that a rule will release to a pool unless somebody follows up."""
    return _block(actor, at, RECYCLED, "recycle_on")


def silent_customers(actor: Actor, at: datetime) -> Mapping[str, Any]:
    """Core and potential customers without talk for thirty days."""
    text = gettext("Every core and potential customer was contacted within 30 days.")
    return _block(actor, at, SILENT, "last_contact_at", text)


def _block(
    actor: Actor, at: datetime, conditions: Mapping[str, str], sort: str, empty: str = ""
) -> Mapping[str, Any]:
    filters = {**({"owner": "me"} if _is_own(actor) else {}), **conditions}
    listing = Listing(get_record_type(KEY), actor, at=at)
    columns = tuple(c for c in COLUMNS if c in listing.fields)
    asked = ListRequest(filters=filters, sort=sort, columns=columns, size=MOST)
    formatter = Formatter(actor, at)
    rows = [_row(listing, row.pk, row.values, sort, formatter) for row in listing.page(asked).rows]
    return {"rows": rows, "empty": empty, "all_url": _url(filters, sort) if rows else ""}


def _is_own(actor: Actor) -> bool:
    """Whether the person looks after customers, rather than after those who do."""
    return actor.reach("customers.view") in {Reach.OWN, Reach.TEAM}


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
        due_contacts,
        permission="customers.view",
        order=10,
    )
)
declare_block(
    Block(
        "silent-customers",
        _("Not contacted for 30 days"),
        "surfaces/components/desk_rows.html",
        silent_customers,
        permission="customers.view",
        order=20,
    )
)
declare_block(
    Block(
        "recycled-soon",
        _("Soon to be recycled"),
        "surfaces/components/desk_rows.html",
        recycled_soon,
        permission="customers.release",
        order=15,
        hides_empty=True,
    )
)
