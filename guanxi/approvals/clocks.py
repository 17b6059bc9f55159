"""The deadline of a step: whoever is asked decides by then."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.approvals.models import Request
from guanxi.deadlines.declarations import ClockKind, declare_clock


def _first_asked(request: Request) -> int | None:
    """One of those who are asked; the others are reminded beside them."""
    return request.waiting_for.order_by("pk").values_list("pk", flat=True).first()


def _department(request: Request) -> int | None:
    return request.department_id


STEP: Final = declare_clock(
    ClockKind(
        "approvals.step",
        "approvals.request",
        _("Decide an approval"),
        owner=_first_asked,
        department=_department,
    )
).name
