"""What an analysis answers: keys for programs, tables for people."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Value = str | int | float | None


@dataclass(frozen=True)
class TextTable:
    """A titled table; numbers stand to the right."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Value]]

    def lines(self) -> list[str]:
        """The table as text, aligned where Chinese characters are two columns wide."""
        cells = [list(map(str, self.headers)), *([_shown(v) for v in row] for row in self.rows)]
        widths = [max(_width(row[n]) for row in cells) for n in range(len(self.headers))]
        right = [
            any(isinstance(row[n], int | float) for row in self.rows) for n in range(len(widths))
        ]
        body = [
            "  ".join(_padded(c, w, r) for c, w, r in zip(row, widths, right, strict=True)).rstrip()
            for row in cells
        ]
        return [self.title, *body] if self.title else body


@dataclass
class Answer:
    """The result of one analysis."""

    values: dict[str, Any]
    tables: list[TextTable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The answer as a person reads it."""
        blocks = ["\n".join(table.lines()) for table in self.tables]
        return "\n\n".join([*blocks, *(["\n".join(self.notes)] if self.notes else [])])


def plain(value: Any) -> Any:
    """Numbers of arrays as JSON has them; what is not finite is null."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(each) for each in value]
    return value if not isinstance(value, float) or math.isfinite(value) else None


def _shown(value: Value) -> str:
    if value is None:
        return "–"
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else value
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    return f"{value:,.2f}" if size >= 1000 else f"{value:.5g}"


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _padded(text: str, width: int, is_right: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if is_right else text + gap
