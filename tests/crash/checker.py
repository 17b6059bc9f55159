"""Compares what was acknowledged with what the API shows: nothing lost, nothing doubled (I01)."""

import http.client
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.crash.load import Caller, History, Made
from tests.crash.product import Product
from tools import with_postgres

DRAIN_SECONDS = 180


def drain(product: Product) -> None:
    """Wait until the worker has done what waits, as the metrics say."""
    end = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", product.ports[0], timeout=30)
        token = product.environment["GUANXI_METRICS_TOKEN"]
        try:
            connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
            lines = connection.getresponse().read().decode().splitlines()
        except (OSError, http.client.HTTPException):
            lines = []
        finally:
            connection.close()
        figures = dict(line.rsplit(" ", 1) for line in lines if line.startswith("guanxi_"))
        names = [f'guanxi_deliveries{{state="{s}"}}' for s in ("due", "leased")]
        names += [f'guanxi_runs{{state="{s}"}}' for s in ("queued", "running")]
        if figures and not any(float(figures[name]) for name in names):
            return
        time.sleep(0.3)
    raise AssertionError("the worker does not come to an end")


def everything(caller: Caller, path: str) -> Iterator[dict[str, Any]]:
    """Every row of a list, page by page."""
    path += "&size=200" if "?" in path else "?size=200"
    while path:
        body = caller.send("GET", path).body
        yield from body["results"]
        path = (body["next"] or "").partition("/api/v1/")[2]


def check(product: Product, caller: Caller, histories: list[History]) -> list[str]:
    """What is wrong; an empty list when nothing is."""
    drain(product)
    wrong = [problem for history in histories for problem in history.problems]
    customers = list(everything(caller, "customers/?columns=name,focus,order_count,total_minor"))
    orders = list(everything(caller, "orders/?columns=number"))
    wrong += _check_customers(histories, customers)
    wrong += _check_orders(histories, orders, customers)
    wrong += _check_imports(caller, histories, customers)
    wrong += _check_events(caller, histories)
    wrong += _check_database(product)
    return wrong


def _made(histories: list[History]) -> dict[int, Made]:
    return {made.pk: made for history in histories for made in history.customers}


def _check_customers(histories: list[History], found: list[dict[str, Any]]) -> list[str]:
    made, there = _made(histories), {row["id"]: row for row in found}
    wrong = [f"customer {m.name} is lost" for pk, m in made.items() if pk not in there]
    names = Counter(row["name"] for row in found)
    wrong += [f"{name} is there {n} times" for name, n in names.items() if n > 1]
    for pk, one in made.items():
        row = there.get(pk)
        if row and (row["focus"] or "", row["version"]) != (one.focus, one.version):
            wrong.append(f"customer {pk} says {row['focus']!r} v{row['version']}, not {one}")
        changes = one.changes + one.changes_at_once
        if row and one.version != 1 + changes:
            wrong.append(f"customer {pk} has version {one.version} after {changes} changes")
    expected = {m.name for m in made.values()}
    foreign = [n for n in names if n not in expected and not n.startswith("导入 ")]
    return wrong + [f"nobody made {name}" for name in foreign]


def _check_orders(
    histories: list[History], found: list[dict[str, Any]], customers: list[dict[str, Any]]
) -> list[str]:
    wanted = {n: a for m in _made(histories).values() for n, a in m.orders.items()}
    numbers = Counter(row["number"] for row in found)
    wrong = [f"order {n} is there {numbers[n]} times" for n in wanted if numbers[n] != 1]
    wrong += [f"nobody placed order {n}" for n in numbers if n not in wanted]
    sums = {row["id"]: (row.get("order_count"), row.get("total_minor")) for row in customers}
    for pk, one in _made(histories).items():
        total = (len(one.orders), sum(one.orders.values()))
        if one.orders and sums.get(pk) not in {total, (None, None)}:
            wrong.append(f"customer {pk} counts {sums.get(pk)}, not {total}")
    return wrong


def _check_imports(
    caller: Caller, histories: list[History], customers: list[dict[str, Any]]
) -> list[str]:
    wrong, names = [], Counter(row["name"] for row in customers)
    for history in histories:
        for pk, rows in history.imports.items():
            told = caller.send("GET", f"imports/{pk}/").body
            if told["state"] != "done" or told["counts"]["created"] != len(rows):
                wrong.append(f"import {pk} ends {told['state']} with {told['counts']}")
            wrong += [f"row {r} is there {names[f'导入 {r}']} times" for r in rows
                      if names[f"导入 {r}"] != 1]  # fmt: skip
    return wrong


def _check_events(caller: Caller, histories: list[History]) -> list[str]:
    """One line of the audit trail for each acknowledged write, no more."""
    made = _made(histories)
    seen: Counter[tuple[str, str, str]] = Counter()
    for row in everything(caller, "events/?channel=api&columns=kind,subject_type,subject_id"):
        seen[row["subject_type"], row["subject_id"], row["kind"]] += 1
    wrong = []
    for pk, one in made.items():
        created = seen["customers.customer", str(pk), "record.created"]
        changed = seen["customers.customer", str(pk), "record.changed"]
        if (created, changed) != (1, one.changes):
            wrong.append(f"customer {pk}: {created} created, {changed} changed, not {one.changes}")
    wrong += _check_changes_at_once(caller, made)
    orders = sum(n for (kind, _pk, what), n in seen.items()
                 if kind == "customers.order" and what == "record.created")  # fmt: skip
    if orders != sum(len(m.orders) for m in made.values()):
        wrong.append(f"the trail knows {orders} orders")
    return wrong


def _check_changes_at_once(caller: Caller, made: dict[int, Made]) -> list[str]:
    """Each customer of a change of many was changed by it, and no more than once."""
    path = "events/?channel=web&kind=record.changed&columns=subject_id"
    seen = Counter(row["subject_id"] for row in everything(caller, path))
    return [
        f"customer {pk}: changed {seen[str(pk)]} times among others, not {one.changes_at_once}"
        for pk, one in made.items()
        if seen[str(pk)] != one.changes_at_once
    ]


def _check_database(product: Product) -> list[str]:
    """The file itself, and the chain of the trail."""
    wrong = []
    said = product.manage("verify", "--seal")
    if "audit trail" not in said:
        wrong.append(said)
    if product.cluster:
        done = subprocess.run(
            [with_postgres.programs() / "pg_amcheck", "-h", "127.0.0.1", "-U", "guanxi",
             "-p", str(product.cluster.port), "--install-missing", "--heapallindexed",
             "-d", "postgres"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return wrong + ([done.stdout + done.stderr] if done.returncode else [])
    database = sqlite3.connect(product.folder / "data" / "guanxi.sqlite3")
    verdict = database.execute("PRAGMA integrity_check").fetchall()
    broken = database.execute("PRAGMA foreign_key_check").fetchall()
    database.close()
    if verdict != [("ok",)] or broken:
        wrong.append(f"{verdict} {broken}")
    return wrong
