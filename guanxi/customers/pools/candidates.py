"""Whom a rule means: the customers that it would warn or release, and why (CUS-14)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from guanxi.customers.choices import Channel
from guanxi.customers.models import Customer, Interaction
from guanxi.customers.pools.choices import Measure
from guanxi.customers.pools.models import PoolRule
from guanxi.kernel.actor import system_actor
from guanxi.kernel.conditions import NOTHING
from guanxi.kernel.errors import GuanxiError
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import get_record_type

KIND = "customers.customer"


def matching(rule: PoolRule, at: datetime, *, days_early: int = 0) -> QuerySet[Customer]:
    """The owned, unprotected, unlocked customers whose days by this rule are over.

    With `days_early` those whose days will be over so many days later.
    """
    free = Q(locked_until=None) | Q(locked_until__lte=at)
    bare = Q(protected_until=None) | Q(protected_until__lte=at)
    owned = Customer.objects.filter(free, bare, archived_at=None, pool=None, owner__isnull=False)
    listing = Listing(get_record_type(KIND), system_actor("pool rules"), at=at)
    cut = at - timedelta(days=rule.days - days_early)
    try:
        return _counted(owned.filter(_condition(rule, listing)), rule, cut, listing)
    except GuanxiError:  # a view that is gone, a field that is no more: it means nobody
        return owned.none()


def _condition(rule: PoolRule, listing: Listing) -> Q:
    """The rule's view and condition together; without any of them nobody."""
    parts: list[Any] = [rule.condition] if rule.condition else []
    if rule.audience:
        parts.append({"field": "segment", "op": "is", "value": rule.audience})
    return listing.compile({"all": parts}) if parts else NOTHING


def _counted(
    rows: QuerySet[Customer], rule: PoolRule, cut: datetime, listing: Listing
) -> QuerySet[Customer]:
    """Those with nothing since the cut; the days begin anew with each owner."""
    if rule.measure == Measure.PAST_DATE:
        past = {"field": rule.date_field, "op": "lt", "value": cut.date().isoformat()}
        return rows.filter(listing.compile(past))
    rows = rows.alias(since=Coalesce(F("owned_since"), F("created_at"))).filter(since__lte=cut)
    if rule.measure == Measure.NO_ORDER:
        return rows.filter(Q(last_order_on=None) | Q(last_order_on__lt=cut.date()))
    if rule.measure == Measure.NO_VISIT:
        visits = Interaction.objects.filter(
            customer=OuterRef("pk"), channel=Channel.FACE, occurred_at__gt=cut, archived_at=None
        )
        return rows.filter(~Exists(visits))
    return rows.filter(Q(last_contact_at=None) | Q(last_contact_at__lte=cut))


def tonight(rule: PoolRule, at: datetime) -> QuerySet[Customer]:
    """Whom the rule would release tonight: their days are over and their owner was warned."""
    due = matching(rule, at)
    if rule.warn_days == 0:
        return due
    return due.filter(recycle_on__lte=at.date())


def to_warn(rule: PoolRule, at: datetime) -> QuerySet[Customer]:
    """Whose owner is to be told now that the rule will soon release them."""
    if rule.warn_days == 0:
        return Customer.objects.none()
    return matching(rule, at, days_early=rule.warn_days).filter(recycle_on=None)


def why(rule: PoolRule) -> str:
    """The rule's reason in words, for previews, warnings and releases."""
    words = {
        Measure.NO_CONTACT: gettext("no follow-up for %(days)s days"),
        Measure.NO_VISIT: gettext("no visit for %(days)s days"),
        Measure.NO_ORDER: gettext("no order for %(days)s days"),
        Measure.PAST_DATE: gettext("%(days)s days after the date"),
    }
    said = words[Measure(rule.measure)] % {"days": rule.days}
    return gettext("%(rule)s: %(why)s") % {"rule": rule.name, "why": said}
