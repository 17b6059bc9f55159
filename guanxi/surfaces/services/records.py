"""The generic services: every simple record is created, changed and archived here.

The order is always the same: scope and right, typed values, the domain's rules, the row
under its version, related rows, search words, the event, and a last look whether the row
is still in the actor's scope.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import before, get_allowed, require, row_levels
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import (
    BadRequest,
    RuleViolation,
    RuleViolations,
    StaleVersion,
    VersionMissing,
)
from guanxi.kernel.events import record
from guanxi.surfaces import parsing, search
from guanxi.surfaces.events import RecordArchived, RecordChanged, RecordCreated, RecordRestored
from guanxi.surfaces.fields import Field
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services.advancing import require_advance
from guanxi.surfaces.services.numbers import give_number, is_numbered, keep_number
from guanxi.surfaces.services.probing import limited
from guanxi.surfaces.services.reconciling import Merged, Reconciled, Wanted, reconcile

Changes = dict[str, tuple[Any, Any]]


# Parsing ------------------------------------------------------------------------------------------
def parse_values(
    record_type: RecordType,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    fields: Mapping[str, Field] | None = None,
) -> dict[str, Any]:
    """Typed values of the named fields; every bad one is reported together."""
    fields = record_type.all_fields() if fields is None else fields
    values: dict[str, Any] = {}
    wrong: list[RuleViolation] = []
    for name, given in raw.items():
        field = fields.get(name)
        try:
            values[name] = writable(field, name, actor).parse(given, actor=actor)
        except RuleViolation as error:
            wrong.append(error)
    if wrong:
        raise RuleViolations(wrong)
    return values


def writable(field: Field | None, name: str, actor: Actor) -> Field:
    """The field, if there is one that this actor may set."""
    if field is None or not field.is_visible(actor):
        raise RuleViolation("unknown_field", _("There is no such field."), name[:60])
    if field.readonly:
        raise RuleViolation("readonly", _("This field cannot be set."), name)
    if not field.is_clear(actor):
        raise RuleViolation("masked_field", _("You may not change this field."), name)
    return field


@dataclass(frozen=True)
class Write:
    """One write under way: which type, its fields, who, when.

    A rehearsal is taken back: it writes what can be refused, nothing that only follows from it.
    """

    type: RecordType
    fields: Mapping[str, Field]
    actor: Actor
    at: datetime
    is_rehearsal: bool = False


# Create -------------------------------------------------------------------------------------------
@limited
@atomic_retried
def create_record(
    record_type: RecordType,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    fields: Mapping[str, Field] | None = None,
) -> models.Model:
    """Create one record from typed values; the numbers, owner and defaults are filled in.

    Whoever has read the type's fields already hands them on.
    """
    require(actor, record_type.allows("create"))
    fields = record_type.all_fields() if fields is None else fields
    write = Write(record_type, fields, actor, at)
    checked = _check(write, dict(values), {})
    require_filled(write.fields, checked, actor)
    instance: Any = record_type.model()
    assign(instance, write.fields, checked)
    derive(record_type, instance, checked)
    instance.created_at = instance.updated_at = at
    instance.created_by_id = actor.user_id
    fill(write, [instance])
    numbered = is_numbered(write, instance)
    _clean(instance, write.fields, checked_already=["number"] if numbered else [])
    if record_type.hooks.number_prefix:
        give_number(write, instance)  # As late as can be: everybody else's number waits for it.
    _save_new(instance)
    _set_many(instance, write.fields, checked)
    changes = {n: (None, v) for n, v in checked.items() if v not in (None, "", [], False)}
    _finish(write, instance, changes, RecordCreated())
    require(actor, record_type.allows("create"), instance)
    return instance  # type: ignore[no-any-return]


# Change -------------------------------------------------------------------------------------------
def change_record(
    record_type: RecordType,
    pk: int,
    values: Mapping[str, Any],
    *,
    version: int | None,
    actor: Actor,
    at: datetime,
    is_return: bool = False,
) -> models.Model:
    """Change the named fields of one record read at `version`; nothing else is touched.

    A return takes an earlier change back, so what a step forward asks for is not asked again.
    """
    merged = merge_record(
        record_type, pk, values, version=version, actor=actor, at=at, is_return=is_return
    )
    changed: models.Model = merged.instance
    return changed


@limited
@atomic_retried
def merge_record(
    record_type: RecordType,
    pk: int,
    values: Mapping[str, Any],
    *,
    version: int | None,
    actor: Actor,
    at: datetime,
    is_return: bool = False,
) -> Merged:
    """Change one record beside what others changed since `version`; the same field is refused."""
    if version is None:
        raise VersionMissing
    instance = fetch_for(record_type, pk, "change", actor)
    fields = record_type.all_fields()
    write = Write(record_type, fields, _writing(actor, instance, fields, values), at)
    found = _reconciled(write, instance, values, version)
    current = Current(instance, write.fields)
    checked = keep_number(write, _check(write, dict(found.values), current))
    changes = {n: (old, v) for n, v in checked.items() if (old := current[n]) != v}
    if changes:
        _apply(write, instance, changes, actor, is_return=is_return)
    return Merged(instance, found.meanwhile, bool(changes))


def _reconciled(write: Write, instance: Any, values: Mapping[str, Any], version: int) -> Reconciled:
    """The values to be written; who may not set a field learns nothing of what it holds."""
    if version == instance.version:
        return Reconciled(values, {})
    for name in values:
        writable(write.fields.get(name), name, write.actor)
    is_numbered = bool(write.type.hooks.number_prefix)
    meant = {n: v for n, v in values.items() if not (is_numbered and n == "number" and v == "")}
    return reconcile(write.type, instance, Wanted(write.fields, meant, version, write.actor))


def _apply(write: Write, instance: Any, changes: Changes, actor: Actor, *, is_return: bool) -> None:
    """Write the changed fields under the row's version, and what follows from them."""
    values = {n: new for n, (_old, new) in changes.items()}
    current = Current(instance, write.fields)
    require_filled({n: write.fields[n] for n in changes}, values, actor)
    if not is_return:
        require_advance(write.type, write.fields, values, current, actor)
    assign(instance, write.fields, values)
    derived = derive(write.type, instance, values)
    _clean(instance, write.fields)
    columns = columns_of(instance, write.fields, changes) | derived
    update_row(write.type, instance, columns, write.at)
    _set_many(instance, write.fields, values)
    _finish(write, instance, changes, RecordChanged(version=instance.version))
    if not actor.is_system:
        require(actor, write.type.allows("view"), instance)


