"""The deadlines of a complaint; the standard pack's policies have the figures (CPL-2/4/5)."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.complaints.models import Complaint
from guanxi.deadlines.declarations import ClockKind, declare_clock


def _handler(complaint: Complaint) -> int | None:
    return complaint.handler_id


def _department(complaint: Complaint) -> int | None:
    return complaint.department_id


def _declare(name: str, label: Promise) -> str:
    kind = ClockKind(
        f"complaints.{name}",
        "complaints.complaint",
        label,
        owner=_handler,
        department=_department,
    )
    return declare_clock(kind).name


#: Green channel: to the first response, and until everything is executed.
RESPOND: Final = _declare("respond", _("Respond (green channel)"))
RESOLVE: Final = _declare("resolve", _("Resolve (green channel)"))
INVESTIGATE: Final = _declare("investigate", _("Investigate"))
REPLY: Final = _declare("reply", _("Answer the complaint"))
VISIT: Final = _declare("visit", _("Follow-up visit"))
FROM_REGISTRATION: Final = (RESPOND, RESOLVE, INVESTIGATE, REPLY)
