"""Carries an import out, some hundred rows at a time: one code path for preview and for real.

The effects of a chunk, its report and the mark how far the import has got are one transaction,
so that a killed worker repeats no row and loses none (H02).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from guanxi.kernel.access import require
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.sqlite3.waiting import give_way
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.files import stored_path
from guanxi.kernel.jobs import LeaseLost
from guanxi.surfaces.fields import Field
from guanxi.surfaces.importing.drafts import Draft, Form, Outcome, Problem, Reader
from guanxi.surfaces.importing.lookups import References
from guanxi.surfaces.importing.mapping import Choices, check_choices
from guanxi.surfaces.importing.planning import RowPlanner
from guanxi.surfaces.importing.reading import Row, open_table
from guanxi.surfaces.models import Import, ImportChunk
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services.many import (
    Change,
    RowsRefused,
    change_many,
    check_new,
    create_many,
    write_for,
)
from guanxi.surfaces.services.records import Write

CHUNK: Final = 500
#: On SQLite nobody else writes while a chunk is written: it is short, and those who wait go first.
SHORT_CHUNK: Final = 60
KEPT_EXAMPLES: Final = 50
Progress = Callable[[int, int], None]
Clock = Callable[[], datetime]


def choices_of(source: Import) -> Choices:
    """How an import's file is read."""
    return Choices(source.mapping, source.constants, tuple(source.create_missing))


@dataclass
class _Work:
    """One pass over a file: everything that the chunks share."""

    source: Import
    type: RecordType
    actor: Actor
    planner: RowPlanner
    clock: Clock
    commit: bool
    counts: Counter[str] = field(default_factory=Counter)
    along: Counter[str] = field(default_factory=Counter)
    met: set[int] = field(default_factory=set)
    beside: list[tuple[str, Any]] = field(default_factory=list)


def apply_rows(
    source: Import, *, commit: bool, actor: Actor, progress: Progress, clock: Clock
) -> dict[str, int]:
    """Decide every row and, when committing, write what was decided; returns the counts."""
    record_type = get_record_type(source.record_key)
    require(actor, record_type.allows("import"))
    with open_table(stored_path(source.file_id), source.filename) as table:
        choices = choices_of(source)
        check_choices(choices, table.headers, record_type, actor)
        reader = Reader(record_type, choices, table.headers, actor)
        references = References(reader, choices.create_missing)
        planner = RowPlanner(reader, references, baseline=source.baseline_at)
        work = _Work(source, record_type, actor, planner, clock, commit)
        rows = iter(table.rows)
        done = _skip_done(work, rows) if commit else 0
        progress(done, max(source.total_rows, done))
        size = min(CHUNK, SHORT_CHUNK) if connection.vendor == "sqlite" else CHUNK
        while chunk := list(islice(rows, size)):
            drafts = planner.read(chunk)
            _do_chunk(work, drafts, done)
            give_way()
            done += len(chunk)
            progress(done, max(source.total_rows, done))
    return _finish_pass(work, done)


def _skip_done(work: _Work, rows: Iterator[Row]) -> int:
    """Pass over the rows that an interrupted run has done, and remember which records they were."""
    done = work.source.done_rows
    if done:
        work.counts.update(work.source.counts)
        work.along.update(work.source.about.get("along", {}))
        for effects in work.source.chunks.filter(is_preview=False).values_list(
            "effects", flat=True
        ):
            touched = (pk for _line, _outcome, key, pk, _v in effects if key == work.type.key)
            work.planner.own.seen.records.update(touched)
        for _row in islice(rows, done):
            pass
    return done


@transaction.atomic
def _finish_pass(work: _Work, done: int) -> dict[str, int]:
    counts = {outcome.value: work.counts[outcome.value] for outcome in Outcome}
    about = {**work.source.about, "examples": _examples(work), "along": dict(work.along)}
    Import.objects.filter(pk=work.source.pk).update(counts=counts, total_rows=done, about=about)
    work.source.counts, work.source.total_rows, work.source.about = counts, done, about
    return counts