def _writing(
    actor: Actor, instance: models.Model, fields: Mapping[str, Field], names: Iterable[str]
) -> Actor:
    """The actor as they stand before the record, if a field of a group that it guards is named."""
    guarded = {guard.group for guard in row_levels(type(instance))}
    is_asked = any(n in fields and fields[n].group in guarded for n in names)
    return before(actor, instance) if is_asked else actor


def fetch_for(record_type: RecordType, pk: int, verb: str, actor: Actor) -> Any:
    """Lock and fetch a record for a verb."""
    rows = record_type.model._base_manager.select_for_update(of=("self",), no_key=True)
    seen_by = record_type.allows("view")
    return get_allowed(actor, record_type.allows(verb), rows, seen_by=seen_by, pk=pk)


# Archive ------------------------------------------------------------------------------------------
@atomic_retried
def archive_record(
    record_type: RecordType, pk: int, *, version: int | None, actor: Actor, at: datetime
) -> models.Model:
    """Take a record out of daily lists; nothing is deleted and it can be restored."""
    write = Write(record_type, {}, actor, at)
    archived: models.Model = _set_archived(write, pk, version, is_archived=True)
    return archived


@atomic_retried
def restore_record(
    record_type: RecordType, pk: int, *, version: int | None, actor: Actor, at: datetime
) -> models.Model:
    """Bring an archived record back into daily lists."""
    write = Write(record_type, {}, actor, at)
    restored: models.Model = _set_archived(write, pk, version, is_archived=False)
    return restored


