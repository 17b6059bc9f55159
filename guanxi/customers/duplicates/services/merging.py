"""Making two customers one (CUS-12, A04, G10).

Both rows are locked, in the order of their ids, before anything is read; a row that somebody adds
to the one that goes waits for the lock and is then led to the one that stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, models
from django.db.models import Q

from guanxi.customers.duplicates import messages, rules
from guanxi.customers.duplicates.choices import PairState
from guanxi.customers.duplicates.events import CustomersMerged, MergedAway
from guanxi.customers.duplicates.models import DuplicatePair, Merge, MergedRow
from guanxi.customers.duplicates.queries import get_pair
from guanxi.customers.duplicates.references import Reference, references
from guanxi.customers.duplicates.services import keys
from guanxi.customers.models import Customer
from guanxi.customers.services import refresh_totals
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import NotFound, RuleViolation, StaleVersion, VersionMissing
from guanxi.kernel.events import record
from guanxi.kernel.values import to_json
from guanxi.surfaces import search
from guanxi.surfaces.fields import Field
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services.records import (
    Changes,
    assign,
    columns_of,
    derive,
    split_personal,
)

_KEY: Final = "customers.customer"
_UNIQUE: Final = ("credit_code", "external_id")
_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Merging:
    """What is asked: who stays, who goes, at which versions, and whose value of each field."""

    survivor_id: int
    loser_id: int
    survivor_version: int | None
    loser_version: int | None
    picks: Mapping[str, str]


@atomic_retried
def merge_customers(asked: Merging, *, actor: Actor, at: datetime) -> Merge:
    """Make two customers one: values as picked, everything that refers to one now to the other."""
    survivor, loser = _open(asked, actor)
    fields = get_record_type(_KEY).all_fields()
    merge = Merge(
        survivor=survivor,
        loser=loser,
        loser_label=f"{loser.number} {loser.name}"[:160],
        merged_at=at,
        merged_by_id=actor.user_id,
        merged_by_label=actor.label[:150],
        survivor_before=snapshot(survivor),
        loser_before=snapshot(loser),
    )
    values = _picked(survivor, loser, fields, asked.picks, actor)
    changes: Changes = {n: (fields[n].read(survivor), v) for n, v in values.items()}
    _put_aside(loser, survivor, values, at)
    _take_over(survivor, loser, fields, values, at)
    merge.save(force_insert=True)
    moved = _move(merge)
    _settle_pairs(merge)
    _refresh(survivor, loser, at)
    merge.survivor_after = snapshot(survivor)
    merge.save(update_fields=["survivor_after", "pairs"])
    _record(merge, changes, fields, moved, actor=actor, at=at)
    return merge


def _open(asked: Merging, actor: Actor) -> tuple[Customer, Customer]:
    """Both customers, locked and fit to be merged by this person."""
    if asked.survivor_id == asked.loser_id:
        raise RuleViolation("same_customer", messages.SAME_CUSTOMER)
    if asked.survivor_version is None or asked.loser_version is None:
        raise VersionMissing
    lock([asked.survivor_id, asked.loser_id])
    survivor, loser = get_pair(asked.survivor_id, asked.loser_id, actor)
    pairs = ((survivor, asked.survivor_version), (loser, asked.loser_version))
    for customer, version in pairs:
        if customer.version != version:
            raise StaleVersion(customer.version)
    if survivor.archived_at or loser.archived_at:
        raise RuleViolation("archived", messages.ARCHIVED)
    return survivor, loser


def lock(customer_ids: Sequence[int]) -> None:
    """Lock customers in the order of their ids, so that two merges never wait for each other."""
    rows = Customer.objects.filter(pk__in=customer_ids).order_by("pk")
    list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))


def snapshot(customer: Customer) -> dict[str, Any]:
    """Every column of a customer as JSON."""
    return {f.attname: to_json(getattr(customer, f.attname)) for f in columns()}


def columns() -> list[Any]:
    """The columns of a customer but its key."""
    return [f for f in Customer._meta.concrete_fields if not f.primary_key]


# Values -------------------------------------------------------------------------------------------
def _picked(
    survivor: Customer,
    loser: Customer,
    fields: Mapping[str, Field],
    picks: Mapping[str, str],
    actor: Actor,
) -> dict[str, Any]:
    """The values that the survivor takes over; of fields that one may not see, by the rule."""
    is_newer = loser.updated_at > survivor.updated_at
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if field.readonly or field.type == "refs" or name in rules.STAYS:
            continue
        mine, theirs = field.read(survivor), field.read(loser)
        pick = picks.get(name) if field.is_clear(actor) and field.is_visible(actor) else None
        if pick not in {"mine", "theirs"}:
            pick = rules.default_pick(name, mine, theirs, theirs_is_newer=is_newer)
        if pick == "theirs" and mine != theirs:
            values[name] = theirs
    return values


def _put_aside(
    loser: Customer, survivor: Customer, values: Mapping[str, Any], at: datetime
) -> None:
    """The one that goes: out of every list and scope, its own numbers free for the other."""
    freed = {name: None for name in _UNIQUE if name in values}
    Customer.objects.filter(pk=loser.pk).update(
        **freed,
        owner=None,
        team=None,
        department=None,
        pool=None,
        protected_until=None,
        locked_until=None,
        merged_into=survivor,
        archived_at=at,
        updated_at=at,
        version=loser.version + rules.STEP,
    )
    SearchDoc.objects.filter(record_key=_KEY, object_id=loser.pk).delete()
    SearchDoc.objects.filter(customer_id=loser.pk).update(customer_id=survivor.pk)


def _take_over(
    survivor: Customer,
    loser: Customer,
    fields: Mapping[str, Field],
    values: Mapping[str, Any],
    at: datetime,
) -> None:
    """The one that stays: the picked values, its former names, the last talk of both."""
    kind = get_record_type(_KEY)
    assign(survivor, fields, values)
    derived = derive(kind, survivor, values)
    survivor.formerly = rules.formerly(survivor.formerly, loser.number, loser.name, loser.formerly)
    talks = [each.last_contact_at for each in (survivor, loser) if each.last_contact_at]
    survivor.last_contact_at = max(talks, default=None)
    Customer.objects.filter(pk=survivor.pk).update(
        **columns_of(survivor, fields, values),
        **derived,
        formerly=survivor.formerly,
        last_contact_at=survivor.last_contact_at,
        updated_at=at,
        version=survivor.version + rules.STEP,
    )


# Rows ---------------------------------------------------------------------------------------------
def _move(merge: Merge) -> dict[str, int]:
    """Everything that refers to the one that goes; the ledger keeps every row."""
    moved: dict[str, int] = {}
    for reference in references():
        rows = reference.movable(merge.loser_id, merge.survivor_id)
        names = ("pk", "version") if reference.has_version else ("pk",)
        found = [(row[0], row[1] if len(row) > 1 else None) for row in rows.values_list(*names)]
        if not found:
            continue
        point(reference, [pk for pk, _version in found], merge.survivor_id)
        insert_rows([_ledger(merge, reference, pk, version) for pk, version in found])
        moved[reference.label] = moved.get(reference.label, 0) + len(found)
    return moved


def _ledger(merge: Merge, reference: Reference, pk: Any, version: int | None) -> MergedRow:
    return MergedRow(
        merge=merge,
        model=reference.label,
        column=reference.column,
        row_id=str(pk),
        row_version=version,
    )


def point(reference: Reference, ids: Sequence[Any], customer_id: int) -> None:
    """Let rows refer to a customer; nothing else of them changes, their versions neither."""
    for start in range(0, len(ids), _AT_ONCE):
        part = reference.model._base_manager.filter(pk__in=ids[start : start + _AT_ONCE])
        part.update(**{reference.column: customer_id})


def _settle_pairs(merge: Merge) -> None:
    """Pairs of the queue in which the one that goes stands: this one is merged, others lapse."""
    of_loser = Q(low=merge.loser) | Q(high=merge.loser)
    waiting = DuplicatePair.objects.filter(
        of_loser, state__in=[PairState.OPEN, PairState.CONFIRMED]
    )
    merge.pairs = {str(pk): state for pk, state in waiting.values_list("pk", "state")}
    both = Q(low=merge.survivor) | Q(high=merge.survivor)
    rows = DuplicatePair.objects.filter(pk__in=list(merge.pairs))
    rows.filter(both).update(state=PairState.MERGED)
    rows.exclude(both).update(state=PairState.LAPSED)


def _refresh(survivor: Customer, loser: Customer, at: datetime) -> None:
    """What follows from the rows: totals, keys, search words."""
    refresh_totals({survivor.pk, loser.pk})
    keys.rebuild_keys([survivor.pk, loser.pk])
    survivor.refresh_from_db()
    search.index_record(get_record_type(_KEY), survivor, at=at)


def _record(
    merge: Merge,
    changes: Changes,
    fields: Mapping[str, Field],
    moved: dict[str, int],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    public, personal = split_personal(fields, changes)
    survivor, loser = merge.survivor, merge.loser
    record(
        CustomersMerged(merge.pk, loser.pk, merge.loser_label, moved),
        subject=survivor,
        customer_id=survivor.pk,
        actor=actor,
        at=at,
        changes=public,
        personal=personal,
    )
    away = MergedAway(merge.pk, survivor.pk, f"{survivor.number} {survivor.name}")
    record(away, subject=loser, customer_id=loser.pk, actor=actor, at=at)


# Writes meanwhile ---------------------------------------------------------------------------------
def keep_off_merged(
    rows: Sequence[models.Model], changes: Sequence[keys.Changes], actor: Actor, at: datetime
) -> None:
    """Lead what was just given to a customer that is merged to the one that stands for it now."""
    del actor, at
    given = [row for row, each in zip(rows, changes, strict=True) if "customer" in each]
    led = _hold({row.customer_id for row in given})  # type: ignore[attr-defined]
    for row in given if led else ():
        target = led.get(row.customer_id)  # type: ignore[attr-defined]
        if target is not None:
            type(row)._base_manager.filter(pk=row.pk).update(customer_id=target)
            row.customer_id = target  # type: ignore[attr-defined]


def _hold(customer_ids: set[int]) -> dict[int, int]:
    """Which of these customers are merged into which; none will be until the caller commits.

    The database itself looks at a reference no earlier than at the commit: too late for a merge.
    """
    if not customer_ids:
        return {}
    rows = Customer.objects.filter(pk__in=customer_ids).order_by("pk")
    sql, params = rows.values_list("pk", "merged_into_id").query.sql_with_params()
    if connection.vendor == "postgresql":
        sql += " FOR KEY SHARE"
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {pk: into for pk, into in cursor.fetchall() if into is not None}


def refuse_merged(
    customers: Sequence[models.Model], changes: Sequence[keys.Changes], actor: Actor, at: datetime
) -> None:
    """A customer that was merged is changed no more."""
    del changes, actor, at
    if any(getattr(customer, "merged_into_id", None) for customer in customers):
        raise NotFound


def refuse_restore(
    customer: models.Model, archived_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """A customer that was merged comes back by taking the merge back, not otherwise."""
    del archived_at, actor, at
    if getattr(customer, "merged_into_id", None):
        raise RuleViolation("merged_already", messages.MERGED_ALREADY)