def _examples(work: _Work) -> list[dict[str, Any]]:
    """The first refused rows with their reasons, for the page."""
    chunks = work.source.chunks.filter(is_preview=not work.commit).exclude(problems=[])
    found: list[dict[str, Any]] = []
    for problems in chunks.order_by("position").values_list("problems", flat=True):
        found += problems
        if len(found) >= KEPT_EXAMPLES:
            break
    return found[:KEPT_EXAMPLES]


# One chunk ----------------------------------------------------------------------------------------
def _do_chunk(work: _Work, drafts: Sequence[Draft], position: int) -> None:
    """Decide some rows and write them, as often as needed to leave out those that cannot be."""
    at = work.clock()
    is_decided = not work.commit
    if is_decided:
        work.planner.decide(drafts, at=at)  # Nothing is held while it only looks.
    while True:
        work.beside = []
        try:
            # No savepoints inside: on SQLite each would keep every page as it was before.
            with transaction.atomic():
                if work.commit:
                    _claim(work, position, len(drafts), at)
                if not is_decided:
                    work.planner.decide(drafts, at=at)
                    is_decided = True
                effects = _write(work, drafts, at)
                if not work.commit:
                    raise _Rehearsed
                _note_chunk(work, drafts, position, effects)
        except _Refused as refused:
            for draft, problem in refused.found:
                _drop(draft, problem)
            continue
        except _Rehearsed:
            with transaction.atomic():
                _note_chunk(work, drafts, position, [])
        return


def _note_chunk(
    work: _Work, drafts: Sequence[Draft], position: int, effects: list[list[Any]]
) -> None:
    """Keep what became of the rows, and the counts so far."""
    work.along += _count_along(work)
    work.counts += Counter(draft.outcome.value for draft in drafts if draft.outcome)
    ImportChunk.objects.create(
        source=work.source,
        is_preview=not work.commit,
        position=position,
        effects=effects,
        problems=[_report(draft) for draft in drafts if draft.problems],
    )
    if work.commit:
        about = {**work.source.about, "along": dict(work.along)}
        Import.objects.filter(pk=work.source.pk).update(counts=dict(work.counts), about=about)


def _claim(work: _Work, position: int, count: int, at: datetime) -> None:
    """Move the mark on before the work: where another worker was first, this one stops."""
    taken = Import.objects.filter(pk=work.source.pk, done_rows=position).update(
        done_rows=position + count, updated_at=at
    )
    if not taken:
        raise LeaseLost
    work.source.done_rows = position + count


def _report(draft: Draft) -> dict[str, Any]:
    return {
        "line": draft.line,
        "outcome": draft.outcome.value if draft.outcome else "",
        "problems": [[p.column, p.code, p.message] for p in draft.problems],
    }


def _count_along(work: _Work) -> Counter[str]:
    """The records created beside the rows' own, each once: a preview keeps none of its chunks'."""
    fresh: Counter[str] = Counter()
    for key, mark in work.beside:
        seen = hash((key, mark))
        if seen not in work.met:
            work.met.add(seen)
            fresh[key] += 1
    return fresh


class _Rehearsed(Exception):
    """The preview has seen that it can be written; nothing is kept."""


class _Refused(Exception):
    """Rows that cannot be written after all."""

    def __init__(self, found: Sequence[tuple[Draft, Problem | None]]) -> None:
        super().__init__(len(found))
        self.found = found


def _drop(draft: Draft, problem: Problem | None) -> None:
    if problem is None:
        message = _("This record would lie outside of what you may have.")
        draft.refuse(Outcome.FORBIDDEN, Problem("", "out_of_scope", message))
    else:
        draft.refuse(Outcome.INVALID, problem)


def _writing(
    work: _Work, record_type: RecordType, fields: Mapping[str, Field], at: datetime
) -> Write:
    """A batch of writes; those of a preview are a rehearsal."""
    rehearsal = not work.commit
    return write_for(record_type, fields, actor=work.actor, at=at, is_rehearsal=rehearsal)