def _set_archived(write: Write, pk: int, version: int | None, *, is_archived: bool) -> Any:
    if version is None:
        raise VersionMissing
    instance = fetch_for(write.type, pk, "archive", write.actor)
    if instance.version != version:
        raise StaleVersion(instance.version)
    if (instance.archived_at is not None) == is_archived:
        return instance
    archived_at = write.at if is_archived else None
    if write.type.hooks.archiving:
        write.type.hooks.archiving(instance, archived_at, write.actor, write.at)
    taken = write.type.model._base_manager.filter(pk=pk, version=version).update(
        archived_at=archived_at, updated_at=write.at, version=F("version") + 1
    )
    if not taken:
        raise StaleVersion(instance.version)
    instance.archived_at, instance.version = archived_at, version + 1
    record(
        RecordArchived(instance.version) if is_archived else RecordRestored(instance.version),
        subject=instance,
        customer_id=customer_of(write.type, instance),
        actor=write.actor,
        at=write.at,
    )
    return instance


# Steps --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Current(Mapping[str, Any]):
    """The record's present values, read only when a rule asks for one."""

    instance: models.Model
    fields: Mapping[str, Field]

    def __getitem__(self, name: str) -> Any:
        return self.fields[name].read(self.instance)

    def __iter__(self) -> Any:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


