"""The way from an address to a map: a plain link that only the reader's click follows."""

from urllib.parse import quote

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.kernel.html import format_html
from guanxi.surfaces.listing import Listing, Row
from guanxi.surfaces.templatetags.gx import icon_markup

ADDRESS, PLACE = "address", "place"
"""How a field looks that says where something is, and one that names the area around it."""


def map_url(listing: Listing, row: Row) -> str:
    """The map search for a record's address, where the reader sees the address in clear."""
    address = next((v for v in _clear(listing, row, ADDRESS) if v), "")
    if not address or not settings.MAP_URL:
        return ""
    around = [part for part in _clear(listing, row, PLACE) if part and part not in address]
    return str(settings.MAP_URL).replace("{address}", quote("".join([*around, address]), safe=""))


def _clear(listing: Listing, row: Row, look: str) -> list[str]:
    return [
        str(row.values.get(name) or "").strip()
        for name, field in listing.fields.items()
        if field.look == look and field.is_clear(listing.actor)
    ]


def linked(address: str, url: str) -> SafeString | str:
    """An address that leads to the map; without a map it is the address alone."""
    if not url:
        return address
    return format_html(
        '<a class="on-map" href="{}" target="_blank" rel="noopener noreferrer" title="{}">{}{}</a>',
        url, gettext("Look it up on the map"), address, icon_markup("map", "icon-s"),
    )  # fmt: skip
