"""What a pack may bring: work that comes round (CUS-7, VIS-7)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.deadlines.rules.dates import add_months
from guanxi.kernel.packs import Values
from guanxi.surfaces.packs import declare_records


def first_round(values: Values, at: datetime) -> Values:
    """What is in force at once begins with the next quarter: time to look at whom it is about."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return {"starts_on": add_months(quarter, 3)} if values["is_on"] else {}


declare_records(
    "cadences",
    "commitments.cadence",
    ("title", "details", "condition", "every", "unit", "due_days", "is_on"),
    order=70,
    first=first_round,
)
