"""Eight people at once, each with a browser's session and no pause: lists, searches, customers.

Every request of theirs counts as an operation: the list and its counts, a customer, each keystroke
that the palette asks for, the form and what is sent from it.
"""

import asyncio
import random
import re
import time
from urllib.parse import quote

from benchmarks.clients import Answer, Client, Tally, p95
from benchmarks.figures import Bench, Measured

CLIENTS, BOUND, BOUND_P95, WARM_UP_SECONDS, SECONDS = 8, 50.0, 300.0, 3.0, 20.0
USERS = ("head", "sales")
LISTS = ("sort=-updated_at", "tier=core", "sort=name", "stage=mature&sort=-updated_at")
PART = {"HX_Request": "true"}
_VERSION = re.compile(r'name="version" value="(\d+)"')
_ONCE = re.compile(r'name="once" value="(\w+)"')


class Person:
    """What somebody does all day, over and over."""

    def __init__(self, client: Client, customers: list[int], bench: Bench, seed: int) -> None:
        self.client, self.customers, self.words = client, customers, bench.words
        self.chance, self.seed, self.made = random.Random(seed), seed, 0
        self.tally = Tally()

    async def work(self, until: float) -> None:
        """Act until the time has come."""
        acts = (self.list, self.search, self.open, self.change, self.comment, self.create)
        while time.perf_counter() < until:
            await self.chance.choices(acts, (25, 20, 30, 10, 10, 5))[0]()

    async def _take(self, kind: str, asked: "asyncio.Future[Answer] | object", *right: int) -> str:
        began = time.perf_counter()
        answer: Answer = await asked  # type: ignore[misc]
        if answer.status not in (right or (200,)):
            raise RuntimeError(f"{kind} answers {answer.status}: {answer.text[:800]}")
        self.tally.note(kind, began)
        return answer.text

    async def list(self) -> None:
        """A list; the counts of its tabs follow by themselves."""
        query = self.chance.choice(LISTS)
        await self._take("list", self.client.get(f"/customers/?{query}"))
        await self._take("counts", self.client.get(f"/customers/tabs/?{query}", **PART))

    async def search(self) -> None:
        """Two characters in the palette."""
        word = quote(self.chance.choice(self.words))
        asked = self.client.get(f"/palette/?q={word}", **PART, HX_Target="palette-found")
        await self._take("search", asked)

    async def open(self) -> int:
        """A customer."""
        pk = self.chance.choice(self.customers)
        await self._take("open", self.client.get(f"/customers/{pk}/"))
        return pk

    async def change(self) -> None:
        """One fact of a customer where it stands."""
        address = f"/customers/{await self.open()}/fact/focus/"
        editor = await self._take("editor", self.client.get(address, **PART))
        found = _VERSION.search(editor)
        version = found[1] if found else ""
        self.made += 1
        values = {"focus": f"价格与交期 {self.seed}-{self.made}", "version": version}
        # Two who change the same customer at once: the second is shown both, as it must be.
        await self._take("change", self.client.post(address, values, **PART), 200, 409)

    async def comment(self) -> None:
        """What was talked about."""
        pk = await self.open()
        values = {"customer": pk, "channel": "phone", "content": "电话回访：对交期满意，下月下单。"}
        values["_fields"] = ",".join(values)
        await self._take("comment", self.client.post("/interactions/new/", values), 302)

    async def create(self) -> None:
        """The form of a new customer, and the customer."""
        form = await self._take("form", self.client.get("/customers/new/"))
        found = _ONCE.search(form)
        self.made += 1
        name = f"无锡{self.seed:02d}{self.made:05d}{self.chance.randrange(1000)}精密制造有限公司"
        values = {"name": name, "city": "无锡", "tier": "potential", "industry": "机械"}
        values |= {"_fields": ",".join(values), "once": found[1] if found else ""}
        await self._take("create", self.client.post("/customers/new/", values), 302)


def measure(bench: Bench) -> list[Measured]:
    """Half of them salespeople with their own customers, half heads of a department."""
    return asyncio.run(_measure(bench, [_person(bench, number) for number in range(CLIENTS)]))


async def _measure(bench: Bench, people: list[Person]) -> list[Measured]:
    await _work(people, WARM_UP_SECONDS)
    before = bench.site.cpu()
    tally = await _work(people, SECONDS)
    after = bench.site.cpu()
    done = len(tally.all)
    details = {f"{k}_ms": round((after[k] - before[k]) * 1000 / done, 2) for k in after}
    details |= {"client_ms": round(tally.cpu * 1000 / done, 2), "operations": done}
    slow = {f"{kind}_p95_ms": round(p95(w)) for kind, w in sorted(tally.walls.items())}
    return [
        Measured("eight people at once, operations", tally.per_second, "/s", BOUND, details, True),
        Measured("… p95 of an operation", p95(tally.all), "ms", BOUND_P95, slow),
    ]


def _person(bench: Bench, number: int) -> Person:
    from benchmarks import company

    name = USERS[number % len(USERS)]
    visitor = bench.site.sign_in(name)
    client = Client.of_session(bench.site.url, visitor.cookies, visitor.csrf)
    visitor.close()
    customers = company.samples(name, random.Random(number))["customers"]
    return Person(client, customers, bench, number)


async def _work(people: list[Person], seconds: float) -> Tally:
    together = Tally()
    for person in people:
        person.tally = together
    until = time.perf_counter() + seconds
    await asyncio.gather(*(person.work(until) for person in people))
    return together.end()
