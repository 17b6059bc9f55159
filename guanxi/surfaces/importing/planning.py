"""Decides for every row what becomes of it; the same code for the preview and for the import.

Reads only. What it decides (create, change, leave, refuse, with the reasons) is carried out by
the services, in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access import ALL, scope_of
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.text import skeleton
from guanxi.surfaces.importing.drafts import Draft, Form, Outcome, Problem, Reader
from guanxi.surfaces.importing.lookups import References, existing, key_names, key_of
from guanxi.surfaces.importing.mapping import key_only
from guanxi.surfaces.importing.tables import Row
from guanxi.surfaces.services.advancing import require_advance
from guanxi.surfaces.services.many import check_change, check_new, write_for
from guanxi.surfaces.services.reconciling import Wanted, reconcile, version_at
from guanxi.surfaces.services.records import Current, Write


@dataclass
class Seen:
    """What earlier rows of the same file were about."""

    keys: set[int] = field(default_factory=set)
    lines: dict[int, int] = field(default_factory=dict)
    shapes: set[int] = field(default_factory=set)
    records: set[int] = field(default_factory=set)


class Planner:
    """Knows one import's columns, rights and earlier rows; asked chunk by chunk."""

    def __init__(self, form: Form, references: References, *, baseline: datetime | None) -> None:
        self.form, self.references = form, references
        self.type, self.actor = form.type, form.actor
        self.baseline = baseline
        self.key_only = key_only(form.type)
        self.seen = Seen()

    def decide(self, drafts: Sequence[Draft], *, at: datetime) -> None:
        """Give every draft its outcome, or leave its reason."""
        write = write_for(self.type, self.form.fields, actor=self.actor, at=at)
        self.references.resolve([d for d in drafts if d.is_open])
        waiting = [d for d in drafts if d.is_open]
        self.seen.lines.clear()
        for draft in waiting:
            draft.key = key_of(draft, key_names(self.form, draft))
        found = existing(self.form, waiting)
        rights = _Rights(self, [i for group in found.values() for i in group])
        alike = self._alike_names(waiting, found)
        for draft in waiting:
            self._match(draft, found.get(draft.line, []), rights)
            if draft.is_open and draft.instance is None:
                self._refuse_alike(draft, alike)
            if draft.is_open:
                self._decide_one(write, draft, rights)

    # Which record ---------------------------------------------------------------------------------
    def _match(self, draft: Draft, found: Sequence[Any], rights: "_Rights") -> None:
        """The one record that the row is about, or why there is none."""
        own = [i for i in found if i.pk in rights.seen]
        mark = hash(draft.key)
        is_again = bool(draft.key[0]) and (
            mark in self.seen.keys or any(i.pk in self.seen.records for i in own)
        )
        self.seen.keys.add(mark)
        if is_again and draft.companion is not None and len(own) <= 1:
            draft.instance, draft.outcome = next(iter(own), None), Outcome.UNCHANGED
        elif is_again:
            self._refuse(
                draft, Outcome.DUPLICATE, "duplicate", _("An earlier row has the same key.")
            )
        elif len(own) > 1:
            self._refuse(
                draft, Outcome.INVALID, "ambiguous", _("Several records have this key already.")
            )
        elif own:
            draft.instance = own[0]
            self.seen.records.add(own[0].pk)
        elif found and self._is_certain(draft):
            self._refuse(
                draft,
                Outcome.FORBIDDEN,
                "taken",
                _("Another record already has this value, and you may not change it."),
            )

    def _is_certain(self, draft: Draft) -> bool:
        """Whether the key can only be one record's."""
        names = draft.key[0]
        return len(names) == 1 and names[0] != self.type.title_field

    def _alike_names(self, drafts: Sequence[Draft], found: dict[int, list[Any]]) -> dict[int, str]:
        """By line, the record in scope whose name is a new row's written otherwise."""
        look = self.type.alike_names
        fresh = [d for d in drafts if not found.get(d.line) and self._is_by_name(d)]
        if look is None or not fresh:
            return {}
        names = look(self.actor, [d.values for d in fresh])
        return {d.line: name for d, name in zip(fresh, names, strict=True) if name}

    def _is_by_name(self, draft: Draft) -> bool:
        return self.type.alike_names is not None and draft.key[0] == (self.type.title_field,)

    def _refuse_alike(self, draft: Draft, alike: dict[int, str]) -> None:
        if not self._is_by_name(draft):
            return
        shape = skeleton(str(draft.values[self.type.title_field]))
        mark = hash(shape)
        is_in_file = mark in self.seen.shapes
        self.seen.shapes.add(mark)
        if draft.line in alike:
            message = _("Looks like “%(name)s”, which exists already.") % {
                "name": alike[draft.line]
            }
            self._refuse(draft, Outcome.DUPLICATE, "alike", message)
        elif is_in_file:
            self._refuse(
                draft, Outcome.DUPLICATE, "alike", _("Looks like the name of an earlier row.")
            )

    # What to do with it ---------------------------------------------------------------------------
    def _decide_one(self, write: Write, draft: Draft, rights: "_Rights") -> None:
        try:
            if draft.instance is None:
                self._decide_new(write, draft, rights)
            else:
                self._decide_change(write, draft, rights)
        except RuleViolation as error:
            draft.outcome = Outcome.INVALID
            for each in error.violations:
                heading = self.form.heading_of(each.field)
                draft.problems.append(Problem(heading, each.code, each.text))

    def _decide_new(self, write: Write, draft: Draft, rights: "_Rights") -> None:
        if not rights.may_create:
            self._refuse(draft, Outcome.FORBIDDEN, "denied", _("You may not create such records."))
            return
        if self.key_only.intersection(draft.values):
            message = _("There is no such record; leave this column empty to create one.")
            self._refuse(draft, Outcome.INVALID, "unknown_key", message)
            return
        promised = dict.fromkeys(draft.missing, 0)
        checked = check_new(write, {**draft.values, **promised})
        draft.values = {n: v for n, v in checked.items() if n not in promised}
        draft.outcome = Outcome.CREATED
        self.seen.lines[hash(draft.key)] = draft.line

    def _decide_change(self, write: Write, draft: Draft, rights: "_Rights") -> None:
        current = Current(draft.instance, self.form.fields)
        given = {
            n: v
            for n, v in draft.values.items()
            if v not in (None, "", []) and n not in self.key_only
        }
        if self._is_changed_since_check(draft):
            given = self._beside_others(write, draft, given)
        values = check_change(write, given, current)
        require_advance(write.type, self.form.fields, values, current, self.actor)
        draft.changes = {n: (old, v) for n, v in values.items() if (old := current[n]) != v}
        is_archived = draft.instance.archived_at is not None
        if not draft.changes and not draft.missing and not is_archived:
            draft.outcome = Outcome.UNCHANGED
        elif draft.instance.pk not in rights.changed:
            self._refuse(draft, Outcome.FORBIDDEN, "denied", _("You may not change this record."))
        else:
            draft.outcome = Outcome.UPDATED

    def _is_changed_since_check(self, draft: Draft) -> bool:
        return self.baseline is not None and draft.instance.updated_at > self.baseline

    def _beside_others(self, write: Write, draft: Draft, given: dict[str, Any]) -> dict[str, Any]:
        """The row's values beside what others set since the check; the same field refuses it."""
        assert self.baseline is not None  # noqa: S101  tells the type checker
        instance, awaited = draft.instance, dict.fromkeys(draft.missing, 0)
        seen = version_at(self.type, instance.pk, instance.version, self.baseline)
        wanted = Wanted(write.fields, given | awaited, seen, self.actor)
        try:
            found = reconcile(self.type, instance, wanted)
        except StaleVersion as error:
            if not error.differences:
                return {}
            labels = _(", ").join(str(each.label) for each in error.differences)
            message = _("Somebody changed this record after the file was checked: %(fields)s.")
            named = error.differences[0].field if error.differences else None
            code = "changed_meanwhile"
            raise RuleViolation(code, message, named, fields=labels) from error
        return {n: v for n, v in found.values.items() if n not in awaited}

    def _refuse(self, draft: Draft, outcome: Outcome, code: str, message: str) -> None:
        names = draft.key[0] if draft.key else ()
        heading = self.form.heading_of(names[0]) if names else ""
        draft.refuse(outcome, Problem(heading, code, message))


