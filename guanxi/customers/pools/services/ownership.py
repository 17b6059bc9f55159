"""Claim, assign, release, protect, lock: who owns a customer, decided by one conditional update."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from guanxi.customers.models import Customer
from guanxi.customers.pools import messages, rules
from guanxi.customers.pools.events import (
    CustomerAssigned,
    CustomerClaimed,
    CustomerLocked,
    CustomerProtected,
    CustomerReleased,
)
from guanxi.customers.pools.models import (
    Pool,
    PoolQuota,
    PoolRule,
    PoolStay,
    PoolView,
    ReleaseBatch,
)
from guanxi.customers.rules import moves
from guanxi.kernel.access import get_allowed, get_visible, visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation, TooMany
from guanxi.kernel.events import record
from guanxi.people.models import User
from guanxi.surfaces import search
from guanxi.surfaces.listing import Row
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import require_unchanged

KIND = "customers.customer"
BELOW = ("customers.customer", "customers.contact")
Moves = dict[str, tuple[int | None, int | None]]
_PLACES = ("owner", "department", "team", "pool")


# Out of a pool ------------------------------------------------------------------------------------
@transaction.atomic
def claim_customer(customer_id: int, *, actor: Actor, at: datetime) -> Customer:
    """Take a customer out of a pool: of all who try at once, one does (CUS-14)."""
    customer, pool = _in_pool(customer_id, "customers.claim", actor)
    taker = User.objects.get(pk=actor.user_id or 0)
    take_quota(taker.pk, "claims", pool.daily_claims, actor=actor, at=at)
    stay = _stay_of(customer)
    if stay is not None and stay.from_user_id == taker.pk:
        rules.check_cooldown(stay.entered_at, pool.cooldown_days, at)
    changes = _take(customer, pool, taker, at)
    happened = CustomerClaimed(pool.pk, pool.name, customer.version)
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at, changes=changes)
    return customer


@transaction.atomic
def assign_customer(
    customer_id: int, *, to_user: int, reason: str = "", actor: Actor, at: datetime
) -> Customer:
    """Give a pool's customer to a colleague; caps hold, the day's claims are not counted."""
    customer, pool = _in_pool(customer_id, "customers.assign", actor)
    taker = User.objects.filter(pk=to_user, is_active=True, archived_at=None).first()
    if taker is None:
        raise RuleViolation("inactive_person", messages.INACTIVE_PERSON, "to_user")
    take_quota(taker.pk, "", None, actor=actor, at=at)
    changes = _take(customer, pool, taker, at)
    happened = CustomerAssigned(pool.pk, pool.name, taker.pk, taker.name, reason, customer.version)
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at, changes=changes)
    return customer


def _in_pool(customer_id: int, permission: str, actor: Actor) -> tuple[Customer, Pool]:
    """A customer in a pool that the actor sees; one that has just left it is said to have."""
    rows = Customer.objects.select_related("pool")
    try:
        customer = get_allowed(actor, permission, rows, seen_by="customers.view", pk=customer_id)
    except NotFound:
        _check_not_gone(customer_id, actor)
        raise
    if customer.pool is None:
        _check_not_gone(customer_id, actor)
        raise RuleViolation("in_no_pool", messages.IN_NO_POOL)
    return customer, customer.pool


def _check_not_gone(customer_id: int, actor: Actor) -> None:
    """Whoever could see it in a pool is told that another was quicker, and nothing more."""
    pools = visible(actor, "pools.view", Pool.objects.all())
    last = PoolStay.objects.filter(customer_id=customer_id).order_by("-pk").first()
    if last is not None and last.ended_at and pools.filter(pk=last.pool_id).exists():
        raise RuleViolation("claimed_already", messages.CLAIMED_ALREADY)


def _take(customer: Customer, pool: Pool, taker: User, at: datetime) -> Moves:
    """The one conditional update that decides who gets a customer, after caps and locks."""
    before = places(customer)
    rules.check_unlocked(customer.locked_until, at)
    _check_caps(customer, pool, taker)
    unlocked = Q(locked_until=None) | Q(locked_until__lte=at)
    free = Customer.objects.filter(
        unlocked, pk=customer.pk, pool=pool, owner=None, archived_at=None
    )
    taken = free.update(
        owner=taker,
        team=None,
        department_id=taker.department_id,
        pool=None,
        recycle_on=None,
        owned_since=at,
        protected_until=at + timedelta(days=pool.protection_days),
        version=F("version") + 1,
        updated_at=at,
    )
    if not taken:
        raise RuleViolation("claimed_already", messages.CLAIMED_ALREADY)
    PoolStay.objects.filter(customer=customer, ended_at=None).update(ended_at=at, to_user=taker)
    customer.refresh_from_db()
    reindex([customer.pk], at)
    return moved(before, customer)


def _check_caps(customer: Customer, pool: Pool, taker: User) -> None:
    """Counted while the taker's quota row is held, so that parallel claims see each other."""
    mine = Customer.objects.filter(owner=taker, archived_at=None)
    if pool.cap is not None:
        rules.check_book(mine.count(), pool.cap, taker.name)
    most = (pool.tier_caps or {}).get(customer.tier)
    if most is not None:
        rules.check_tier(mine.filter(tier=customer.tier).count(), most, taker.name)