def _check(write: Write, values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Rights on every field, references in scope, then the domain's own rule."""
    for name, value in values.items():
        field = writable(write.fields.get(name), name, write.actor)
        check_reference(field, value, write.actor)
        check_condition(field, value, write)
    if write.type.hooks.check:
        values = write.type.hooks.check(values, current)
    return values


def check_reference(field: Field, value: Any, actor: Actor) -> None:
    """A foreign id is refused as if it did not exist (A02)."""
    if field.type not in {"ref", "refs"} or not value:
        return
    wanted = {value} if field.type == "ref" else set(value)
    target = get_record_type(field.ref)
    if target.in_scope(actor).filter(pk__in=wanted).count() != len(wanted):
        raise RuleViolation("no_such_record", _("There is no such record."), field.name)


def check_condition(field: Field, value: Any, write: Write) -> None:
    """A stored condition is over fields that its author may filter by (B04)."""
    if field.type != "condition" or not value:
        return
    try:
        Listing(get_record_type(field.ref), write.actor, at=write.at).compile(value)
    except BadRequest as error:
        raise RuleViolation(error.code, error.text, field.name) from error


def require_filled(fields: Mapping[str, Field], values: Mapping[str, Any], actor: Actor) -> None:
    """Refuse when a required field that the actor can fill is empty."""
    missing = [
        RuleViolation("required", _("“%(label)s” is required."), name, label=f.label)
        for name, f in fields.items()
        if f.required
        and not f.readonly
        and f.is_clear(actor)
        and values.get(name) in (None, "", [])
    ]
    if missing:
        raise RuleViolations(missing)


def assign(instance: Any, fields: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    """Put typed values on an instance; many-valued ones follow when it is stored."""
    for name, value in values.items():
        field = fields[name]
        if field.is_custom:
            _assign_custom(instance, field, value)
        elif field.type == "ref":
            setattr(instance, f"{field.path}_id", value)
        elif field.type != "refs":
            setattr(instance, field.path, value)


def _assign_custom(instance: Any, field: Field, value: Any) -> None:
    slug = field.name[2:]
    instance.custom = dict(instance.custom)
    if value in (None, "", []):
        instance.custom.pop(slug, None)
    else:
        instance.custom[slug] = parsing.to_stored(value)


def fill(write: Write, instances: Sequence[models.Model]) -> None:
    """Set the defaults of new records as their domain has them."""
    if write.type.hooks.fill:
        write.type.hooks.fill(instances, write.actor, write.at)


def _clean(
    instance: models.Model, fields: Mapping[str, Field], *, checked_already: Sequence[str] = ()
) -> None:
    """The model's own checks, with messages that never repeat a stored value (B05)."""
    try:
        instance.full_clean(exclude=[*_unchecked(instance), *checked_already])
    except ValidationError as error:
        raise as_violations(error, fields) from error


def _unchecked(instance: models.Model) -> list[str]:
    """Foreign keys were checked in the actor's scope already: no second query each."""
    return [f.name for f in instance._meta.concrete_fields if f.is_relation]


TAKEN = _("Another record already has this value.")


def as_violations(error: ValidationError, fields: Mapping[str, Field]) -> RuleViolation:
    """What a model's own check found, at the fields that people know."""
    by_path = {f.path: n for n, f in fields.items()}
    found = []
    for path, problems in error.error_dict.items():
        for problem in problems:
            code = problem.code or "invalid"
            message = TAKEN if code in {"unique", "unique_together"} else problem.messages[0]
            names = _constraint_field(problem, fields) if path == "__all__" else by_path.get(path)
            found.append(RuleViolation(code, str(message).replace("%", "%%"), names))
    return RuleViolations(found)


def _constraint_field(problem: ValidationError, fields: Mapping[str, Field]) -> str | None:
    named = (problem.params or {}).get("unique_check", ())
    return next((n for n in named if n in fields), None)


def _save_new(instance: models.Model) -> None:
    """Without a savepoint of its own: the caller's transaction ends with the refusal."""
    try:
        insert_rows([instance])
    except IntegrityError as error:
        raise RuleViolation("taken", TAKEN) from error


def derive(record_type: RecordType, instance: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns that follow from the values (sort keys, kinds): set on the row and returned."""
    derived = record_type.hooks.derive(dict(values)) if record_type.hooks.derive else {}
    for column, value in derived.items():
        setattr(instance, column, value)
    return derived


def columns_of(
    instance: Any, fields: Mapping[str, Field], changes: Iterable[str]
) -> dict[str, Any]:
    """The database columns that hold the changed fields, with their new values."""
    columns: dict[str, Any] = {}
    for name in changes:
        field = fields[name]
        if field.is_custom:
            columns["custom"] = instance.custom
        elif field.type == "ref":
            columns[f"{field.path}_id"] = getattr(instance, f"{field.path}_id")
        elif field.type != "refs":
            columns[field.path] = getattr(instance, field.path)
    return columns


def update_row(
    record_type: RecordType, instance: Any, columns: dict[str, Any], at: datetime
) -> None:
    """One conditional update: of two writers from the same version, one row count is zero."""
    rows = record_type.model._base_manager.filter(pk=instance.pk, version=instance.version)
    try:
        with transaction.atomic():
            taken = rows.update(**columns, updated_at=at, version=F("version") + 1)
    except IntegrityError as error:
        raise RuleViolation("taken", TAKEN) from error
    if not taken:
        instance.refresh_from_db()
        raise StaleVersion(instance.version)
    instance.version += 1
    instance.updated_at = at


def _set_many(instance: Any, fields: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if fields[name].type == "refs":
            getattr(instance, fields[name].path).set(value)


def _finish(
    write: Write,
    instance: models.Model,
    changes: Changes,
    happened: RecordCreated | RecordChanged,
) -> None:
    """Domain consequences, search words and the event, all in the same transaction."""
    if write.type.hooks.after:
        moved = write.type.hooks.after(instance, changes, write.actor, write.at)
        changes = {**changes, **(moved or {})}
    if write.type.hooks.settle:
        write.type.hooks.settle([instance], [changes], write.actor, write.at)
    if write.type.hooks.follow:
        write.type.hooks.follow([instance], [changes], write.actor, write.at)
    is_new = isinstance(happened, RecordCreated)
    search.index_record(write.type, instance, at=write.at, is_new=is_new)
    public, personal = split_personal(write.fields, changes)
    record(
        happened,
        subject=instance,
        customer_id=customer_of(write.type, instance),
        actor=write.actor,
        at=write.at,
        changes=public,
        personal=personal,
    )


def split_personal(fields: Mapping[str, Field], changes: Changes) -> tuple[Changes, Changes]:
    """Changes apart into public ones and those that an erasure must be able to blank."""
    personal = {n: c for n, c in changes.items() if n in fields and fields[n].personal}
    return {n: c for n, c in changes.items() if n not in personal}, personal


def customer_of(record_type: RecordType, instance: Any) -> int | None:
    """The customer on whose timeline a record's events belong."""
    if record_type.customer_path == "self":
        return int(instance.pk)
    if not record_type.customer_path:
        return None
    value: Any = instance
    for part in record_type.customer_path.split("__"):
        value = getattr(value, part, None)
    return None if value is None else int(value)