class RowPlanner:
    """Decides whole rows: the row's own record, then the one that comes beside it."""

    def __init__(
        self, reader: Reader, references: References, *, baseline: datetime | None
    ) -> None:
        self.reader = reader
        self.own = Planner(reader, references, baseline=baseline)
        self.beside = (
            Planner(reader.companion, references, baseline=baseline) if reader.companion else None
        )

    def read(self, rows: Sequence[Row]) -> list[Draft]:
        """The drafts of some rows; needs no database."""
        return [self.reader.read(row) for row in rows]

    def decide(self, drafts: Sequence[Draft], *, at: datetime) -> None:
        """Give every draft its outcome, or leave its reason."""
        self.own.decide(drafts, at=at)
        if self.beside is None:
            return
        taken = {Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED}
        pairs = [(d, d.companion) for d in drafts if d.companion and d.outcome in taken]
        pairs = [(d, other) for d, other in pairs if self._tie(d, other)]
        self.beside.decide([other for _draft, other in pairs], at=at)
        for draft, other in pairs:
            _merge(draft, other)

    def _tie(self, draft: Draft, other: Draft) -> bool:
        """Let a companion point to the row's record, or to the row that creates it."""
        assert self.reader.companion is not None  # noqa: S101  it has one
        back = self.reader.companion.back
        if draft.instance is not None:
            other.values[back] = draft.instance.pk
            return True
        line = self.own.seen.lines.get(hash(draft.key))
        if line is None:  # In a preview the record of an earlier step was not kept.
            draft.companion = None
            return False
        other.missing[back] = ("line", line)
        return True


def _merge(draft: Draft, other: Draft) -> None:
    """What the companion's outcome means for the row."""
    if other.outcome in {Outcome.CREATED, Outcome.UPDATED}:
        if draft.outcome is Outcome.UNCHANGED:
            draft.outcome, draft.is_left = Outcome.UPDATED, True
    elif other.outcome is not Outcome.UNCHANGED and other.outcome is not None:
        draft.outcome = other.outcome
        draft.problems += other.problems


class _Rights:
    """What the actor may see, change and create among the records that a chunk meets."""

    def __init__(self, planner: Planner, instances: Sequence[Any]) -> None:
        self.planner = planner
        self.pks = {instance.pk for instance in instances}
        self.seen = self._within("view")
        self.changed = self._within("change")
        self.may_create = planner.actor.can(planner.type.allows("create"))

    def _within(self, verb: str) -> set[int]:
        record_type, actor = self.planner.type, self.planner.actor
        if scope_of(actor, record_type.allows(verb), record_type.model) is ALL:
            return self.pks
        rows = record_type.in_scope(actor, verb).filter(pk__in=self.pks)
        return set(rows.values_list("pk", flat=True)) if self.pks else set()
