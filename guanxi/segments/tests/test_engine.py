"""The queries count what the arrays of `numerics` count, and forget what is not yet known."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from guanxi.numerics import rfm
from guanxi.numerics.tests.real_data import online_retail
from guanxi.segments.engine.rating import rate
from guanxi.segments.engine.warehouse import Warehouse, months_before, window

pytestmark = pytest.mark.once
FIRST = date(1970, 1, 1)
LONG_AGO = {"since": date(1900, 1, 1), "half": date(1950, 1, 1), "currency": "CNY"}
MODEL = {
    "months": 12, "currency": "CNY", "weighting": "hand", "judgements": {}, "cut_by": "share",
    "cuts": [["core", 10.0], ["potential", 30.0]], "lowest": "ordinary", "rfm_cuts": {},
    "indicators": [
        {"key": "amount", "scaling": "percentile", "is_less_better": False, "weight": 3},
        {"key": "recency", "scaling": "percentile", "is_less_better": True, "weight": 1},
        {"key": "return_share", "scaling": "minmax", "is_less_better": True, "weight": 1},
        {"key": "talks", "scaling": "minmax", "is_less_better": False, "weight": 1},
    ],
}  # fmt: skip


def filled(customer, day, amount, **options) -> Warehouse:
    """Facts in memory: codes, days since 1970, amounts in minor units."""
    warehouse = Warehouse(None, "Asia/Shanghai", **options)
    rows = {
        "id": np.arange(len(customer)),
        "customer": np.asarray(customer, dtype=np.int64),
        "day": np.asarray(day, dtype=np.int64),
        "amount": np.asarray(amount, dtype=np.int64),
    }
    warehouse.connection.execute(
        "INSERT INTO orders SELECT id, customer, DATE '1970-01-01' + day::INTEGER, amount, 'CNY', "
        "true FROM rows"
    )
    assert rows
    return warehouse


def scored(warehouse: Warehouse, as_of: int, **cuts) -> dict:
    days = {"as_of": FIRST + timedelta(days=as_of)} | LONG_AGO
    warehouse.keep("purchases", "purchases", **days)
    names = ("recency_cuts", "frequency_cuts", "amount_cuts")
    found = warehouse.columns("rfm", **{name: cuts.get(name) for name in names})
    order = np.argsort(found["customer"])
    return {name: column[order] for name, column in found.items()}


def test_rfm_of_real_orders_is_that_of_the_arrays():
    customer, day, amount = online_retail()
    minor = np.rint(amount * 100).astype(np.int64)
    until = int(day.max()) - 30
    with filled(customer, day, minor) as warehouse:
        found = scored(warehouse, until)
    expected = rfm.measure(customer, day, minor.astype(float), as_of=until)
    scores = rfm.score_all(expected)
    assert found["customer"].tolist() == expected.customer.tolist()
    assert found["recency"].tolist() == expected.recency.tolist()
    assert found["frequency"].tolist() == expected.frequency.tolist()
    assert found["amount"].tolist() == expected.monetary.tolist()
    for name, column in (("r", scores.recency), ("f", scores.frequency), ("m", scores.monetary)):
        assert found[name].tolist() == column.tolist()


def test_given_thresholds_are_kept_and_one_on_a_threshold_is_below():
    with filled([1, 2, 3], [0, 10, 20], [100, 200, 300]) as warehouse:
        found = scored(warehouse, 20, amount_cuts=[50.0, 200.0, 250.0, 260.0])
    assert found["m"].tolist() == [2, 2, 5]


@pytest.mark.parametrize(
    ("customer", "day", "amount"),
    [
        ([7], [3], [100]),  # one customer, one day
        ([1, 2], [3, 3], [0, 0]),  # zero amounts
        ([1, 1, 2], [3, 4, 4], [100, -300, 50]),  # a return of more than was bought
        ([1, 2], [3, 4], [-5, 50]),  # a return alone
        ([1, 2], [3, 4000], [5, 50]),  # a day to come
    ],
)
def test_odd_orders_are_rated(customer, day, amount):
    book = np.arange(1, 9)
    with filled(customer, day, amount) as warehouse:
        found = rate(warehouse, MODEL, book, FIRST + timedelta(days=5))
    assert ((found.score >= 0) & (found.score <= 10_000)).all()
    assert set(found.tier) <= {0, 1, 2}
    bought = {c for c, d, a in zip(customer, day, amount, strict=True) if a >= 0 and d <= 5}
    assert set(book[found.rfm > 0].tolist()) == bought


def test_what_comes_later_changes_nothing_of_a_past_day():
    customer, day, amount = online_retail()
    minor = np.rint(amount * 100).astype(np.int64)
    cut, book = int(np.median(day)), np.arange(customer.max() + 1)
    known = day <= cut
    as_of = FIRST + timedelta(days=cut)
    with filled(customer, day, minor) as everything:
        full = rate(everything, MODEL, book, as_of)
    with filled(customer[known], day[known], minor[known], threads=1) as then:
        past = rate(then, MODEL, book, as_of)
    assert full.result_hash == past.result_hash
    assert full.as_json() == past.as_json()


def test_the_window_ends_with_the_day_and_keeps_ends_of_months():
    assert window(date(2026, 10, 31), 12)["since"] == date(2025, 11, 1)
    assert months_before(date(2026, 2, 28), 1) == date(2026, 2, 1)
    assert months_before(date(2026, 3, 15), 1) == date(2026, 2, 16)
    assert window(date(2026, 10, 31), 12)["half"] == date(2026, 5, 1)


def test_a_file_that_is_no_database_is_begun_anew(tmp_path):
    path = tmp_path / "facts.duckdb"
    path.write_bytes(b"no database at all" * 500)
    with Warehouse(path, "Asia/Shanghai") as warehouse:
        assert warehouse.one("SELECT count(*) FROM orders") == (0,)


def test_the_company_day_is_that_of_its_zone():
    late = int(datetime(2026, 10, 31, 17, 0, tzinfo=UTC).timestamp())
    with Warehouse(None, "Asia/Shanghai") as warehouse:
        found = warehouse.one(f"SELECT CAST(to_timestamp({late}) AS DATE)")
    assert found == (date(2026, 11, 1),)
