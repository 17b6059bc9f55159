"""The page of figures: one month of complaints for those who may not read a single one."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from guanxi.complaints.choices import Cause, Satisfaction
from guanxi.complaints.figures import LEAST, share, suppressed
from guanxi.complaints.models import Complaint
from guanxi.surfaces.html.formats import Formatter

#: A customer who complains again within so long complains repeatedly.
AGAIN: Final = timedelta(days=90)


def month_of(written: str, today: date) -> date:
    """The first day of the month asked for, or of the present one."""
    try:
        return date.fromisoformat(f"{written}-01")
    except ValueError:
        return today.replace(day=1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=ZoneInfo(settings.TIME_ZONE))


def read_figures(month: date, formatter: Formatter) -> Mapping[str, Any]:
    """Causes and shares, satisfaction, repeats and cost of the complaints of a month."""
    rows = Complaint.objects.filter(
        received_at__gte=_start(month), received_at__lt=_start(_next(month))
    )
    total = rows.count()
    is_told = total >= LEAST
    cost = rows.aggregate(sum=Sum("cost_minor"))["sum"] or 0
    again = _repeats(rows, month)
    return {
        "month": f"{month:%Y-%m}",
        "before": f"{month - timedelta(days=1):%Y-%m}",
        "after": f"{_next(month):%Y-%m}",
        "total": total if is_told or not total else None,
        "least": LEAST,
        "causes": _shares(rows, "cause", dict(Cause.choices), total) if is_told else [],
        "satisfaction": _shares(rows, "satisfaction", dict(Satisfaction.choices), total)
        if is_told
        else [],
        "again": again if is_told and (again >= LEAST or not again) else None,
        "cost": formatter.money(cost) if is_told else "",
    }


def _shares(
    rows: QuerySet[Complaint], field: str, labels: Mapping[str, Any], total: int
) -> list[dict[str, Any]]:
    found = dict(rows.order_by().values_list(field).annotate(n=Count("pk")))
    counts = suppressed({str(name): count for name, count in found.items()})
    kept = sorted(counts.items(), key=lambda item: -(item[1] or 0))
    return [
        {"label": labels.get(name, ""), "count": count, "share": share(count, total)}
        for name, count in kept
    ]


def _repeats(rows: QuerySet[Complaint], month: date) -> int:
    """The complaints of customers who had complained in the three months before or in this one."""
    since = _start(month) - AGAIN
    known = Complaint.objects.filter(received_at__gte=since, received_at__lt=_start(_next(month)))
    often = known.order_by().values("customer").annotate(n=Count("pk"))
    customers = often.filter(n__gt=1, customer__isnull=False).values("customer")
    return rows.filter(customer__in=customers).count()
