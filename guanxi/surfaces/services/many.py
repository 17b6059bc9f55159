"""Creating and changing many records with few statements, under the same rules as one.

Imports stand on this. Values come in checked and with their references resolved; what is left to
the database (a value that is taken, a row outside the actor's scope) is told per row, and then
nothing of the batch is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import ALL, require, scope_of, visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.events import Happening, record_many
from guanxi.kernel.numbering import format_number, keep_above_given, take_numbers
from guanxi.surfaces import search
from guanxi.surfaces.events import RecordArchived, RecordChanged, RecordCreated, RecordRestored
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services.records import (
    TAKEN,
    Changes,
    Write,
    as_violations,
    assign,
    columns_of,
    customer_of,
    derive,
    fill,
    require_filled,
    split_personal,
    update_row,
    writable,
)

BATCH = 200


class RowsRefused(Exception):
    """Rows of a batch that cannot be written, by their place, each with its reason."""

    def __init__(self, reasons: Mapping[int, RuleViolation | None]) -> None:
        super().__init__(len(reasons))
        self.reasons = reasons


def check_new(write: Write, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a record to be created, after rights, the domain's rule and the required."""
    checked = _checked(write, values, {})
    require_filled(write.fields, checked, write.actor)
    return checked


def check_change(
    write: Write, values: Mapping[str, Any], current: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of a record to be changed, after rights and the domain's rule."""
    return _checked(write, values, current)


def _checked(write: Write, values: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    for name in values:
        writable(write.fields.get(name), name, write.actor)
    rule = write.type.hooks.check
    return rule(dict(values), current) if rule else dict(values)


# Create -------------------------------------------------------------------------------------------
@transaction.atomic(savepoint=False)
def create_many(write: Write, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Create records from checked values; raises RowsRefused and keeps none when one cannot be."""
    if not rows:
        return []
    require(write.actor, write.type.allows("create"))
    instances = [_new_instance(write, values) for values in rows]
    fill(write, instances)
    _give_numbers(write, instances)
    _refuse_unclean(write, instances, rows)
    _refuse_taken(write, instances)
    try:
        with transaction.atomic():
            insert_rows(instances)
    except IntegrityError as error:
        _blame(write, rows, error)
    _relate(write, instances, rows)
    changes = [
        {n: (None, v) for n, v in values.items() if v not in (None, "", [], False)}
        for values in rows
    ]
    _conclude(write, instances, changes, [RecordCreated()] * len(rows), is_new=True)
    _refuse_outside(write, "create", instances)
    return instances


def _new_instance(write: Write, values: Mapping[str, Any]) -> Any:
    instance: Any = write.type.model()
    assign(instance, write.fields, values)
    derive(write.type, instance, values)
    instance.created_at = instance.updated_at = write.at
    instance.created_by_id = write.actor.user_id
    return instance


def _give_numbers(write: Write, instances: Sequence[Any]) -> None:
    """Numbers for those that came without; the series never meets those that came with one."""
    prefix = write.type.hooks.number_prefix
    if not prefix:
        return
    keep_above_given(write.type.key, (i.number for i in instances), prefix=prefix)
    without = [instance for instance in instances if not instance.number]
    numbers = take_numbers(write.type.key, len(without)) if without else range(0)
    for instance, number in zip(without, numbers, strict=True):
        instance.number = format_number(number, prefix=prefix)


def _refuse_unclean(
    write: Write, instances: Sequence[Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    reasons: dict[int, RuleViolation | None] = {}
    for place, (instance, values) in enumerate(zip(instances, rows, strict=True)):
        violation = unclean(write, instance, values)
        if violation:
            reasons[place] = violation
    if reasons:
        raise RowsRefused(reasons)


def unclean(write: Write, instance: Any, names: Iterable[str]) -> RuleViolation | None:
    """What the model's own field checks have against the columns that were set."""
    paths = {write.fields[n].path for n in names}
    unset = {f.name for f in instance._meta.concrete_fields if f.name not in paths or f.is_relation}
    try:
        instance.clean_fields(exclude=unset)
    except ValidationError as error:
        return as_violations(error, write.fields)
    return None


def _refuse_taken(write: Write, instances: Sequence[Any]) -> None:
    """Values that must be unique and are not: here, or among the rows that are stored."""
    reasons: dict[int, RuleViolation | None] = {}
    for column in _unique_columns(write.type.model):
        values = {
            place: value
            for place, instance in enumerate(instances)
            if (value := getattr(instance, column)) not in (None, "")
        }
        rows = write.type.model._base_manager.filter(**{f"{column}__in": set(values.values())})
        seen = set(rows.values_list(column, flat=True)) if values else set()
        name = next((n for n, f in write.fields.items() if f.path == column), None)
        for place, value in values.items():
            if value in seen:
                reasons.setdefault(place, RuleViolation("taken", TAKEN, name))
            seen.add(value)
    if reasons:
        raise RowsRefused(reasons)


def _unique_columns(model: type[models.Model]) -> list[str]:
    alone = [f.name for f in model._meta.concrete_fields if f.unique and not f.primary_key]
    together = [
        constraint.fields[0]
        for constraint in model._meta.total_unique_constraints
        if len(constraint.fields) == 1
    ]
    return list(dict.fromkeys(alone + together))


def _blame(write: Write, rows: Sequence[Mapping[str, Any]], error: IntegrityError) -> None:
    """Somebody else was faster: find the row by trying each alone, and keep none."""
    reasons: dict[int, RuleViolation | None] = {}
    for place, values in enumerate(rows):
        instance = _new_instance(write, values)
        fill(write, [instance])
        _give_numbers(write, [instance])
        try:
            with transaction.atomic():
                instance.save(force_insert=True)
        except IntegrityError:
            reasons[place] = RuleViolation("taken", TAKEN)
    if not reasons:
        raise error
    raise RowsRefused(reasons)


def _relate(write: Write, instances: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the many-valued references of new records, a statement per field."""
    names = {n for values in rows for n in values if write.fields[n].type == "refs"}
    for name in names:
        column = write.type.model._meta.get_field(write.fields[name].path)
        through = column.remote_field.through  # type: ignore[union-attr]
        source, target = column.m2m_field_name(), column.m2m_reverse_field_name()  # type: ignore[union-attr]
        through._base_manager.bulk_create(
            [
                through(**{f"{source}_id": instance.pk, f"{target}_id": pk})
                for instance, values in zip(instances, rows, strict=True)
                for pk in values.get(name, [])
            ],
            batch_size=BATCH,
        )


# Change -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """A stored record and what is to become of it: field → (old, new)."""

    instance: Any
    changes: Changes


@transaction.atomic(savepoint=False)
def change_many(write: Write, changes: Sequence[Change]) -> None:
    """Change records as they were read; raises RowsRefused and keeps none when one cannot be."""
    reasons: dict[int, RuleViolation | None] = {}
    # Always in the same order, so that two batches never wait for each other.
    for place, change in sorted(enumerate(changes), key=lambda each: each[1].instance.pk):
        violation = _change_one(write, change)
        if violation:
            reasons[place] = violation
    if reasons:
        raise RowsRefused(reasons)
    instances = [change.instance for change in changes]
    events = [RecordChanged(version=instance.version) for instance in instances]
    _conclude(write, instances, [change.changes for change in changes], events)
    _refuse_outside(write, "view", instances)


def _change_one(write: Write, change: Change) -> RuleViolation | None:
    instance = change.instance
    values = {name: new for name, (_old, new) in change.changes.items()}
    assign(instance, write.fields, values)
    derived = derive(write.type, instance, values)
    violation = unclean(write, instance, values)
    if violation:
        return violation
    columns = columns_of(instance, write.fields, values) | derived
    if instance.archived_at is not None:
        columns["archived_at"] = None
    try:
        update_row(write.type, instance, columns, write.at)
    except RuleViolation as taken:
        return taken
    except StaleVersion:
        message = _("Somebody else was changing this record at the same moment.")
        return RuleViolation("changed_meanwhile", message)
    for name, value in values.items():
        if write.fields[name].type == "refs":
            getattr(instance, write.fields[name].path).set(value)
    return None


# Archive ------------------------------------------------------------------------------------------
@transaction.atomic
def archive_many(write: Write, instances: Sequence[Any]) -> None:
    """Take records out of daily lists; the caller has locked them and checked the right."""
    archiving = write.type.hooks.archiving
    if archiving:
        for instance in instances:
            archiving(instance, write.at, write.actor, write.at)
    rows = write.type.model._base_manager.filter(pk__in=[i.pk for i in instances])
    rows.update(archived_at=write.at, updated_at=write.at, version=F("version") + 1)
    happenings = [
        Happening(RecordArchived(instance.version + 1), instance, customer_of(write.type, instance))
        for instance in instances
    ]
    record_many(happenings, actor=write.actor, at=write.at)


# Both ---------------------------------------------------------------------------------------------
def _conclude(
    write: Write,
    instances: Sequence[Any],
    changes: Sequence[Changes],
    events: Sequence[RecordCreated | RecordChanged],
    *,
    is_new: bool = False,
) -> None:
    """Domain consequences, search words and events, all in the same transaction."""
    after = write.type.hooks.after
    if after:
        changes = [
            {**changed, **(after(instance, changed, write.actor, write.at) or {})}
            for instance, changed in zip(instances, changes, strict=True)
        ]
    if write.type.hooks.settle:
        write.type.hooks.settle(instances, changes, write.actor, write.at)
    if write.is_rehearsal:
        return
    if write.type.hooks.follow:
        write.type.hooks.follow(instances, changes, write.actor, write.at)
    search.index_records(write.type, instances, at=write.at, is_new=is_new)
    happenings = []
    for instance, changed, event in zip(instances, changes, events, strict=True):
        public, personal = split_personal(write.fields, changed)
        customer_id = customer_of(write.type, instance)
        if instance.archived_at is not None:
            happenings.append(Happening(RecordRestored(instance.version), instance, customer_id))
            instance.archived_at = None
        if changed or isinstance(event, RecordCreated):
            happenings.append(Happening(event, instance, customer_id, public, personal))
    record_many(happenings, actor=write.actor, at=write.at)


def _refuse_outside(write: Write, verb: str, instances: Sequence[Any]) -> None:
    """Rows that the actor may not have, or could no longer see: none of the batch is kept."""
    permission = write.type.allows(verb)
    if write.actor.is_system or scope_of(write.actor, permission, write.type.model) is ALL:
        return
    rows = write.type.model._base_manager.filter(pk__in=[i.pk for i in instances])
    inside = set(visible(write.actor, permission, rows).values_list("pk", flat=True))
    outside = {place: None for place, i in enumerate(instances) if i.pk not in inside}
    if outside:
        raise RowsRefused(outside)


def write_for(
    record_type: RecordType,
    fields: Mapping[str, Field],
    *,
    actor: Actor,
    at: datetime,
    is_rehearsal: bool = False,
) -> Write:
    """A batch of writes: which type, its fields, who, when, and whether it is taken back."""
    return Write(record_type, fields, actor, at, is_rehearsal)
