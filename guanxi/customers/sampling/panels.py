"""What the page of a check shows: the values as the reader may see them, beside the verdicts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from guanxi.customers.sampling.choices import Verdict
from guanxi.customers.sampling.models import EntryCheck
from guanxi.customers.sampling.services import FIELDS, compared_fields
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import get_record_type


def compared(actor: Actor, check: Model, at: datetime) -> Mapping[str, Any]:
    """Each key value of the customer with what the check says of it."""
    assert isinstance(check, EntryCheck)  # noqa: S101
    listing = Listing(get_record_type("customers.customer"), actor, at=at)
    words = dict(Verdict.choices)
    try:
        values = listing.read(check.customer_id).values
    except NotFound:
        values = {}
    formatter, asked = Formatter(actor, at), compared_fields()
    return {
        "rows": [
            {
                "label": listing.every_field[name].label,
                "value": formatter.html(listing.every_field[name], values.get(name)),
                "verdict": words.get(check.results.get(name, ""), ""),
                "is_wrong": check.results.get(name) == Verdict.WRONG,
            }
            for name in FIELDS
            if name in listing.fields and (name in asked or name in check.results)
        ],
        "url": f"/customers/{check.customer_id}/" if values else "",
    }
