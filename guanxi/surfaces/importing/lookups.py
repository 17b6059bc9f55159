"""Finds the records that rows name: referenced ones and those that the rows are about."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from guanxi.kernel.access import clear_rows
from guanxi.surfaces.fields import Field
from guanxi.surfaces.importing.drafts import Draft, Form, Outcome, Problem
from guanxi.surfaces.importing.mapping import reference_parts
from guanxi.surfaces.records import RecordType, get_record_type

_SEPARATORS = re.compile(r"[,，、;；|]")
_MEMORY: Final = 200_000
_NOT_COMPARED: Final = {"longtext", "json", "refs", "multichoice", "boolean"}


class References:
    """The records that can be referred to, found by their keys in the actor's scope."""

    def __init__(self, form: Form, create_missing: Iterable[str]) -> None:
        self.form, self.actor = form, form.actor
        self.create_missing = frozenset(create_missing)
        self._known: dict[tuple[str, str], dict[str, list[int]]] = {}
        self._archived: dict[tuple[str, str], dict[str, int]] = {}

    def archived(self, field: Field, parts: Mapping[str, str]) -> int | None:
        """The archived record, the newest of several, that would stand in a new one's way."""
        for part in _asked(field, parts):
            value = parts.get(part) or parts.get("", "")
            found = self._archived.get((field.ref, part), {}).get(value)
            if found is not None:
                return found
        return None

    def resolve(self, drafts: Sequence[Draft]) -> None:
        """Put ids in place of names; a name that is nobody's is a problem, or to be created."""
        names = {name for draft in drafts for name in draft.references}
        for name in names:
            field = self.form.fields[name]
            concerned = [d for d in drafts if d.is_open and name in d.references]
            self._find(field, concerned)
            for draft in concerned:
                self._resolve_one(draft, field)

    def _resolve_one(self, draft: Draft, field: Field) -> None:
        if field.type == "refs":
            self._resolve_several(draft, field)
            return
        parts = draft.references[field.name]
        found = self._lookup(field, parts)
        if len(found) == 1:
            draft.values[field.name] = found[0]
        elif found:
            self._refuse(draft, field, "ambiguous", _("Several records are called “%(name)s”."))
        elif field.ref in self.create_missing:
            draft.missing[field.name] = tuple(sorted(parts.items()))
        else:
            self._refuse(
                draft, field, "no_such_record", _("There is no “%(name)s”, or none for you.")
            )

    def _resolve_several(self, draft: Draft, field: Field) -> None:
        written = draft.references[field.name].get("", "")
        pks = []
        for word in filter(None, (w.strip() for w in _SEPARATORS.split(written))):
            found = self._lookup(field, {"": word})
            if len(found) != 1:
                message = _("There is no “%(name)s”, or none for you.") % {"name": word[:60]}
                self._note(draft, field, "no_such_record", message)
                return
            pks.append(found[0])
        draft.values[field.name] = sorted(set(pks))

    def _refuse(self, draft: Draft, field: Field, code: str, message: str) -> None:
        name = next(iter(draft.references[field.name].values()))
        self._note(draft, field, code, message % {"name": name[:60]})

    def _note(self, draft: Draft, field: Field, code: str, message: str) -> None:
        heading = self.form.heading_of(field.name)
        draft.refuse(Outcome.INVALID, Problem(heading, code, message))

    def _lookup(self, field: Field, parts: Mapping[str, str]) -> list[int]:
        for part in _asked(field, parts):
            value = parts.get(part) or parts.get("", "")
            found = self._known.get((field.ref, part), {}).get(value, [])
            if found or parts.get(part):
                return found
        return []

    def _find(self, field: Field, drafts: Sequence[Draft]) -> None:
        """Look the names up that are not known yet: a query per key that is used."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for draft in drafts:
            parts = draft.references[field.name]
            values = [parts.get("", "")]
            if field.type == "refs":
                values = [w.strip() for w in _SEPARATORS.split(values[0])]
            for part in _asked(field, parts):
                wanted[part].update(v for v in [parts.get(part, ""), *values] if v)
        for part, found in wanted.items():
            known = self._known.setdefault((field.ref, part), {})
            if len(known) > _MEMORY:
                known.clear()
                self._archived.pop((field.ref, part), None)
            self._ask(field.ref, part, sorted(found - known.keys()), known)

    def _ask(self, key: str, part: str, values: list[str], known: dict[str, list[int]]) -> None:
        if not values:
            return
        target = get_record_type(key)
        column = target.declared()[part].path
        rows = target.in_scope(self.actor).filter(**{f"{column}__in": values})
        if target.has_column("archived_at"):
            archived = rows.exclude(archived_at=None).order_by("pk")
            pairs = {str(value): pk for value, pk in archived.values_list(column, "pk")}
            self._archived.setdefault((key, part), {}).update(pairs)
            rows = rows.filter(archived_at=None)
        found: dict[str, list[int]] = self._merged(target, column, values)
        for value, pk in rows.values_list(column, "pk"):
            found.setdefault(str(value), []).append(pk)
        known.update(found)

    def _merged(self, target: RecordType, column: str, values: list[str]) -> dict[str, list[int]]:
        """The records in scope that stand for merged ones of these names: old numbers lead on."""
        if target.successor is None:
            return {}
        gone = target.model._base_manager.filter(**{f"{column}__in": values})
        pairs = gone.exclude(archived_at=None).values_list(column, "pk")
        led = {str(value): pk for value, old in pairs if (pk := target.successor(old))}
        seen = set(
            target.in_scope(self.actor).filter(pk__in=led.values()).values_list("pk", flat=True)
        )
        return {value: [pk] for value, pk in led.items() if pk in seen}


def _asked(field: Field, parts: Mapping[str, str]) -> list[str]:
    """The keys to look by, most certain first: those that are given, or all for a bare name."""
    offered = reference_parts(field.ref)
    return offered if "" in parts else [part for part in offered if part in parts]


def key_names(form: Form, draft: Draft) -> tuple[str, ...]:
    """The fields by which a row's record is known: the first declared key that the row fills."""
    filled = {n for n, v in draft.values.items() if v not in (None, "", [])} | set(draft.missing)
    for names in form.type.import_keys:
        if filled.issuperset(names):
            return names
    return tuple(sorted(n for n in filled if form.fields[n].type not in _NOT_COMPARED))


