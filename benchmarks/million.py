"""Lists, search, customers and views of a large company, as the head of two hundred people.

    python -m benchmarks.million --data FOLDER [--database postgresql://…] [--only lists …]

The data is what `manage.py demo --size large` put there; see `make large`.
"""

import argparse
import json
import os
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks import inside, processes

FREQUENT = ("有限", "公司", "科技", "苏州", "电子")
TIMES = 20
SAMPLE = 3000
RESULTS = Path(__file__).with_name("million.json")


@dataclass
class Way:
    """One address that is asked several times, and the bound for its slowest twentieth."""

    group: str
    name: str
    path: str
    bound: float
    walls: list[float] = field(default_factory=list)
    spent: float = 0.0
    database: float = 0.0

    @property
    def p95(self) -> float:
        """The clock's time that nineteen of twenty requests keep within."""
        if len(self.walls) < 2:
            return self.walls[0] if self.walls else 0.0
        return statistics.quantiles(self.walls, n=20, method="inclusive")[-1]

    @property
    def row(self) -> str:
        """One line of the report."""
        mark = " " if self.p95 <= self.bound else "!"
        cpu = (self.spent + self.database) / max(1, len(self.walls))
        return (
            f"{mark} {self.group:9} {self.name:38} median {statistics.median(self.walls):7.1f} "
            f"p95 {self.p95:7.1f} of {self.bound:.0f} ms, CPU {cpu:6.1f} "
            f"({self.database / max(1, len(self.walls)):.1f} database)"
        )


