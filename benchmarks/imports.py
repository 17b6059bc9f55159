"""Bringing a file of customers in: checked, then written, while somebody else goes on working."""

import asyncio
import random
import time
from typing import Any

from benchmarks import customer_file, processes
from benchmarks.clients import Client, Tally, p95
from benchmarks.figures import Bench, Measured

BOUND_SECONDS = 60.0
BOUND_ROWS = 100_000
BOUND_MEGABYTES = 300.0
BOUND_TIMES_IDLE = 2.0
IDLE_SECONDS, PAUSE, ASK_EVERY = 12.0, 0.1, 0.5
EDGE = "----guanxi-bench"


class Importer:
    """A salesperson's import through the API, from the upload to the last row."""

    def __init__(self, bench: Bench, client: Client) -> None:
        self.site, self.client = bench.site, client

    async def take(self, name: str, content: bytes) -> str:
        """Hand the file over; its import's address."""
        parts = f'--{EDGE}\r\nContent-Disposition: form-data; name="type"\r\n\r\ncustomers\r\n'
        parts += f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"'
        body = f"{parts}\r\nContent-Type: text/csv\r\n\r\n".encode() + content
        body += f"\r\n--{EDGE}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
        answer = await self.client.ask("POST", "/api/v1/imports/", body, kind)
        made = _expect(answer, 201)
        missing = set(customer_file.HEADERS) - set(made["mapping"].values())
        if missing:
            raise RuntimeError(f"columns that were not recognised: {missing}")
        return f"/api/v1/imports/{made['id']}/"

    async def step(self, address: str, step: str, until: str) -> dict[str, float]:
        """One pass over the file: seconds by the clock, and of the processors by part."""
        before, began = self._spent(), time.perf_counter()
        _expect(await self.client.send(f"{address}{step}/", None), 202)
        while True:
            await asyncio.sleep(ASK_EVERY)
            found = _expect(await self.client.get(address), 200)
            if found["state"] == until:
                break
            if found["state"] in {"failed", "cancelled", "mapping"}:
                raise RuntimeError(f"{found['state']}: {found['message']}")
        spent = {part: used - before[part] for part, used in self._spent().items()}
        return {"seconds": time.perf_counter() - began, **spent, **found["counts"]}

    def _spent(self) -> dict[str, float]:
        return {
            "worker": processes.cpu_seconds(self.site.roots("worker")),
            "database": self.site.cpu()["database"],
        }


def _expect(answer: Any, status: int) -> Any:
    if answer.status != status:
        raise RuntimeError(f"answers {answer.status}: {answer.text[:500]}")
    return answer.json()


async def watch(client: Client, bench: Bench, tally: Tally, stop: asyncio.Event) -> None:
    """Somebody else at work: lists, customers, searches, with a short pause after each."""
    chance = random.Random(7)
    while not stop.is_set():
        for kind, path in (
            ("list", "/customers/?sort=-updated_at"),
            ("open", f"/customers/{chance.choice(bench.customers)}/"),
            ("search", f"/palette/?q={chance.choice(bench.phones)[-4:]}"),
        ):
            began = time.perf_counter()
            answer = await client.get(path)
            if answer.status != 200:
                raise RuntimeError(f"{path} answers {answer.status}: {answer.text[:500]}")
            tally.note(kind, began)
            await asyncio.sleep(PAUSE)


def measure(bench: Bench, rows: int) -> list[Measured]:
    """Idle, then check and import with the same person at work beside it."""
    path = customer_file.write(bench.site.data / f"customers-{rows}.csv", rows)
    return asyncio.run(_measure(bench, path.read_bytes(), rows))


async def _measure(bench: Bench, content: bytes, rows: int) -> list[Measured]:
    other = bench.site.sign_in("head")
    client = Client.of_session(bench.site.url, other.cookies, other.csrf)
    await _watched(client, bench, _sleep(2))  # Both web processes have shown every page.
    idle, _nothing = await _watched(client, bench, _sleep(IDLE_SECONDS))
    importer = Importer(bench, Client.of_token(bench.site.url, bench.site.token("sales")))
    address = await importer.take(f"customers-{rows}.csv", content)
    busy, passes = await _watched(client, bench, _both(importer, address))
    peak = processes.peak_megabytes(bench.site.roots("worker"))
    return _figures(rows, passes, peak, idle, busy)


async def _both(importer: Importer, address: str) -> dict[str, dict[str, float]]:
    checked = await importer.step(address, "preview", "ready")
    return {"check": checked, "import": await importer.step(address, "start", "done")}


async def _sleep(seconds: float) -> dict[str, dict[str, float]]:
    await asyncio.sleep(seconds)
    return {}


async def _watched(client: Client, bench: Bench, work: Any) -> tuple[Tally, Any]:
    tally, stop = Tally(), asyncio.Event()
    watching = asyncio.create_task(watch(client, bench, tally, stop))
    try:
        done = await work
    finally:
        stop.set()
        await watching
    return tally.end(), done


def _figures(
    rows: int, passes: dict[str, dict[str, float]], peak: float, idle: Tally, busy: Tally
) -> list[Measured]:
    bound = BOUND_SECONDS * rows / BOUND_ROWS
    seconds = sum(part["seconds"] for part in passes.values())
    details = {
        f"{name}_{part}": round(value, 1)
        for name, spent in passes.items()
        for part, value in spent.items()
        if value
    }
    resting, working = p95(idle.all), p95(busy.all)
    slow = {
        f"{kind}_p95": f"{p95(idle.walls[kind]):.0f}→{p95(busy.walls[kind]):.0f}"
        for kind in busy.walls
    }
    waits = {"idle_p95_ms": round(resting, 1), "p95_ms": round(working, 1), **slow}
    return [
        Measured("import of customers: check and write", seconds, "s", bound, details),
        Measured("… peak memory of the worker", peak, "MB", BOUND_MEGABYTES),
        Measured(
            "… p95 of others' pages, times idle", working / resting, "×", BOUND_TIMES_IDLE, waits
        ),
    ]
