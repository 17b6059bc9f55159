"""Runs every figure on a private PostgreSQL: `make bench`, or with options of its own."""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    alerts,
    clocks,
    create,
    first_screen,
    list_page,
    memory,
    open_customer,
    processes,
    search,
    table,
    today,
)
from benchmarks.figures import Bench, Measured
from benchmarks.site import Site, free_port

SCRIPTS = {
    "list_page": list_page,
    "open_customer": open_customer,
    "search": search,
    "create": create,
    "first_screen": first_screen,
    "today": today,
    "alerts": alerts,
    "clocks": clocks,
    "memory": memory,
}
RESULTS = Path(__file__).with_name("results.json")
SIGN_INS = "bench.json"


def options() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=300, help="operations per figure")
    parser.add_argument("--only", nargs="*", choices=SCRIPTS, default=list(SCRIPTS))
    parser.add_argument("--data", type=Path, help="keep the data folder here and use it again")
    parser.add_argument("--database", help="a PostgreSQL address, else GUANXI_TEST_POSTGRES")
    parser.add_argument("--no-results", action="store_true", help="do not write results.json")
    return parser.parse_args()


@contextmanager
def data_folder(kept: Path | None) -> Iterator[Path]:
    """The folder of this run."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as folder:
        yield Path(folder)


def prepare(folder: Path, database: str, customers: int) -> Site:
    """Settings, migrations, the company, static files."""
    port = free_port()
    os.environ |= {
        "GUANXI_DATA": str(folder),
        "GUANXI_DATABASE_URL": database,
        "GUANXI_DEMO": "1",
        # The limit of requests would end the measurement, not slow it.
        "GUANXI_API_REQUESTS_PER_MINUTE": "1000000",
        "GUANXI_API_BURST": "1000000",
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "guanxi.config.settings",
    }
    import django

    django.setup()
    from benchmarks import company
    from guanxi.kernel import bootstrap

    bootstrap.migrate(print)
    kept = folder / SIGN_INS
    if not kept.exists():
        kept.write_text(json.dumps({"password": company.load(customers)}))
        kept.chmod(0o600)
    bootstrap.collect_static_files()
    return Site(folder, port, json.loads(kept.read_text())["password"])


def measure(site: Site, names: Sequence[str], requests: int) -> list[Measured]:
    """The named figures, one after the other, on one running product."""
    from benchmarks import company

    chance = random.Random(11)
    bench = Bench(site, chance, **company.samples("head", chance), requests=requests)
    site.start()
    try:
        settle()
        found: list[Measured] = []
        for name in names:
            for measured in SCRIPTS[name].measure(bench):
                print(table.line(measured), flush=True)
                found.append(measured)
        return found
    finally:
        site.stop()


def settle() -> None:
    """Let the worker do what followed from loading the company: that is not what is measured."""
    from guanxi.kernel.models import Delivery

    began = time.monotonic()
    while Delivery.objects.filter(state__in=["due", "leased"]).exists():
        time.sleep(1)
    print(f"  settled after {time.monotonic() - began:.0f} s")


def main() -> int:
    """Measure, print, keep; the exit code is 1 when a bound is broken."""
    asked = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    database = asked.database or os.environ.get("GUANXI_TEST_POSTGRES", "")
    if not database:
        sys.exit("no PostgreSQL: tools/with_postgres.py --durable python -m benchmarks")
    began = time.monotonic()
    with data_folder(asked.data) as folder:
        site = prepare(folder, database, asked.customers)
        found = measure(site, asked.only, asked.requests)
    results = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": processes.machine(),
        "load_average": round(os.getloadavg()[0], 1),
        "customers": asked.customers,
        "seconds": round(time.monotonic() - began),
        "figures": [{**asdict(m), "ratio": m.ratio} for m in found],
    }
    print("\n" + table.markdown(results))
    if not asked.no_results:
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n")
    return 1 if any(m.ratio and m.ratio > 1 for m in found) else 0


if __name__ == "__main__":
    sys.exit(main())
