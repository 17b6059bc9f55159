"""How much goes through in a second: a large import, creation by programs, people at once.

    tools/with_postgres.py --durable python -m benchmarks.throughput
    python -m benchmarks.throughput --sqlite

Two web processes, a worker and the live updates as `manage.py up` runs them. The imported
customers are those that the others then work with.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import creates, customer_file, imports, mixed, processes, table
from benchmarks.__main__ import data_folder, prepare
from benchmarks.figures import Bench, Measured

PARTS = ("imports", "creates", "mixed")
RESULTS = Path(__file__).with_name("throughput.json")
COMPANY = 2500


def options() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the import")
    parser.add_argument("--customers", type=int, default=COMPANY, help="customers before it")
    parser.add_argument("--requests", type=int, default=1500, help="customers created by programs")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--sqlite", action="store_true", help="on SQLite, not PostgreSQL")
    parser.add_argument("--data", type=Path, help="keep the data folder here and use it again")
    parser.add_argument("--database", help="a PostgreSQL address, else GUANXI_TEST_POSTGRES")
    parser.add_argument("--workers", default="2", help="web processes")
    parser.add_argument("--keep", action="store_true", help=f"keep the figures in {RESULTS.name}")
    return parser.parse_args()


def measure(bench: Bench, asked: argparse.Namespace) -> list[Measured]:
    """The parts that were asked for, one after the other, on one running product."""
    ways = {
        "imports": lambda: imports.measure(bench, asked.rows),
        "creates": lambda: creates.measure(bench),
        "mixed": lambda: mixed.measure(bench),
    }
    found: list[Measured] = []
    bench.site.start()
    try:
        for part in asked.only:
            for measured in ways[part]():
                print(table.line(measured), flush=True)
                found.append(measured)
    finally:
        bench.site.stop()
    return found


def declare_custom_field() -> None:
    """The file's last column is a field of this company's own."""
    from django.utils import timezone

    from guanxi.kernel.actor import system_actor
    from guanxi.surfaces.models import CustomField
    from guanxi.surfaces.records import get_record_type
    from guanxi.surfaces.services import create_record

    if CustomField.objects.filter(slug=customer_file.CUSTOM_FIELD["slug"]).exists():
        return
    kind, actor = get_record_type("surfaces.customfield"), system_actor("benchmark")
    create_record(kind, customer_file.CUSTOM_FIELD, actor=actor, at=timezone.now())


def keep(database: str, asked: argparse.Namespace, found: list[Measured]) -> None:
    """Put this database's figures beside those of the other one."""
    kept: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    before = {f["name"]: f for f in kept.get(database, {}).get("figures", [])}
    after = {m.name: {**asdict(m), "ratio": m.ratio} for m in found}
    kept[database] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": processes.machine(),
        "load_average": round(os.getloadavg()[0], 1),
        "rows": asked.rows,
        "figures": list({**before, **after}.values()),
    }
    RESULTS.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")


def main() -> int:
    """Measure, print, keep when asked; the exit code is 1 when a bound is broken."""
    asked = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    database = asked.database or os.environ.get("GUANXI_TEST_POSTGRES", "")
    if not asked.sqlite and not database:
        sys.exit("no PostgreSQL: tools/with_postgres.py --durable python -m benchmarks.throughput")
    os.environ["GUANXI_WEB_WORKERS"] = asked.workers
    began, name = time.monotonic(), "SQLite" if asked.sqlite else "PostgreSQL"
    load = os.getloadavg()[0]
    with data_folder(asked.data) as folder:
        address = f"sqlite:///{folder / 'guanxi.sqlite3'}" if asked.sqlite else database
        site = prepare(folder, address, asked.customers)
        declare_custom_field()
        from benchmarks import company

        chance = random.Random(11)
        samples = company.samples("head", chance)
        found = measure(Bench(site, chance, **samples, requests=asked.requests), asked)
    seconds = time.monotonic() - began
    print(f"{name}, {seconds:.0f} s, load {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    if asked.keep:
        keep(name, asked, found)
    return 1 if any(m.ratio and m.ratio > 1 for m in found) else 0


if __name__ == "__main__":
    sys.exit(main())
