"""Taking a merge back: everything as it was, but for what was edited since (F09)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext

from guanxi.customers.duplicates import messages, rules
from guanxi.customers.duplicates.choices import PairState
from guanxi.customers.duplicates.events import MergeUndone
from guanxi.customers.duplicates.models import DuplicatePair, Merge
from guanxi.customers.duplicates.references import Reference, get_reference
from guanxi.customers.duplicates.services import keys
from guanxi.customers.duplicates.services.merging import columns, lock, point, snapshot
from guanxi.customers.models import Customer
from guanxi.customers.services import refresh_totals
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.events import record
from guanxi.surfaces import search
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.records import get_record_type, get_record_type_of_model

_KEY: Final = "customers.customer"
_UNIQUE: Final = ("credit_code", "external_id")
_AUTOMATIC: Final = ("version", "updated_at")
_TOTALS: Final = frozenset({"order_count", "total_minor", "last_order_on", "currency"})


@dataclass
class _Undoing:
    """A merge on its way back, and what is kept of what was done since."""

    merge: Merge
    survivor: Customer
    kept: list[str] = field(default_factory=list)
    is_recount_needed: bool = False


@transaction.atomic
def undo_merge(merge_id: int, *, of: int | None = None, actor: Actor, at: datetime) -> Merge:
    """Make two customers of one again, and list what was edited since and therefore kept.

    With `of` the merge must be one into that customer.
    """
    merge = Merge.objects.filter(pk=merge_id).first()
    if merge is None or of not in {None, merge.survivor_id}:
        raise NotFound
    lock([merge.survivor_id, merge.loser_id])
    rows = Customer.objects.all()
    survivor = get_allowed(
        actor, "customers.merge", rows, seen_by="customers.view", pk=merge.survivor_id
    )
    merge.refresh_from_db()  # As it is now that the lock is held.
    _require_undoable(merge, survivor, at)
    work = _Undoing(merge, survivor)
    _move_back(work)
    _reopen_pairs(merge)
    _restore_survivor(work, at)
    loser = _restore_loser(work)
    _refresh(work, loser, at)
    merge.undone_at, merge.undone_by_id, merge.kept = at, actor.user_id, work.kept
    merge.save(update_fields=["undone_at", "undone_by_id", "kept"])
    happened = MergeUndone(merge.pk, loser.pk, merge.loser_label, work.kept)
    record(happened, subject=survivor, customer_id=survivor.pk, actor=actor, at=at)
    return merge


def _require_undoable(merge: Merge, survivor: Customer, at: datetime) -> None:
    if merge.undone_at is not None:
        raise RuleViolation("undone_already", messages.UNDONE_ALREADY)
    if not rules.is_undoable(merge.merged_at, at):
        raise RuleViolation("too_late", messages.NOT_UNDOABLE)
    if survivor.merged_into_id is not None:
        raise RuleViolation("later_merge", messages.LATER_MERGE)


# Rows ---------------------------------------------------------------------------------------------
def _move_back(work: _Undoing) -> None:
    """Every row of the ledger that still refers to the one that stayed."""
    ledger: dict[tuple[str, str], dict[str, int | None]] = {}
    for each in work.merge.rows.order_by("pk"):
        ledger.setdefault((each.model, each.column), {})[each.row_id] = each.row_version
    for (label, column), versions in ledger.items():
        reference = get_reference(label, column)
        present = reference.model._base_manager.in_bulk(list(versions))
        here = [row for row in present.values() if getattr(row, column) == work.merge.survivor_id]
        point(reference, [row.pk for row in here], work.merge.loser_id)
        _move_words(reference, [row.pk for row in here], work.merge.loser_id)
        _note_edited(work, reference, here, versions)
        for row in present.values():
            if getattr(row, column) not in (work.merge.survivor_id, work.merge.loser_id):
                _note(work, gettext("%(what)s “%(name)s” belongs to another customer now"), row)
                work.is_recount_needed = True


def _move_words(reference: Reference, ids: list[Any], customer_id: int) -> None:
    numbers = [pk for pk in ids if isinstance(pk, int)]
    if numbers and reference.is_key:
        docs = SearchDoc.objects.filter(record_key=reference.label, object_id__in=numbers)
        docs.exclude(record_key=_KEY).update(customer_id=customer_id)


def _note_edited(
    work: _Undoing, reference: Reference, rows: Iterable[Any], versions: Mapping[str, int | None]
) -> None:
    for row in rows if reference.has_version else ():
        if row.version != versions[str(row.pk)]:
            _note(work, gettext("%(what)s “%(name)s” was edited since; the edit is kept"), row)
            work.is_recount_needed = True


def _note(work: _Undoing, words: str, row: Any) -> None:
    kind = get_record_type_of_model(type(row))
    what = str(kind.label if kind else row._meta.verbose_name)
    work.kept.append(words % {"what": what, "name": str(row)[:60]})


def _reopen_pairs(merge: Merge) -> None:
    """Pairs that the merge settled wait again."""
    for pk, state in merge.pairs.items():
        rows = DuplicatePair.objects.filter(pk=pk)
        rows.filter(state__in=[PairState.MERGED, PairState.LAPSED]).update(state=state)


# The customers ------------------------------------------------------------------------------------
def _restore_survivor(work: _Undoing, at: datetime) -> None:
    merge, survivor = work.merge, work.survivor
    current, after = snapshot(survivor), dict(merge.survivor_after)
    is_untouched = current["version"] == after["version"]
    compared = {n: v for n, v in after.items() if n not in _AUTOMATIC}
    values, kept = rules.restored(merge.survivor_before, compared, current)
    work.is_recount_needed = work.is_recount_needed or bool(_TOTALS.intersection(kept))
    labels = {f.attname: str(f.verbose_name) for f in columns()}
    for column in (c for c in kept if c not in _TOTALS):
        name = labels.get(column, column.removeprefix("custom."))
        words = gettext("“%(name)s” was edited since; the edit is kept") % {"name": name}
        work.kept.append(words)
    if is_untouched:
        values |= {name: merge.survivor_before[name] for name in _AUTOMATIC}
    else:
        values |= {"version": survivor.version + 1, "updated_at": at}
    _write(survivor, values)


def _restore_loser(work: _Undoing) -> Customer:
    """Nobody could edit it meanwhile; only a number may have been taken."""
    values = dict(work.merge.loser_before)
    for name in _UNIQUE:
        others = Customer.objects.filter(**{name: values[name]}).exclude(pk=work.merge.loser_id)
        if values[name] and others.exists():
            label = str(Customer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            words = gettext("“%(name)s” has been given to another customer since")
            work.kept.append(words % {"name": label})
            values[name] = None
    loser = Customer.objects.get(pk=work.merge.loser_id)
    _write(loser, values)
    return loser


def _write(customer: Customer, values: Mapping[str, Any]) -> None:
    by_name = {f.attname: f for f in columns()}
    typed = {name: by_name[name].to_python(value) for name, value in values.items()}
    Customer.objects.filter(pk=customer.pk).update(**typed)
    customer.refresh_from_db()


def _refresh(work: _Undoing, loser: Customer, at: datetime) -> None:
    survivor = work.survivor
    if work.is_recount_needed:
        refresh_totals({survivor.pk, loser.pk})
    keys.rebuild_keys([survivor.pk, loser.pk])
    for customer in (survivor, loser):
        search.index_record(get_record_type(_KEY), customer, at=at)
