"""For which customers recurring work comes round now: what the next night would write down."""

from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from guanxi.commitments.choices import OwnerRule
from guanxi.commitments.models import Cadence, Commitment
from guanxi.commitments.periods import Period, period_of
from guanxi.customers.models import Customer
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import GuanxiError
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.parsing import END_OF_DAY
from guanxi.surfaces.records import get_record_type

WHO: Final = gettext_noop("recurring work")


def current_period(cadence: Cadence, at: datetime) -> Period | None:
    """The round in which the company's day lies."""
    day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return period_of(cadence.starts_on, cadence.every, cadence.unit, day)


def due_at(cadence: Cadence, period: Period) -> datetime:
    """The end of the working day by which the work of a round is due."""
    on = period.due_on(cadence.due_days)
    return datetime.combine(on, time(END_OF_DAY.hour), ZoneInfo(settings.TIME_ZONE))


def list_matching(cadence: Cadence, at: datetime) -> QuerySet[Customer]:
    """The customers that a cadence is about; without a condition, or one that fails, nobody."""
    rows = Customer.objects.filter(archived_at=None, merged_into=None)
    if not cadence.condition:
        return rows.none()
    listing = Listing(get_record_type("customers.customer"), system_actor(WHO), at=at)
    try:
        return rows.filter(listing.compile(cadence.condition))
    except GuanxiError:  # a field that is no more: it means nobody
        return rows.none()


def list_due(cadence: Cadence, at: datetime) -> QuerySet[Customer]:
    """Those that still lack the work of this round, and have none of an earlier one open.

    Who has no owner waits until somebody looks after them, unless one person does it for all.
    """
    period = current_period(cadence, at)
    rows = list_matching(cadence, at)
    if period is None:
        return rows.none()
    mine = Commitment.objects.filter(cadence=cadence, customer=OuterRef("pk"))
    rows = rows.filter(~Exists(mine.filter(period=period.key)))
    rows = rows.filter(~Exists(mine.filter(open_until__isnull=False)))
    return rows.filter(owner__isnull=False) if cadence.owner_rule == OwnerRule.CUSTOMER else rows
