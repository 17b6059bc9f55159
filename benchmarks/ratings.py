"""What it takes to rate a million customers with ten million orders: RFM and value, in the engine.

`python -m benchmarks.ratings` prints CPU, time and peak of memory, each in its own process.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from guanxi.segments.engine.rating import backtest, rate
from guanxi.segments.engine.warehouse import Warehouse, window

CUSTOMERS = 1_000_000
ORDERS = 10_000_000
AS_OF = date(2026, 10, 31)
ZONE = "Asia/Shanghai"
MODEL = {
    "months": 12, "currency": "CNY", "weighting": "hand", "judgements": {}, "cut_by": "share",
    "cuts": [["core", 10.0], ["potential", 30.0]], "lowest": "ordinary", "rfm_cuts": {},
    "indicators": [
        {"key": key, "scaling": "percentile", "is_less_better": less, "weight": 1}
        for key, less in (
            ("amount", False), ("frequency", False), ("recency", True), ("tenure", False),
            ("months", False), ("growth", False),
        )
    ],
}  # fmt: skip


def fill(path: Path) -> None:
    """Orders of two years; a twentieth are returns, some customers buy much more than others."""
    with Warehouse(path, ZONE) as warehouse:
        warehouse.connection.execute(
            f"""
            INSERT INTO orders
            SELECT i, 1 + (hash(i) % {CUSTOMERS} * (hash(i + 7) % 1000) // 1000)::BIGINT,
                DATE '2024-11-01' + (hash(i + 1) % 760)::INTEGER,
                CASE WHEN hash(i + 2) % 20 = 0 THEN -1 ELSE 1 END * (hash(i + 3) % 90000)::BIGINT,
                'CNY', true
            FROM range({ORDERS}) t(i)
            """
        )


def rfm(path: Path) -> Any:
    """Recency, frequency, money and their scores of everybody."""
    with Warehouse(path, ZONE) as warehouse:
        warehouse.keep("purchases", "purchases", **window(AS_OF, 12), currency="CNY")
        names = ("recency_cuts", "frequency_cuts", "amount_cuts")
        warehouse.keep("rfm", "rfm", **dict.fromkeys(names))
        return warehouse.one("SELECT count(*), sum(r), sum(f), sum(m) FROM rfm")


def value(path: Path) -> Any:
    """Points, weights, tiers and RFM of everybody, and the same a quarter ago."""
    book = np.arange(1, CUSTOMERS + 1)
    with Warehouse(path, ZONE) as warehouse:
        rated = rate(warehouse, MODEL, book, AS_OF)
        past = backtest(warehouse, MODEL, book, AS_OF)
    return [rated.result_hash[:12], past["top_share"]]


def shop(path: Path) -> Any:
    """Online Retail II: what a rating foretold of the revenue of the quarter after it."""
    from guanxi.numerics.tests.real_data import EPOCH, online_retail

    customer, day, amount = online_retail()
    rows = {"customer": customer, "day": day, "amount": np.rint(amount * 100).astype(np.int64)}
    found = {}
    with Warehouse(path.with_name("shop.duckdb"), ZONE) as warehouse:
        warehouse.connection.execute(
            f"INSERT INTO orders SELECT 0, customer, DATE '{EPOCH}' + day::INTEGER, amount, 'CNY', "
            "true FROM rows"
        )
        book = np.arange(int(rows["customer"].max()) + 1)
        for until in (date(2011, 5, 31), date(2011, 8, 31), date(2011, 11, 30)):
            past = backtest(warehouse, MODEL, book, until)
            share = {tier: round(revenue, 3) for tier, _people, revenue in past["tiers"]}
            found[past["then"]] = {"top tenth": round(past["top_share"], 3)} | share
    return found


STEPS: dict[str, Callable[[Path], Any]] = {"fill": fill, "rfm": rfm, "value": value, "shop": shop}


def step(name: str, path: Path) -> None:
    """One measurement, told on a line."""
    began, before = time.perf_counter(), time.process_time()
    found = STEPS[name](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    facts = {
        "step": name,
        "s": round(time.perf_counter() - began, 2),
        "s CPU": round(time.process_time() - before, 2),
        "peak MB": round(peak),
        "found": found,
    }
    print(json.dumps(facts), flush=True)


def main() -> None:
    """Fill a file of facts, then measure each step in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", choices=list(STEPS))
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.step:
        step(given.step, given.file)
        return
    print(f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {platform.machine()}")
    with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as folder:
        path = Path(folder) / "facts.duckdb"
        for name in STEPS:
            command = [sys.executable, "-m", "benchmarks.ratings", "--step", name]
            subprocess.run([*command, "--file", str(path)], check=True)


if __name__ == "__main__":
    main()
