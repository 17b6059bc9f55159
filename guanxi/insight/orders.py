"""Reads a file of orders (`customer_id, ts, amount`) into arrays; counts what is broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext
from numpy.typing import NDArray

from guanxi.insight.cells import BadCell, Days, iso, read_amount, shown
from guanxi.insight.problems import Broken, Problem, Unusable
from guanxi.insight.tables import open_file
from guanxi.surfaces.importing.reading import Cell, Row, Table

#: The columns that are needed, each with other names that files give them.
COLUMNS: Final = {
    "customer_id": ("customer", "cust", "cust_id", "user_id", "member_id", "customerid",
                    "客户", "客户编号", "客户号", "客户id", "会员号", "会员编号"),
    "ts": ("date", "order_date", "ordered_at", "placed_at", "timestamp", "datetime", "time", "day",
           "日期", "时间", "下单时间", "下单日期", "订单日期", "交易日期"),
    "amount": ("amount_minor", "amount_pence", "amount_cents", "price", "total", "sales", "value",
               "金额", "订单金额", "实付金额", "消费金额", "交易金额"),
}  # fmt: skip
#: More than this share of broken rows is a wrong file, not a file with faults.
BROKEN_SHARE: Final = 0.15


@dataclass(frozen=True)
class Orders:
    """Orders by row: the code of the customer, the day since 1970, the amount; `names` by code."""

    names: list[str]
    customer: NDArray[np.int64]
    day: NDArray[np.int64]
    amount: NDArray[np.float64]
    rows: int
    broken: Broken = field(default_factory=Broken)

    def until(self, day: int) -> "Orders":
        """What was known at the end of a day."""
        known = self.day <= day
        return Orders(
            self.names, self.customer[known], self.day[known], self.amount[known],
            self.rows, self.broken,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """What was read, for the head of every answer."""
        return {
            "rows": self.rows,
            "used": len(self.day),
            "refunds": int((self.amount < 0).sum()),
            "zero_amounts": int((self.amount == 0).sum()),
            "first_day": iso(int(self.day.min())),
            "last_day": iso(int(self.day.max())),
            "broken": self.broken.as_json(),
        }


def read_orders(
    path: Path, zone: ZoneInfo, *, mapping: Mapping[str, str], broken_share: float = BROKEN_SHARE
) -> Orders:
    """Read a CSV, gzipped CSV or workbook; refuse it when too large a share is broken."""
    with open_file(path) as table:
        places = _places(path, table, mapping)
        reading = _Reading(table.headers, places, Days(zone))
        for row in table.rows:
            reading.take(row)
    broken = reading.broken
    broken.refuse_beyond(broken_share, reading.rows, path)
    if not reading.day:
        raise Unusable(path, gettext("the file holds no order"), line=1)
    return Orders(
        names=list(reading.codes),
        customer=np.array(reading.customer, dtype=np.int64),
        day=np.array(reading.day, dtype=np.int64),
        amount=np.array(reading.amount, dtype=np.float64),
        rows=reading.rows,
        broken=broken,
    )


class _Reading:
    """The rows taken so far."""

    def __init__(self, headers: tuple[str, ...], places: dict[str, int], days: Days) -> None:
        self.headers, self.places, self.days = headers, places, days
        self.codes: dict[str, int] = {}
        self.customer: list[int] = []
        self.day: list[int] = []
        self.amount: list[float] = []
        self.rows = 0
        self.broken = Broken()

    def take(self, row: Row) -> None:
        """Use a row, or count it as broken."""
        self.rows += 1
        problems = [
            Problem(p.line, "" if p.column is None else self.headers[p.column], p.message)
            for p in row.problems
            if p.column is None or p.column in self.places.values()
        ]
        if not problems:
            problems = self._take(row)
        if problems:
            self.broken.add(problems)

    def _take(self, row: Row) -> list[Problem]:
        name = ""
        try:
            name = "customer_id"
            who = _name(row.cells[self.places[name]])
            name = "ts"
            day = self.days.read(row.cells[self.places[name]])
            name = "amount"
            amount = read_amount(row.cells[self.places[name]])
        except BadCell as error:
            return [Problem(row.line, self.headers[self.places[name]], str(error))]
        self.customer.append(self.codes.setdefault(who, len(self.codes)))
        self.day.append(day)
        self.amount.append(amount)
        return []


def _name(cell: Cell) -> str:
    text = "" if cell is None else str(cell).strip()
    if not text:
        raise BadCell(gettext("the customer is missing"))
    return text


def _places(path: Path, table: Table, mapping: Mapping[str, str]) -> dict[str, int]:
    """Where each needed column stands: as mapped, by its name, or by a usual other name."""
    known = {name.strip().lower(): place for place, name in enumerate(table.headers)}
    places = {}
    for wanted, others in COLUMNS.items():
        asked = (mapping[wanted],) if wanted in mapping else (wanted, *others)
        place = next((known[n.lower()] for n in asked if n.lower() in known), None)
        if place is None:
            reason = gettext("there is no such column; the file has: %(names)s") % {
                "names": shown(", ".join(table.headers))
            }
            raise Unusable(path, reason, line=1, column=asked[0])
        places[wanted] = place
    return places
