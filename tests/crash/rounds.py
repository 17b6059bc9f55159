"""Crash rounds: mixed load, a random part killed at a random moment, again and again.

python -m tests.crash.rounds --rounds 1000 [--database sqlite|postgresql] [--seed N] [--keep]
"""

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import crash as figures
from tests.crash.checker import check
from tests.crash.load import Caller, Client, Desk
from tests.crash.product import PASSWORD, Product, product

ALL = ["web", "web too", "worker"]
VICTIMS = {
    "sqlite": (["web"], ["web too"], ["worker"], ["worker", "web"], ALL),
    "postgresql": (["web"], ["web too"], ["worker"], ["database"], ["worker", "database"],
                   ["database", *ALL]),
}  # fmt: skip
CLIENTS = 4


@dataclass
class Result:
    """What so many rounds came to."""

    database: str
    rounds: int
    seconds: float
    acknowledged: int
    changes_at_once: int
    replayed: int
    refused_503: int
    longest_outage: float
    wrong: list[str]

    def line(self) -> str:
        """For the terminal and the README."""
        return (
            f"{self.database}: {self.rounds} crashes, {self.acknowledged} writes acknowledged "
            f"({self.changes_at_once} of them changes of several at once), "
            f"{self.replayed} answered again under their key, {len(self.wrong)} lost or doubled, "
            f"longest wait {self.longest_outage:.1f} s, {self.seconds:.0f} s in all"
        )


def crash_rounds(folder: Path, *, database: str, rounds: int, seed: int) -> Result:
    """Run the rounds and check everything at the end."""
    begin, dice = time.monotonic(), random.Random(seed)
    with product(folder, postgresql=database == "postgresql") as (made, key):
        callers = [Caller(made.ports, key) for _ in range(CLIENTS)]
        callers[0].send("GET", "me/")
        desks = {1: Desk(callers[1], PASSWORD)}
        clients = [
            Client(f"k{n}", caller, seed * 100 + n, imports=n == 0, desk=desks.get(n))
            for n, caller in enumerate(callers)
        ]
        for client in clients:
            client.start()
        _crash(made, clients, dice, database, rounds)
        for client in clients:
            client.stop.set()
        for client in clients:
            client.join(120)
        reader = Caller(made.ports, key)
        try:
            wrong = check(made, reader, [c.history for c in clients])
        finally:
            reader.close()
    return Result(
        database,
        rounds,
        time.monotonic() - begin,
        sum(c.history.acknowledged for c in clients),
        sum(c.history.bulk_changes for c in clients),
        sum(c.history.replayed for c in clients),
        sum(c.refused_503 for c in callers),
        max(c.longest_outage for c in callers),
        wrong,
    )


def _crash(
    made: Product, clients: list[Client], dice: random.Random, database: str, rounds: int
) -> None:
    for _ in range(rounds):
        before = sum(c.history.acknowledged for c in clients)
        end = time.monotonic() + 60
        # Between two crashes something is acknowledged: else nothing would be tried.
        while sum(c.history.acknowledged for c in clients) < before + 3:
            if time.monotonic() > end or not any(c.is_alive() for c in clients):
                return
            time.sleep(0.02)
        time.sleep(dice.uniform(0, 0.5))
        made.crash(list(dice.choice(VICTIMS[database])))


def main() -> int:
    """Run from the command line; 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--json", type=Path, help="write the results here, too")
    parser.add_argument("--keep", action="store_true", help="for the READMEs: benchmarks.table")
    wanted = parser.parse_args()
    kinds = ["sqlite", "postgresql"] if wanted.database == "both" else [wanted.database]
    results = []
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="guanxi-crash-") as folder:
            share = wanted.rounds // len(kinds)
            result = crash_rounds(Path(folder), database=kind, rounds=share, seed=wanted.seed)
        day = datetime.now(UTC).date().isoformat()
        said = [f"{day}  seed {wanted.seed}  {result.line()}", *result.wrong[:50]]
        sys.stdout.write("\n  ".join(said) + "\n")
        sys.stdout.flush()
        results.append(result)
        if wanted.keep:
            figures.keep([asdict(result)], day)
    if wanted.json:
        wanted.json.write_text(json.dumps([asdict(r) for r in results], indent=2) + "\n")
    return 1 if any(result.wrong for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