def _stay_of(customer: Customer) -> PoolStay | None:
    return PoolStay.objects.filter(customer=customer, ended_at=None).first()


# Quotas -------------------------------------------------------------------------------------------
def take_quota(user_id: int, what: str, most: int | None, *, actor: Actor, at: datetime) -> None:
    """One conditional update on the person's row of the day; holds that row until the commit."""
    day = at.astimezone(ZoneInfo(actor.time_zone)).date()
    PoolQuota.objects.bulk_create([PoolQuota(user_id=user_id, day=day)], ignore_conflicts=True)
    rows = PoolQuota.objects.filter(user_id=user_id, day=day)
    if not what:
        rows.update(claims=F("claims"))
        return
    within = rows if most is None else rows.filter(**{f"{what}__lt": most})
    if within.update(**{what: F(what) + 1}):
        return
    words = messages.NO_CLAIMS_LEFT if what == "claims" else messages.NO_VIEWS_LEFT
    if what == "views":
        raise TooMany(3600, words % {"most": most})
    raise RuleViolation("no_claims_left", words, most=most)


def note_pool_view(row: Row, actor: Actor, at: datetime) -> None:
    """Count a pool's customer that somebody from outside its reach opened, once a day."""
    pool = row.values.get("pool")
    if pool and row.is_opened and actor.user_id is not None:
        _count_view(row, pool["id"], actor.user_id, actor=actor, at=at)


@transaction.atomic
def _count_view(row: Row, pool_id: int, user_id: int, *, actor: Actor, at: datetime) -> None:
    day = at.astimezone(ZoneInfo(actor.time_zone)).date()
    view = {"user_id": user_id, "day": day, "customer_id": row.pk}
    if PoolView.objects.filter(**view).exists():
        return
    most = Pool.objects.values_list("daily_views", flat=True).get(pk=pool_id)
    take_quota(user_id, "views", most, actor=actor, at=at)
    PoolView.objects.bulk_create([PoolView(**view)], ignore_conflicts=True)


# Into a pool --------------------------------------------------------------------------------------
@transaction.atomic
def release_customer(
    customer_id: int, *, pool: int, reason: str, actor: Actor, at: datetime
) -> Customer:
    """Let a customer go: it has no owner any more and lies in a pool."""
    customer = _lock(customer_id, "customers.release", actor)
    if customer.pool_id is not None:
        raise RuleViolation("in_pool_already", messages.IN_POOL_ALREADY)
    rules.check_unlocked(customer.locked_until, at)
    target = get_visible(actor, "pools.view", Pool.objects.filter(archived_at=None), pk=pool)
    put_in_pool([customer], Entry(target, reason), actor=actor, at=at)
    return customer


@dataclass(frozen=True)
class Entry:
    """Which pool customers go to, and why."""

    pool: Pool
    reason: str
    rule: PoolRule | None = None
    batch: ReleaseBatch | None = None


