"""Keyset paging: the order of a list, its page marks, and the range reads that make up a page."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import BooleanField, F, Func, QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import BadRequest
from guanxi.kernel.values import to_json
from guanxi.surfaces.fields import TEXTUAL, Field


class Beyond(Func):
    """`(column, id) < (value, id)` as both databases compare pairs; Django has it for one only."""

    output_field = BooleanField()

    def __init__(self, path: str, mark: tuple[Any, Any], sign: str) -> None:
        super().__init__(F(path), F("pk"))
        self.mark, self.sign = mark, sign

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_context: Any
    ) -> tuple[str, list[Any]]:
        """Both columns, then both values as the columns keep them."""
        columns, params = [], []
        for each in self.get_source_expressions():
            sql, its_params = compiler.compile(each)
            columns.append(sql)
            params += its_params
        for each, value in zip(self.get_source_expressions(), self.mark, strict=True):
            params.append(each.output_field.get_db_prep_value(value, connection))
        return f"({', '.join(columns)}) {self.sign} (%s, %s)", params


@dataclass(frozen=True)
class Order:
    """A sort with the id as the tie-breaker; rows without a value come last."""

    text: str
    path: str
    is_descending: bool
    field: Field | None

    def parts(self, mark: "list[Any] | None", is_back: bool) -> list[Any]:
        """The querysets that make up the page in order: rows with a value, then rows without.

        Two plain range reads use the index; `OR value IS NULL` would make the planner scan.
        """
        descends = self.is_descending != is_back
        if self.path == "pk":
            return [self._by_id(mark, descends)]
        if self.field is not None and not self._is_nullable:
            return [self._valued(mark, descends)]
        if mark is None or mark[0] is None:
            parts = [self._valued(None, descends), self._blank(mark, descends)]
            if mark is None:
                return parts
            return parts[::-1] if is_back else parts[1:]
        return self._past(mark, descends) + ([] if is_back else [self._blank(None, descends)])

    def _past(self, mark: list[Any], descends: bool) -> list[Any]:
        """The rows with a value that come after a mark."""
        if not self._is_custom or connection.vendor != "sqlite":
            return [self._valued(mark, descends)]
        # SQLite enters an index over an expression by a value, not by a pair of values.
        op, value = ("lt" if descends else "gt"), mark[0]
        tied = {self.path: value, f"pk__{op}": mark[1]}
        beyond = {f"{self.path}__{op}": value}
        return [
            lambda rows: self._sorted(rows.filter(**tied), descends, "pk"),
            lambda rows: self._sorted(rows.filter(**beyond), descends, self.path, "pk"),
        ]

    @property
    def _is_nullable(self) -> bool:
        return self.field is None or self.field.is_ever_blank

    def _sorted(self, rows: QuerySet[Any], descends: bool, *names: str) -> QuerySet[Any]:
        return rows.order_by(*(f"-{n}" if descends else n for n in names))

    def _by_id(self, mark: list[Any] | None, descends: bool) -> Any:
        def part(rows: QuerySet[Any]) -> QuerySet[Any]:
            if mark is not None:
                rows = rows.filter(**{f"pk__{'lt' if descends else 'gt'}": mark[1]})
            return self._sorted(rows, descends, "pk")

        return part

    def _valued(self, mark: list[Any] | None, descends: bool) -> Any:
        def part(rows: QuerySet[Any]) -> QuerySet[Any]:
            if mark is None:
                if self._is_nullable:
                    rows = rows.filter(**{f"{self.path}__isnull": False})
            else:
                # As a pair of values, which the index is entered by: where very many rows have
                # the same value, any other form reads those from the first on.
                pair = (self._typed(mark[0]), mark[1])
                rows = rows.filter(Beyond(self.path, pair, "<" if descends else ">"))
            return self._sorted(rows, descends, self.path, "pk")

        return part

    def _blank(self, mark: list[Any] | None, descends: bool) -> Any:
        def part(rows: QuerySet[Any]) -> QuerySet[Any]:
            rows = rows.filter(**{f"{self.path}__isnull": True})
            if mark is not None and mark[0] is None:
                rows = rows.filter(**{f"pk__{'lt' if descends else 'gt'}": mark[1]})
            if self._is_custom and connection.vendor == "postgresql":
                # Its index gives them in order; only SQLite knows that all have the same value.
                return self._sorted(rows, descends, self.path, "pk")
            return self._sorted(rows, descends, "pk")

        return part

    def _typed(self, value: Any) -> Any:
        kind = self.field.type if self.field else ""
        if self._is_custom:
            return value
        read = _READERS.get(kind, _as_text if kind in TEXTUAL | {"choice"} else None)
        return read(value) if read else value

    @property
    def columns(self) -> list[str]:
        """The columns that a row needs for its place."""
        if self.path == "pk":
            return []
        return ["custom"] if self._is_custom else [self.path]

    @property
    def _is_custom(self) -> bool:
        return self.field is not None and self.field.is_custom

    def _taken(self, row: Any) -> Any:
        if self.field is not None and self.field.is_custom:
            return self.field.taken(row)
        return None if self.path == "pk" else row[self.path]

    def cursor(self, row: Any) -> str:
        """The mark of a row's place in this order."""
        value = to_json(self._taken(row))
        packed = json.dumps([value, to_json(row["pk"])], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def bad_cursor() -> BadRequest:
    """The refusal of a mark that no list has given out."""
    return BadRequest(
        "bad_cursor", _("This page mark is not valid; start again from the first page.")
    )


def read_cursor(cursor: str, model: type[models.Model]) -> list[Any] | None:
    """The value and id that a page mark of a model's list stands for."""
    if not cursor:
        return None
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mark = json.loads(packed)
        is_pair = isinstance(mark, list) and len(mark) == 2
        if not is_pair or mark[1] is None or not all(map(_is_plain, mark)):
            raise bad_cursor()
        return [mark[0], model._meta.pk.to_python(mark[1])]
    except (binascii.Error, ValueError, OverflowError, RecursionError, ValidationError) as error:
        raise bad_cursor() from error


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        value.encode()  # Halves of a character cannot be stored, so no list gave them out.
        return "\0" not in value
    return value is None or (isinstance(value, (bool, int, float)) and abs(value) < 2**63)


def _as_text(value: Any) -> str:
    if not isinstance(value, str):
        raise bad_cursor()
    return value


def _as_integer(value: Any) -> int:
    if not isinstance(value, int):
        raise bad_cursor()
    return value


def _as_decimal(value: Any) -> Decimal:
    try:
        return Decimal(_as_text(value))
    except InvalidOperation as error:
        raise bad_cursor() from error


def _as_date(value: Any) -> date:
    try:
        return date.fromisoformat(_as_text(value))
    except ValueError as error:
        raise bad_cursor() from error


def _as_instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(_as_text(value))
        if instant.tzinfo is None:
            raise bad_cursor()
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise bad_cursor() from error


_READERS: dict[str, Callable[[Any], Any]] = {
    "integer": _as_integer,
    "money": _as_integer,
    "ref": _as_integer,
    "decimal": _as_decimal,
    "date": _as_date,
    "datetime": _as_instant,
}
