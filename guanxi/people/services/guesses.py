"""Wrong passwords of browsers that are known, counted so that none of one moment is lost (E01)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from axes.models import AccessAttempt
from django.db.models import F

#: No address of anybody: these rows count for the browser alone.
_NOWHERE: Final = "0.0.0.0"  # noqa: S104


def count_wrong_password(browser: str, *, at: datetime) -> None:
    """Count one more wrong password of a known browser in one statement."""
    rows = AccessAttempt.objects.filter(username=browser, ip_address=_NOWHERE, user_agent="")
    AccessAttempt.objects.get_or_create(
        username=browser,
        ip_address=_NOWHERE,
        user_agent="",
        defaults={"attempt_time": at, "failures_since_start": 0},
    )
    rows.update(failures_since_start=F("failures_since_start") + 1, attempt_time=at)


def forget_wrong_passwords(browser: str) -> None:
    """A right password ends the count."""
    AccessAttempt.objects.filter(username=browser).delete()
