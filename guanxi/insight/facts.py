"""Reads a table of facts about customers: what is a number, what a category, what happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext
from numpy.typing import NDArray

from guanxi.insight.cells import shown
from guanxi.insight.problems import Broken, Problem, Unusable
from guanxi.insight.tables import open_file
from guanxi.numerics.classification import Features

#: What a target may say for yes; with other words the rarer one is meant, or what --positive says.
YES: Final = {"yes", "y", "true", "t", "1", "1.0", "churn", "churned", "left", "lost", "exited",
              "是", "有", "真", "流失", "已流失", "离开"}  # fmt: skip
EMPTY: Final = {"", "na", "n/a", "nan", "null", "none", "-", "?", "空", "无数据"}
#: A text with more different words than this, and than half of the rows, names the rows.
_MANY: Final = 50
_RARE: Final = 5
#: So large a share of a column's cells must be numbers for it to be one.
_NUMBERS: Final = 0.98


@dataclass(frozen=True)
class Facts:
    """The rows that can be used, and what became of the columns."""

    features: Features
    happened: NDArray[np.bool_]
    ids: list[str]
    positive: str
    rows: int
    ignored: list[dict[str, str]]
    kinds: dict[str, str]
    broken: Broken = field(default_factory=Broken)


def read_facts(path: Path, options: Mapping[str, Any], broken_share: float) -> Facts:
    """Read the table; rows without a target or of another width are left out and counted."""
    with open_file(path) as table:
        headers = list(table.headers)
        target = _place(path, headers, options["target"])
        chosen_id = _place(path, headers, options["id"]) if options["id"] else None
        rows, broken, count = [], Broken(), 0
        for row in table.rows:
            count += 1
            problems = [
                Problem(p.line, "" if p.column is None else headers[p.column], p.message)
                for p in row.problems
            ]
            cells = ["" if cell is None else str(cell).strip() for cell in row.cells]
            if not problems and _is_empty(cells[target]):
                problems = [Problem(row.line, headers[target], gettext("the target is empty"))]
            if problems:
                broken.add(problems)
            else:
                rows.append(cells)
    broken.refuse_beyond(broken_share, count, path)
    if not rows:
        raise Unusable(path, gettext("the file holds no row"), line=1)
    columns = list(zip(*rows, strict=True))
    positive = _positive(path, headers[target], columns[target], options["positive"])
    ids = (
        list(columns[chosen_id])
        if chosen_id is not None
        else [str(n + 1) for n in range(len(rows))]
    )
    names = {n: headers[n] for n in range(len(headers)) if n not in {target, chosen_id}}
    features, ignored, kinds = _features({name: columns[n] for n, name in names.items()}, options)
    if not features.names:
        raise Unusable(path, gettext("no column is left to learn from"), line=1)
    happened = np.array([cell == positive for cell in columns[target]])
    return Facts(features, happened, ids, positive, count, ignored, kinds, broken)


def _place(path: Path, headers: list[str], name: str) -> int:
    for place, header in enumerate(headers):
        if header.strip().lower() == name.strip().lower():
            return place
    reason = gettext("there is no such column; the file has: %(names)s")
    raise Unusable(path, reason % {"names": shown(", ".join(headers))}, line=1, column=name)


def _is_empty(cell: str) -> bool:
    return cell.lower() in EMPTY


def _positive(path: Path, name: str, cells: tuple[str, ...], asked: str | None) -> str:
    """Which of the two values of the target is the one to foretell."""
    values = sorted(set(cells))
    if len(values) != 2:
        reason = gettext("the target must have two values; it has %(count)s: %(values)s") % {
            "count": len(values),
            "values": shown(", ".join(values[:6])),
        }
        raise Unusable(path, reason, line=1, column=name)
    if asked is not None:
        if asked not in values:
            reason = gettext("the target never says “%(value)s”") % {"value": shown(asked)}
            raise Unusable(path, reason, line=1, column=name)
        return asked
    known = [value for value in values if value.lower().rstrip(".") in YES]
    return known[0] if len(known) == 1 else min(values, key=cells.count)


def _features(
    columns: dict[str, tuple[str, ...]], options: Mapping[str, Any]
) -> tuple[Features, list[dict[str, str]], dict[str, str]]:
    names, values, is_category = [], [], []
    ignored, kinds = [], {}
    dropped = {name.strip() for name in (options["ignore"] or "").split(",")}
    for name, cells in columns.items():
        numbers = _numbers(cells)
        column = _codes(cells) if numbers is None else numbers
        why = _useless(name, column, is_text=numbers is None, dropped=dropped)
        if why:
            ignored.append({"column": name, "reason": why})
            continue
        names.append(name)
        values.append(_without_rare(column) if numbers is None else column)
        is_category.append(numbers is None)
        kinds[name] = "category" if numbers is None else "number"
    table = np.column_stack(values) if values else np.empty((0, 0))
    monotone = _monotone(options["monotone"], kinds)
    return Features(names, table, np.array(is_category, dtype=bool), monotone), ignored, kinds


def _useless(name: str, column: NDArray[np.float64], *, is_text: bool, dropped: set[str]) -> str:
    """Why a column cannot help, or nothing."""
    known = column[~np.isnan(column)]
    different = len(np.unique(known))
    if name in dropped:
        return gettext("ignored as asked")
    if different < 2 and len(known) in {0, len(column)}:
        return gettext("always the same")
    names_rows = different > max(_MANY, len(column) // 2) if is_text else _counts_rows(column)
    return gettext("names the rows") if names_rows else ""


def _counts_rows(column: NDArray[np.float64]) -> bool:
    """Whether numbers only say in which place a row stands."""
    ordered = np.sort(column)
    return len(column) > _MANY and bool((np.diff(ordered) == 1).all())


def _numbers(cells: tuple[str, ...]) -> NDArray[np.float64] | None:
    """The column as numbers, or nothing when it holds other words."""
    found, wrong, known = np.full(len(cells), np.nan), 0, 0
    for place, cell in enumerate(cells):
        if _is_empty(cell):
            continue
        known += 1
        try:
            found[place] = float(cell.replace(",", "").removesuffix("%").lstrip("¥￥$€£"))
        except ValueError:
            wrong += 1
            if wrong > (1 - _NUMBERS) * len(cells):
                return None
    found[~np.isfinite(found)] = np.nan
    return found if known and wrong <= (1 - _NUMBERS) * known else None


def _codes(cells: tuple[str, ...]) -> NDArray[np.float64]:
    """Categories as numbers in the order of their words."""
    words = {word: code for code, word in enumerate(sorted({c for c in cells if not _is_empty(c)}))}
    return np.array([words.get(cell, np.nan) for cell in cells], dtype=np.float64)


def _without_rare(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Categories of a handful of rows become one, so that nothing is learnt by heart."""
    known = column[~np.isnan(column)].astype(np.int64)
    counts = np.bincount(known)
    if len(counts) <= _MANY and (counts >= _RARE).all():
        return column
    keep = np.flatnonzero(counts >= _RARE)
    keep = keep[np.argsort(-counts[keep], kind="stable")][: 4 * _MANY - 1]
    codes = np.zeros(len(counts))
    codes[keep] = np.arange(1, len(keep) + 1)
    merged = column.copy()
    merged[~np.isnan(column)] = codes[known]
    return merged


def _monotone(text: str | None, kinds: Mapping[str, str]) -> dict[str, int]:
    found = {}
    for part in filter(None, (each.strip() for each in (text or "").split(","))):
        name, sign = part[:-1].rstrip(":"), part[-1]
        if kinds.get(name) != "number" or sign not in "+-":
            reason = gettext("“%(part)s” is not a column of numbers with + or -") % {"part": part}
            raise Unusable("--monotone", reason)
        found[name] = 1 if sign == "+" else -1
    return found
