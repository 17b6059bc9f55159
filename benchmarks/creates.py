"""Creating customers through the API with eight clients at once: how many in a second."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.clients import Client, Tally, p95
from benchmarks.create import bodies
from benchmarks.figures import Bench, Measured

CLIENTS, BOUND, WARM_UP = 8, 150.0, 100


def measure(bench: Bench) -> list[Measured]:
    """With the token of a salesperson; every answer comes after the commit."""
    return asyncio.run(_measure(bench))


async def _measure(bench: Bench) -> list[Measured]:
    token, waiting = bench.site.token("sales"), bodies()
    clients = [Client.of_token(bench.site.url, token) for _ in range(CLIENTS)]
    await _all(clients, waiting, WARM_UP)
    before = bench.site.cpu()
    tally = await _all(clients, waiting, bench.requests)
    after = bench.site.cpu()
    made = len(tally.all)
    details = {f"{k}_ms": round((after[k] - before[k]) * 1000 / made, 2) for k in after}
    details |= {"client_ms": round(tally.cpu * 1000 / made, 2), "created": made}
    details |= {"p95_ms": round(p95(tally.all), 1), "seconds": round(tally.seconds, 1)}
    return [Measured("create customers (API)", tally.per_second, "/s", BOUND, details, True)]


async def _all(clients: list[Client], waiting: Iterator[Any], count: int) -> Tally:
    tally, left = Tally(), iter(range(count))
    await asyncio.gather(*(_create(client, waiting, left, tally) for client in clients))
    return tally.end()


async def _create(
    client: Client, waiting: Iterator[Any], left: Iterator[int], tally: Tally
) -> None:
    for _turn in left:
        began = time.perf_counter()
        answer = await client.send("/api/v1/customers/", next(waiting))
        if answer.status != 201:
            raise RuntimeError(f"create answers {answer.status}: {answer.text[:500]}")
        tally.note("create", began)
