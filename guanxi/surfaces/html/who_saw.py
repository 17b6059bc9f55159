"""Who saw a customer in the last half year: the question that auditors are asked (M05)."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from guanxi.kernel.audit.queries import Reader, list_readers
from guanxi.surfaces import naming
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, allows, answer, now
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import get_record_type_by_plural

DAYS = 180
MOST_DAYS = 3660


@require_GET
@allows("events.view")
def who_saw(request: HttpRequest) -> HttpResponse:
    """The people who saw something personal of one customer, with how often and when."""
    asked, at = request.GET.get("customer", "").strip()[:40], now()
    days = _days(request.GET.get("days", ""))
    customer_id = _customer(asked)
    formatter = Formatter(actor_of(request), at)
    since = at - timedelta(days=days)
    readers = list_readers(customer_id, since=since) if customer_id else []
    link = {"customer_id": customer_id or "", "at__gte": since.date().isoformat()}
    context = {
        "title": gettext("Who saw a customer"),
        "asked": asked,
        "days": days,
        "customer_id": customer_id,
        "lines": [_line(reader, link, formatter) for reader in readers],
        "all_url": f"/accesses/?{urlencode(link)}",
    }
    return answer(request, "surfaces/who_saw.html", context)


def _days(written: str) -> int:
    days = int(written) if is_number(written) else DAYS
    return min(max(days, 1), MOST_DAYS)


def _customer(asked: str) -> int | None:
    """The id that was asked for, by itself or by the customer's number."""
    if is_number(asked):
        return int(asked)
    kind = get_record_type_by_plural("customers")
    if not asked or kind is None:
        return None
    found = kind.model._base_manager.filter(number__iexact=asked)
    return found.values_list("pk", flat=True).first()


def _line(reader: Reader, link: dict[str, Any], formatter: Formatter) -> dict[str, Any]:
    names = naming.ways_of_access()
    own = {**link, "actor_user_id": reader.user_id} if reader.user_id else link
    return {
        "who": reader.label,
        "count": reader.count,
        "first": formatter.moment(reader.first_at),
        "last": formatter.moment(reader.last_at),
        "ways": [{"name": names.get(way, way), "count": n} for way, n in reader.actions],
        "url": f"/accesses/?{urlencode(own)}",
    }