def put_in_pool(customers: list[Customer], entry: Entry, *, actor: Actor, at: datetime) -> None:
    """Take the owner off locked customers, mask their contact data, write down the stay."""
    for customer in customers:
        before, place = customer.owner, places(customer)
        PoolStay.objects.create(
            customer=customer,
            pool=entry.pool,
            batch=entry.batch,
            rule=entry.rule,
            from_user=before,
            from_team_id=customer.team_id,
            from_department_id=customer.department_id,
            entered_at=at,
        )
        customer.owner, customer.team, customer.pool = None, None, entry.pool
        customer.recycle_on = customer.protected_until = None
        customer.version, customer.updated_at = customer.version + 1, at
        customer.save(
            update_fields=[
                "owner", "team", "pool", "recycle_on", "protected_until", "version", "updated_at",
            ]
        )  # fmt: skip
        happened = CustomerReleased(
            pool_id=entry.pool.pk,
            to_label=entry.pool.name,
            from_user_id=before.pk if before else None,
            from_label=before.name if before else "",
            reason=entry.reason,
            rule_id=entry.rule.pk if entry.rule else None,
            batch_id=entry.batch.pk if entry.batch else None,
            version=customer.version,
        )
        record(
            happened, subject=customer, customer_id=customer.pk, actor=actor, at=at,
            changes=moved(place, customer),
        )  # fmt: skip
    reindex([customer.pk for customer in customers], at)


def places(customer: Customer) -> dict[str, int | None]:
    """Whose a customer is and where it lies: the fields that move together."""
    return {name: getattr(customer, f"{name}_id") for name in _PLACES}


def moved(before: dict[str, int | None], customer: Customer) -> Moves:
    """What of these fields moved, for the event: owner and pool, and what went along."""
    after = places(customer)
    return moves(**{name: (before[name], after[name]) for name in _PLACES})


def reindex(customer_ids: list[int], at: datetime) -> None:
    """Words of contact data are only searched while they are not masked."""
    SearchDoc.objects.filter(
        record_key__in=BELOW, customer_id__in=customer_ids, group="contact"
    ).delete()
    for key in BELOW:
        kind = get_record_type(key)
        path = "pk" if kind.customer_path == "self" else kind.customer_path
        rows = kind.model._base_manager.filter(**{f"{path}__in": customer_ids})
        search.index_records(kind, list(rows), at=at)


# Protection and lock ------------------------------------------------------------------------------
@transaction.atomic
def protect_customer(
    customer_id: int,
    *,
    until: datetime | None = None,
    reason: str = "",
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> Customer:
    """Leave a customer with its owner until a day, whatever the rules say; no day ends it."""
    customer = _lock(customer_id, "customers.protect", actor)
    _check_seen(customer, version, {"protected_until": until}, actor)
    rules.check_end(until, at)
    happened = CustomerProtected(until, reason, customer.version + 1)
    return _set_until(customer, "protected_until", until, happened, actor=actor, at=at)


@transaction.atomic
def lock_customer(
    customer_id: int,
    *,
    until: datetime | None = None,
    reason: str = "",
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> Customer:
    """Let nobody claim, assign or release a customer until a day; no day ends it."""
    customer = _lock(customer_id, "customers.lock", actor)
    _check_seen(customer, version, {"locked_until": until}, actor)
    rules.check_end(until, at)
    happened = CustomerLocked(until, reason, customer.version + 1)
    return _set_until(customer, "locked_until", until, happened, actor=actor, at=at)


def _set_until(
    customer: Customer,
    column: str,
    until: datetime | None,
    happened: CustomerProtected | CustomerLocked,
    *,
    actor: Actor,
    at: datetime,
) -> Customer:
    changes = {column: (getattr(customer, column), until)}
    setattr(customer, column, until)
    customer.version, customer.updated_at = customer.version + 1, at
    customer.save(update_fields=[column, "version", "updated_at"])
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at, changes=changes)
    return customer


def _check_seen(
    customer: Customer, version: int | None, wanted: dict[str, datetime | None], actor: Actor
) -> None:
    """Whoever read a record before another one set the same is told what is there now."""
    if version is not None:
        require_unchanged(get_record_type(KIND), customer, wanted, version=version, actor=actor)


def _lock(customer_id: int, permission: str, actor: Actor) -> Customer:
    rows = Customer.objects.select_for_update(of=("self",))
    return get_allowed(actor, permission, rows, seen_by="customers.view", pk=customer_id)