def key_of(draft: Draft, names: tuple[str, ...]) -> tuple[Any, ...]:
    """The key's values; a reference that is yet to be created stands for itself."""
    return (names, *(draft.missing.get(n, draft.values.get(n)) for n in names))


def existing(form: Form, drafts: Sequence[Draft]) -> dict[int, list[Any]]:
    """The stored records, archived ones too, that have a draft's key: by the draft's line."""
    by_names: dict[tuple[str, ...], list[Draft]] = defaultdict(list)
    for draft in drafts:
        names = draft.key[0]
        if names and not any(n in draft.missing for n in names):
            by_names[names].append(draft)
    found: dict[int, list[Any]] = {}
    for names, group in by_names.items():
        found.update(_matching(form, names, group))
    return found


def _matching(form: Form, names: tuple[str, ...], drafts: Sequence[Draft]) -> dict[int, list[Any]]:
    fields = [form.fields[n] for n in names]
    wanted: dict[str, set[Any]] = {}
    for field in fields:
        if not field.is_custom:
            values = {draft.values[field.name] for draft in drafts}
            wanted[f"{_column(field)}__in"] = values
            wanted |= _sorted_like(form.type, field, values)
    stored: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    rows = form.type.model._base_manager.filter(**wanted)
    for field in fields:  # what is masked in a row must not tell that it is the same
        rows = rows.filter(clear_rows(form.actor, form.type.model, field.group))
    for found in rows:
        instance = _standing_for(form, found)
        stored[tuple(field.read(found) for field in fields)].append(instance)
    return {draft.line: stored.get(tuple(draft.values[n] for n in names), []) for draft in drafts}


def _sorted_like(record_type: RecordType, field: Field, values: set[Any]) -> dict[str, set[Any]]:
    """The column that sorts a field, which has an index, for the same rows."""
    derive = record_type.hooks.derive
    if not field.sort_path or derive is None:
        return {}
    keys = {derive({field.name: value}).get(field.sort_path) for value in values}
    return {} if None in keys else {f"{field.sort_path}__in": keys}


def _standing_for(form: Form, found: Any) -> Any:
    """The record itself, or the one that it was merged into."""
    look = form.type.successor
    if look is None or found.archived_at is None or (pk := look(found.pk)) is None:
        return found
    return form.type.model._base_manager.get(pk=pk)


def _column(field: Field) -> str:
    return f"{field.path}_id" if field.type == "ref" else field.path
