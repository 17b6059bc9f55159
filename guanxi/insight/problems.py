"""What is wrong with an analyst's file, in one line: file, line, column and reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True)
class Problem:
    """One row or cell that cannot be used."""

    line: int
    column: str
    reason: str

    @property
    def place(self) -> str:
        """Line and, where one is to blame, column."""
        return f"{self.line}:{self.column}" if self.column else str(self.line)

    def as_json(self) -> dict[str, Any]:
        """The form that programs read."""
        return {"line": self.line, "column": self.column, "reason": self.reason}


class Unusable(Exception):
    """A file, an option or an answer that cannot be had; the command ends with exit code 2."""

    def __init__(self, place: Path | str, reason: str, *, line: int = 0, column: str = "") -> None:
        where = [str(place), *([str(line)] if line else []), *([column] if column else [])]
        super().__init__(" ".join(f"{':'.join(where)}: {reason}".split()))


@dataclass
class Broken:
    """The rows that were left out, counted, the first of them kept as examples."""

    kept: int = 20
    count: int = 0
    examples: list[Problem] = field(default_factory=list)

    def add(self, problems: Sequence[Problem]) -> None:
        """Count one row, whatever the number of its faults."""
        self.count += 1
        if len(self.examples) < self.kept:
            self.examples.append(problems[0])

    def refuse_beyond(self, share: float, rows: int, place: Path | str) -> None:
        """Raise when more of the file is broken than may be left out."""
        if not self.count or self.count <= share * rows:
            return
        first = self.examples[0]
        reason = first.reason
        if self.count > 1:
            reason += gettext(" (%(broken)s of %(rows)s rows cannot be read)") % {
                "broken": self.count,
                "rows": rows,
            }
        raise Unusable(place, reason, line=first.line, column=first.column)

    def as_json(self) -> dict[str, Any]:
        """The form that programs read."""
        return {"count": self.count, "examples": [each.as_json() for each in self.examples]}