def _write(work: _Work, drafts: Sequence[Draft], at: datetime) -> list[list[Any]]:
    fields = work.planner.reader.fields
    write = _writing(work, work.type, fields, at)
    effects = _create_missing(work, drafts, at)
    made = _create(work, write, [d for d in drafts if d.outcome is Outcome.CREATED])
    effects += made
    changed = [d for d in drafts if d.outcome is Outcome.UPDATED and not d.is_left]
    effects += _change(work, write, changed)
    effects += _write_companions(work, drafts, {e[0]: e[3] for e in made}, at)
    left = [d for d in drafts if d.outcome is Outcome.UNCHANGED or d.is_left]
    return effects + [
        [d.line, "unchanged", work.type.key, d.instance.pk, d.instance.version]
        for d in left
        if d.instance is not None
    ]


def _create(work: _Work, write: Write, drafts: Sequence[Draft]) -> list[list[Any]]:
    try:
        instances = create_many(write, [draft.values for draft in drafts])
    except RowsRefused as refused:
        raise _refused(work.planner.reader, drafts, refused) from refused
    return [
        [draft.line, "created", work.type.key, instance.pk, instance.version]
        for draft, instance in zip(drafts, instances, strict=True)
    ]


def _change(work: _Work, write: Write, drafts: Sequence[Draft]) -> list[list[Any]]:
    try:
        change_many(write, [Change(draft.instance, draft.changes) for draft in drafts])
    except RowsRefused as refused:
        for draft in drafts:
            draft.instance.refresh_from_db()
        raise _refused(work.planner.reader, drafts, refused) from refused
    return [
        [draft.line, "updated", work.type.key, draft.instance.pk, draft.instance.version]
        for draft in drafts
    ]


def _refused(form: Form, drafts: Sequence[Draft], refused: RowsRefused) -> _Refused:
    found: list[tuple[Draft, Problem | None]] = []
    for place, violation in refused.reasons.items():
        found.append((drafts[place], _as_problem(form, violation)))
    return _Refused(found)


def _as_problem(form: Form, violation: RuleViolation | None) -> Problem | None:
    if violation is None:
        return None
    first = violation.violations[0]
    return Problem(form.heading_of(first.field), first.code, first.text)


# The record beside a row's own -----------------------------------------------------------------
def _write_companions(
    work: _Work, drafts: Sequence[Draft], made: Mapping[int, Any], at: datetime
) -> list[list[Any]]:
    """Write the contacts that came with their customers, once these have their ids."""
    form = work.planner.reader.companion
    if form is None:
        return []
    write = _writing(work, form.type, form.fields, at)
    pairs = [(d, d.companion) for d in drafts if d.companion and _is_wanted(d)]
    new = [(d, c) for d, c in pairs if c.outcome is Outcome.CREATED]
    for draft, other in new:
        _tie(draft, other, form.back, made)
    try:
        instances = create_many(write, [c.values for _d, c in new])
    except RowsRefused as refused:
        raise _refused(form, [d for d, _c in new], refused) from refused
    changed = [(d, c) for d, c in pairs if c.outcome is Outcome.UPDATED]
    try:
        change_many(write, [Change(c.instance, c.changes) for _d, c in changed])
    except RowsRefused as refused:
        for _draft, other in changed:
            other.instance.refresh_from_db()
        raise _refused(form, [d for d, _c in changed], refused) from refused
    key = form.type.key
    work.beside += [(key, draft.line) for draft, _other in new]
    created = zip(new, instances, strict=True)
    effects = [[d.line, "created", key, i.pk, i.version] for (d, _c), i in created]
    return effects + [
        [d.line, "updated", key, c.instance.pk, c.instance.version] for d, c in changed
    ]


def _tie(draft: Draft, other: Draft, back: str, made: Mapping[int, Any]) -> None:
    waited = other.missing.get(back)
    if waited is None:
        return
    if waited[1] not in made:
        message = _("The row that this one belongs to was not taken.")
        raise _Refused([(draft, Problem("", "no_such_record", message))])
    other.values[back] = made[waited[1]]


