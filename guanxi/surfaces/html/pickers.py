"""Options of references: what a picker finds while one types."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from guanxi.kernel.actor import Actor
from guanxi.surfaces.html.requests import actor_of, needs, now
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import RecordType, get_record_type

MOST = 20


@require_GET
@needs("view")
def options(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Records of this type that match what was typed, newest or by name."""
    listing = Listing(record_type, actor_of(request), at=now())
    title = record_type.title_field
    columns = [title] + (["number"] if "number" in listing.fields and title != "number" else [])
    asked = ListRequest(
        q=request.GET.get("q", "").strip()[:80], columns=tuple(columns), size=MOST,
        filters={"customer": request.GET["customer"]} if _by_customer(request, listing) else {},
    )  # fmt: skip
    rows = listing.page(asked).rows
    found = [_option(row.pk, row.values, title) for row in rows]
    response = JsonResponse({"options": found})
    response["Cache-Control"] = "private, no-store"
    return response


def _by_customer(request: HttpRequest, listing: Listing) -> bool:
    return is_number(request.GET.get("customer", "")) and "customer" in listing.fields


def _option(pk: Any, values: dict[str, Any], title: str) -> dict[str, str]:
    note = str(values.get("number") or "") if title != "number" else ""
    return {"value": str(pk), "label": str(values.get(title) or f"#{pk}"), "note": note}


def reference_label(ref: str, pk: str, actor: Actor) -> dict[str, Any] | None:
    """A referenced record by id as lists show it, if the person sees it."""
    target = get_record_type(ref)
    if not is_number(pk):
        return None
    names = titles_of(target, target.in_scope(actor).filter(pk=pk), actor)
    return next(({"id": int(pk), "label": name} for name in names.values()), None)
