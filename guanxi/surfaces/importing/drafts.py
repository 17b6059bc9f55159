"""One row of a file on its way to a record: its values, its references, what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.fields import Field
from guanxi.surfaces.importing.cells import is_blank, raw_value
from guanxi.surfaces.importing.mapping import Choices, Target, targets
from guanxi.surfaces.importing.tables import Row
from guanxi.surfaces.records import RecordType, get_record_type

DEFAULT_CURRENCY = "CNY"
_REFERENCES = {"ref", "refs"}


class Outcome(StrEnum):
    """What becomes of a row; the words are those of the counts."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicates"
    FORBIDDEN = "forbidden"
    INVALID = "invalid"


@dataclass(frozen=True)
class Problem:
    """Why a row is not taken: at which column, in the reader's words."""

    column: str
    code: str
    message: str


@dataclass(slots=True)
class Draft:
    """A row between the file and its record."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    references: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    outcome: Outcome | None = None
    instance: Any = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    missing: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    key: tuple[Any, ...] = ()
    companion: "Draft | None" = None
    is_left: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing has been decided against the row yet."""
        return self.outcome is None

    def refuse(self, outcome: Outcome, problem: Problem) -> None:
        """Decide against the row."""
        self.outcome = outcome
        self.problems.append(problem)


class Form(Protocol):
    """What a row's record is: its type and fields, who imports, where each field's column is."""

    type: RecordType
    fields: Mapping[str, Field]
    actor: Actor

    def heading_of(self, name: str | None) -> str:
        """The column that a field's problem belongs to."""


@dataclass
class CompanionForm:
    """The form of the record that comes in the same row."""

    type: RecordType
    fields: Mapping[str, Field]
    actor: Actor
    back: str
    headings: Mapping[str, str]

    def heading_of(self, name: str | None) -> str:
        """The column that a field's problem belongs to."""
        return self.headings.get(name or "", "")


MOST_KNOWN = 500
"""How many different cells of a column are remembered with their values."""


@dataclass(frozen=True)
class _Column:
    place: int
    heading: str
    target: Target
    known: dict[Any, Any] = field(default_factory=dict)
    """Cities, tiers, tags: what stands in a column again and again is read once."""


class Reader:
    """Turns the rows of one file into drafts, the way its columns were chosen."""

    def __init__(
        self, record_type: RecordType, choices: Choices, headers: Sequence[str], actor: Actor
    ) -> None:
        self.type, self.actor = record_type, actor
        offered = targets(record_type, actor)
        self.fields: Mapping[str, Field] = record_type.all_fields()
        self.columns = sorted(
            (
                _Column(headers.index(heading), heading, offered[name])
                for name, heading in choices.mapping.items()
            ),
            key=lambda column: column.place,
        )
        self._currency_column = next(
            (c for c in self.columns if c.target.field.name == "currency"), None
        )
        self.companion = self._companion_form()
        self.currency = str(choices.constants.get("currency") or DEFAULT_CURRENCY).upper()
        self.fixed = Draft(0)
        for name, written in choices.constants.items():
            self._put(self.fixed, _Column(0, "", offered[name]), written, self.currency)

    def _companion_form(self) -> CompanionForm | None:
        beside = [c for c in self.columns if c.target.companion]
        if self.type.companion is None or not beside:
            return None
        record_type = get_record_type(self.type.companion.key)
        headings = {c.target.field.name: c.heading for c in beside}
        back = self.type.companion.back
        return CompanionForm(record_type, record_type.all_fields(), self.actor, back, headings)

    def heading_of(self, name: str | None) -> str:
        """The column that a field's problem belongs to."""
        own = (c for c in self.columns if not c.target.companion)
        return next((c.heading for c in own if c.target.field.name == name), "")

    def read(self, row: Row) -> Draft:
        """The draft of a row; what cannot be parsed is a problem at its column."""
        draft = Draft(
            row.line,
            dict(self.fixed.values),
            {name: dict(parts) for name, parts in self.fixed.references.items()},
        )
        self._note_damage(draft, row)
        currency = self._currency_of(row)
        for column in self.columns:
            cell = row.cells[column.place]
            if is_blank(cell):
                continue
            try:
                self._put(draft, column, cell, currency)
            except RuleViolation as error:
                for each in error.violations:
                    draft.problems.append(Problem(column.heading, each.code, each.text))
        if draft.problems:
            draft.outcome = Outcome.INVALID
        return draft

    def _note_damage(self, draft: Draft, row: Row) -> None:
        """What the file's reader found, as far as it concerns a column that is used."""
        used = {c.place: c.heading for c in self.columns}
        for problem in row.problems:
            if problem.column is None:
                draft.problems.append(Problem("", problem.code, problem.message))
            elif problem.column in used:
                heading = used[problem.column]
                draft.problems.append(Problem(heading, problem.code, problem.message))

    def _currency_of(self, row: Row) -> str:
        if self._currency_column is None:
            return self.currency
        cell = row.cells[self._currency_column.place]
        return str(cell).strip().upper() or self.currency

    def _put(self, draft: Draft, column: _Column, cell: Any, currency: str) -> None:
        target = column.target
        if target.companion:
            draft.companion = draft.companion or Draft(draft.line)
            draft = draft.companion
        if target.field.type in _REFERENCES:
            raw = raw_value(target, cell, currency)
            draft.references.setdefault(target.field.name, {})[target.part] = raw.strip()
        elif isinstance(cell, str) and target.field.type != "multichoice":
            mark = (cell, currency)
            if mark not in column.known:
                value = self._read(target, cell, currency)
                if len(column.known) < MOST_KNOWN:
                    column.known[mark] = value
                draft.values[target.field.name] = value
            else:
                draft.values[target.field.name] = column.known[mark]
        else:
            draft.values[target.field.name] = self._read(target, cell, currency)

    def _read(self, target: Target, cell: Any, currency: str) -> Any:
        return target.field.parse(raw_value(target, cell, currency), actor=self.actor)