class Bench:
    """Somebody of the large company, and what is known of the data."""

    def __init__(self, data: Path, username: str) -> None:
        from django.utils import timezone

        from guanxi.kernel.actor import Channel
        from guanxi.people.models import User
        from guanxi.people.queries import get_actor

        kept = json.loads((data / "demo-signins.json").read_text("utf-8"))
        self.visitor = inside.Inside()
        self.visitor.sign_in(username, kept["password"])
        user = User.objects.get(username=username)
        self.actor = get_actor(user.pk, channel=Channel.WEB)
        self.at = timezone.now()
        self.chance = random.Random(5)

    def listing(self, key: str) -> Any:
        """The reader's list of a record type."""
        from guanxi.surfaces.listing import Listing
        from guanxi.surfaces.records import get_record_type

        return Listing(get_record_type(key), self.actor, at=self.at)

    def deep(self, key: str, query: dict[str, str]) -> str:
        """The page mark of a row in the middle of a list: the median of some, found by no list."""
        listing = self.listing(key)
        request = _request(query)
        order = listing._order(request)  # noqa: SLF001  the mark is what is measured from
        taken = order._taken  # noqa: SLF001
        top = listing.type.model._base_manager.order_by("-pk").values_list("pk", flat=True)[0]
        ids = self.chance.sample(range(1, top + 1), min(top, SAMPLE))
        some = listing.rows(request).filter(pk__in=ids).values("pk", *order.columns)
        found = [row for row in some if order.path == "pk" or taken(row) is not None]
        found.sort(key=lambda row: (taken(row), row["pk"]))
        return order.cursor(found[len(found) // 2]) if found else ""


def _request(query: dict[str, str]) -> Any:
    from guanxi.surfaces.listing import ListRequest

    return ListRequest.from_query(query)


# What is asked ------------------------------------------------------------------------------------
def lists(bench: Bench) -> Iterator[Way]:
    """Every declared sort of the lists, both ways, first page and a page in the middle."""
    from guanxi.surfaces.records import get_record_type

    for key in KINDS:
        plural = get_record_type(key).plural
        fields = bench.listing(key).fields.values()
        for each in fields:
            if not each.sortable or not each.is_clear(bench.actor):
                continue
            for sort in (each.name, f"-{each.name}"):
                query = {"sort": sort}
                path = f"/{plural}/?{urlencode(query)}"
                yield Way("list", f"{plural} {sort}", path, 100)
                mark = bench.deep(key, query)
                if mark:
                    yield Way("deep", f"{plural} {sort}", f"{path}&after={quote(mark)}", 100)


KINDS = (
    "customers.customer",
    "customers.contact",
    "customers.order",
    "customers.payment",
    "customers.interaction",
)


def searches(bench: Bench) -> Iterator[Way]:
    """Two characters, in the palette and in a list: any words of names, and those of very many."""
    words = [*FREQUENT, *_words(bench, 25)]
    for word in words:
        yield Way("palette", word, f"/palette/?{urlencode({'q': word})}", 100)
        yield Way("find", word, f"/customers/?{urlencode({'q': word})}", 100)
    for word in (*FREQUENT[:3], *words[-4:]):
        query = {"q": word, "sort": "name"}
        yield Way("find", f"{word} by name", f"/customers/?{urlencode(query)}", 100)


def _words(bench: Bench, count: int) -> list[str]:
    from guanxi.customers.models import Customer
    from guanxi.kernel.access import visible

    rows = visible(bench.actor, "customers.view", Customer.objects.all())
    top = Customer.objects.order_by("-pk").values_list("pk", flat=True)[0]
    ids = bench.chance.sample(range(1, top), count * 12)
    names = rows.filter(pk__in=ids).values_list("name", flat=True)[:count]
    return [name[i : i + 2] for name in names for i in [bench.chance.randrange(0, 5)]]


def customers(bench: Bench) -> Iterator[Way]:
    """Customers with very much history, and any others."""
    for pk, events in busiest():
        yield Way("open", f"{events} events", f"/customers/{pk}/", 100)
        yield Way("open", f"{events} events, trade", f"/customers/{pk}/business/", 100)
        for show in ("changes", "orders", "talk"):
            path = f"/customers/{pk}/?show={show}"
            yield Way("open", f"{events} events, {show}", path, 100)
        yield Way("open", f"{events} events, earlier", _earlier(pk), 100)
    for pk in _some(bench, 5):
        yield Way("open", f"customer {pk}", f"/customers/{pk}/", 100)


def busiest() -> list[tuple[int, int]]:
    """The two customers with the most events."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, count(*) AS n FROM kernel_event WHERE customer_id IS NOT NULL "
            "AND is_on_timeline GROUP BY 1 ORDER BY n DESC LIMIT 2"
        )
        return list(cursor.fetchall())


def _earlier(pk: int) -> str:
    from guanxi.customers.page.timeline import as_query
    from guanxi.customers.timeline import Moment, Wanted
    from guanxi.kernel.models import Event

    rows = Event.objects.filter(customer_id=pk, is_on_timeline=True).order_by("-at", "-pk")
    event = rows[rows.count() // 2]
    wanted = Wanted(before=Moment(event.at, event.pk))
    return f"/customers/{pk}/{as_query(wanted)}"


def _some(bench: Bench, count: int) -> list[int]:
    from guanxi.customers.models import Customer
    from guanxi.kernel.access import visible

    rows = visible(bench.actor, "customers.view", Customer.objects.all())
    return list(rows.order_by("-pk").values_list("pk", flat=True)[1000 : 1000 + count])


def views(_bench: Bench) -> Iterator[Way]:
    """Three conditions, as a saved view compiles them."""
    for number, condition in enumerate(conditions()):
        for sort in ("-updated_at", "name", "-total_minor"):
            query = {"where": json.dumps(condition, ensure_ascii=False), "sort": sort}
            path = f"/customers/?{urlencode(query)}"
            yield Way("view", f"conditions {number} by {sort}", path, 200)


def conditions() -> list[dict[str, Any]]:
    """Frequent, rare and contradictory combinations."""

    def leaf(name: str, op: str, value: Any) -> dict[str, Any]:
        return {"field": name, "op": op, "value": value}

    return [
        {"all": [leaf("tier", "is", "core"), leaf("stage", "is", "mature"),
                 leaf("total_minor", "gte", "100000000")]},
        {"all": [leaf("tier", "is", "core"), leaf("stage", "in", ["at_risk", "churned"]),
                 leaf("next_contact_at", "lt", "today")]},
        {"all": [leaf("industry", "is", "医药"), leaf("city", "is", "苏州"),
                 leaf("order_count", "gte", "30")]},
        {"all": [leaf("kind", "is", "person"), leaf("tier", "is", "core"),
                 leaf("headcount", "gt", "100000")]},
        {"all": [leaf("tier", "is", "potential"), leaf("owner", "is", "me"),
                 leaf("last_order_on", "lt", "today")]},
    ]  # fmt: skip


def counts(_bench: Bench) -> Iterator[Way]:
    """Any filter, counted: within a second (K11)."""
    yield Way("count", "all", "/customers/tabs/?view=", 1000)
    yield Way("count", "all, exactly", "/customers/count/?view=", 1000)
    for name, value in (
        ("tier", "core"), ("stage", "mature"), ("city", "苏州"), ("industry", "医药"),
        ("purchase_cycle", "每月"), ("name__contains", "科技"), ("name__contains", "不存在"),
        ("notes__contains", "校友"), ("focus__contains", "能耗"), ("headcount__gte", "5000"),
        ("total_minor__gte", "100000000"), ("tags", "1"), ("x_warehouse_area__gte", "30000"),
        ("owner", "me"), ("q", "有限"), ("q", "霁"),
    ):  # fmt: skip
        query = urlencode({name: value})
        yield Way("count", f"{name}={value}", f"/customers/tabs/?{query}", 1000)
        yield Way("filter", f"{name}={value}", f"/customers/?{query}", 1000)


GROUPS: dict[str, Callable[[Bench], Iterator[Way]]] = {
    "lists": lists,
    "searches": searches,
    "customers": customers,
    "views": views,
    "counts": counts,
}


# Measuring ----------------------------------------------------------------------------------------
def measure(bench: Bench, way: Way, times: int) -> None:
    """Ask so often; slow ones less often."""
    part = {"HX_Request": "true"} if "/count/" in way.path else {}
    answer = bench.visitor.get(way.path, **part)
    if answer.status not in {200, 400, 422}:
        raise RuntimeError(f"{way.path} answers {answer.status}: {answer.text[:400]}")
    if answer.status != 200:
        way.name += f" [{answer.status}]"
    before = inside.database_seconds()
    for _ in range(times):
        bench.visitor.get(way.path, **part)
        way.walls.append(bench.visitor.last.wall)
        way.spent += bench.visitor.last.application
        if sum(way.walls) > 8000:
            break
    way.database = (inside.database_seconds() - before) * 1000


def explain(bench: Bench, way: Way, slower_than: float) -> None:
    """Print the plans of the statements that take longest."""
    from django.db import connection

    with inside.statements() as watched:
        bench.visitor.get(way.path)
    for took, sql, params in sorted(watched.found, key=lambda s: -s[0])[:2]:
        if took < slower_than or not sql.lstrip().startswith("SELECT"):
            continue
        print(f"    {took:.1f} ms  {sql[:1800]}\n    {str(params)[:300]}")
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                print("\n".join(f"      {line}"[:240] for (line,) in cursor.fetchall()[:40]))
            else:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                print("\n".join(f"      {row[3]}" for row in cursor.fetchall()))


def options() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--database", default="")
    parser.add_argument("--user", default="head")
    parser.add_argument("--only", nargs="*", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--match", default="", help="only ways whose name holds this")
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--explain", type=float, default=0, help="plans of statements over ms")
    parser.add_argument("--keep", action="store_true", help="write million.json for the READMEs")
    parser.add_argument("--all", action="store_true", help="print every way, not only the slow")
    return parser.parse_args()


def summary(name: str, ways: list[Way]) -> dict[str, Any]:
    """The slowest of a group, by the clock and by the processor."""
    worst = max(ways, key=lambda w: w.p95 / w.bound)
    cpu = [(w.spent + w.database) / max(1, len(w.walls)) for w in ways]
    return {
        "group": name,
        "ways": len(ways),
        "worst": f"{worst.group} {worst.name}",
        "p95_ms": round(worst.p95),
        "bound_ms": worst.bound,
        "within_by_cpu": sum(c <= w.bound for c, w in zip(cpu, ways, strict=True)),
        "most_cpu_ms": round(max(cpu), 1),
    }


def keep(kind: str, found: list[dict[str, Any]]) -> None:
    """Put the summaries of a database beside those of the other."""
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    before = {g["group"]: g for g in kept.get(kind, {}).get("groups", ())}
    groups = before | {g["group"]: g for g in found}
    kept[kind] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": processes.machine(),
        "load_average": round(os.getloadavg()[0], 1),
        "groups": list(groups.values()),
    }
    RESULTS.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")


def main() -> int:
    """Measure and print; the exit code is 1 when a bound is broken."""
    asked = options()
    inside.prepare(str(asked.data), asked.database)
    bench = Bench(asked.data, asked.user)
    broken = 0
    summaries: list[dict[str, Any]] = []
    for name in asked.only:
        done: list[Way] = []
        for way in GROUPS[name](bench):
            if asked.match not in f"{way.group} {way.name}":
                continue
            measure(bench, way, asked.times)
            done.append(way)
            is_slow = way.p95 > way.bound
            broken += is_slow
            if asked.all or is_slow or way.p95 > way.bound / 2:
                print(way.row, flush=True)
            if asked.explain and way.p95 > asked.explain:
                explain(bench, way, asked.explain / 2)
        if done:
            worst = max(done, key=lambda w: w.p95 / w.bound)
            summaries.append(summary(name, done))
            print(f"== {name}: {len(done)} ways, worst {worst.row}", flush=True)
    if asked.keep:
        keep("PostgreSQL" if asked.database else "SQLite", summaries)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