# Records that are created along the way -----------------------------------------------------------
def _create_missing(work: _Work, drafts: Sequence[Draft], at: datetime) -> list[list[Any]]:
    """Create the records that rows refer to and that do not exist, each once."""
    effects: list[list[Any]] = []
    names = {n for d in drafts if _is_wanted(d) for n in d.missing}
    for name in names:
        field = work.planner.reader.fields[name]
        waiting = [d for d in drafts if _is_wanted(d) and name in d.missing]
        effects += _restore_referenced(work, field, waiting, at)
        still = [d for d in waiting if name in d.missing]
        effects += _create_referenced(work, field.ref, name, still, at)
    return effects


def _restore_referenced(
    work: _Work, field: Field, drafts: Sequence[Draft], at: datetime
) -> list[list[Any]]:
    """Bring back archived records that rows refer to: an import that was taken back, once more."""
    target, find = get_record_type(field.ref), work.planner.own.references.archived
    gone = {d.missing[field.name]: d for d in reversed(drafts)}
    wanted = {parts: pk for parts in gone if (pk := find(field, dict(parts))) is not None}
    rows = target.in_scope(work.actor, "change").filter(pk__in=wanted.values())
    instances = {row.pk: row for row in rows.exclude(archived_at=None)} if wanted else {}
    write = _writing(work, target, target.all_fields(), at)
    change_many(write, [Change(instance, {}) for instance in instances.values()])
    for draft in drafts:
        pk = wanted.get(draft.missing[field.name])
        if pk is not None and pk in instances:
            del draft.missing[field.name]
            _refer(work, draft, field.name, pk)
    return [
        [gone[parts].line, "updated", target.key, pk, instances[pk].version]
        for parts, pk in wanted.items()
        if pk in instances
    ]


def _is_wanted(draft: Draft) -> bool:
    return draft.outcome in {Outcome.CREATED, Outcome.UPDATED}


def _create_referenced(
    work: _Work, key: str, name: str, drafts: Sequence[Draft], at: datetime
) -> list[list[Any]]:
    target = get_record_type(key)
    write = _writing(work, target, target.all_fields(), at)
    first_by_parts: dict[tuple[Any, ...], Draft] = {}
    for draft in drafts:
        first_by_parts.setdefault(draft.missing[name], draft)
    owners = list(first_by_parts.items())
    values = [_new_values(work, write, dict(parts), draft, name) for parts, draft in owners]
    try:
        instances = create_many(write, values)
    except RowsRefused as refused:
        found: list[tuple[Draft, Problem | None]] = []
        for place, violation in refused.reasons.items():
            parts = owners[place][0]
            problem = _as_problem(work.planner.reader, violation)
            found += [(d, problem) for d in drafts if d.missing[name] == parts]
        raise _Refused(found) from refused
    effects = []
    pks = {}
    for (parts, draft), instance in zip(owners, instances, strict=True):
        pks[parts] = instance.pk
        work.beside.append((key, parts))
        effects.append([draft.line, "created", key, instance.pk, instance.version])
    for draft in drafts:
        _refer(work, draft, name, pks[draft.missing[name]])
    return effects


def _new_values(
    work: _Work, write: Write, parts: dict[str, str], draft: Draft, name: str
) -> dict[str, Any]:
    """What is known of a record that a row only refers to; its name is what it is called there."""
    title = write.type.title_field
    bare = parts.pop("", None)
    parts.setdefault(title, bare or next(iter(parts.values())))
    heading = work.planner.reader.heading_of(name)
    try:
        parsed = {n: write.fields[n].parse(v, actor=work.actor) for n, v in parts.items()}
        return check_new(write, parsed)
    except RuleViolation as error:
        first = error.violations[0]
        raise _Refused([(draft, Problem(heading, first.code, first.text))]) from error


def _refer(work: _Work, draft: Draft, name: str, pk: int) -> None:
    if draft.outcome is Outcome.UPDATED:
        old = work.planner.reader.fields[name].read(draft.instance)
        draft.changes[name] = (old, pk)
    draft.values[name] = pk
