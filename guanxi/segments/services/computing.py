"""Computes a rating: facts brought over, customers rated, compared and written down in steps.

Only the worker's job loads this: it needs NumPy and DuckDB.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import transaction

from guanxi.customers.choices import Tier
from guanxi.customers.models import Customer
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import as_json, insert_values
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record
from guanxi.numerics.refusal import Refused
from guanxi.segments import messages, rules
from guanxi.segments.choices import RatingState
from guanxi.segments.engine import facts
from guanxi.segments.engine import rating as engine
from guanxi.segments.engine.warehouse import Held, Warehouse
from guanxi.segments.events import RatingComputed, RatingFailed
from guanxi.segments.models import Rating, Standing
from guanxi.segments.services.ratings import previous_of

STEP: Final = 2000
PATIENCE: Final = 600
Note = Callable[..., None]
_COLUMNS: Final = (
    "rating", "customer", "score", "tier", "tier_before", "is_move", "r", "f", "m", "rfm_before",
    "parts", "reasons",
)  # fmt: skip


@dataclass(frozen=True)
class Book:
    """The customers to be rated, by rising number, with the tier that each has."""

    ids: engine.Ints
    tiers: engine.Ints

    @classmethod
    def read(cls) -> "Book":
        """Everybody who is not archived nor merged into another."""
        rows = Customer.objects.filter(archived_at=None, merged_into=None).order_by("pk")
        number = {tier: place for place, tier in enumerate(Tier.values)}
        ids, tiers = [], []
        for pk, tier in rows.values_list("pk", "tier").iterator(chunk_size=20_000):
            ids.append(pk)
            tiers.append(number.get(tier, len(number) - 1))
        return cls(np.array(ids, dtype=np.int64), np.array(tiers, dtype=np.int64))


def compute(rating: Rating, note: Note, *, actor: Actor, at: datetime) -> None:
    """Rate everybody; begun again after a kill it forgets what it had written and does it anew."""
    if rating.state != RatingState.COMPUTING:
        return
    _forget(rating, note)
    try:
        book = Book.read()
        if not len(book.ids):
            raise RuleViolation("no_customers", messages.NO_CUSTOMERS)
        with open_warehouse(note) as warehouse:
            facts.refresh(warehouse, note)
            rated = engine.rate(warehouse, rating.frozen, book.ids, rating.as_of)
            looked_back = engine.backtest(warehouse, rating.frozen, book.ids, rating.as_of)
    except (RuleViolation, Refused) as error:
        _fail(rating, error, actor, at)
        return
    rating.previous = previous_of(rating)
    _Writing(rating, book, rated).write(note)
    _finish(rating, rated, looked_back, actor, at)


def open_warehouse(note: Note, path: Path | None = None) -> Warehouse:
    """The worker's file of facts, as soon as no other process holds it."""
    found = path or Path(settings.DATA_DIR) / "insight" / "facts.duckdb"
    for _second in range(PATIENCE):
        try:
            return Warehouse(found, settings.TIME_ZONE)
        except Held:
            note(0)
            time.sleep(1)
    raise RuleViolation("others_rate", messages.OTHERS_RATE)


def _forget(rating: Rating, note: Note) -> None:
    """What an attempt that was killed has left is no result."""
    while True:
        with transaction.atomic():
            step = Standing.objects.filter(rating=rating).order_by("pk").values("pk")[:STEP]
            if not Standing.objects.filter(pk__in=list(step.values_list("pk", flat=True))).delete()[
                0
            ]:
                return
            note(0)


@transaction.atomic
def _fail(rating: Rating, error: Exception, actor: Actor, at: datetime) -> None:
    problem = error.text if isinstance(error, RuleViolation) else _said(error)
    Rating.objects.filter(pk=rating.pk, state=RatingState.COMPUTING).update(
        state=RatingState.FAILED, problem=problem[:500], updated_at=at
    )
    record(RatingFailed(problem[:500]), subject=rating, actor=actor, at=at)


def _said(error: Any) -> str:
    """A refusal of the numbers in words."""
    if error.code == "inconsistent":
        return RuleViolation("inconsistent", messages.INCONSISTENT, **error.params).text
    words = {"no_weight": messages.NO_WEIGHT, "bad_shares": messages.BAD_SHARES}
    return str(words.get(error.code, messages.BAD_JUDGEMENTS))


@transaction.atomic
def _finish(
    rating: Rating, rated: engine.Rated, looked_back: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """The rating can be reviewed; one that was discarded meanwhile stays so."""
    done = Rating.objects.filter(pk=rating.pk, state=RatingState.COMPUTING).update(
        state=RatingState.COMPUTED,
        scales=rated.as_json(),
        backtest=looked_back,
        previous=rating.previous,
        code_version=engine.code_version(),
        input_hash=rated.input_hash,
        result_hash=rated.result_hash,
        updated_at=at,
    )
    if done:
        happened = RatingComputed(rated.input_hash, rated.result_hash)
        record(happened, subject=rating, actor=actor, at=at)


class _Writing:
    """The standings of a rating, written down in steps."""

    def __init__(self, rating: Rating, book: Book, rated: engine.Rated) -> None:
        self.rating, self.book, self.rated = rating, book, rated
        frozen = rating.frozen
        self.keys = [each["key"] for each in frozen["indicators"]]
        self.tiers = [*(tier for tier, _cut in frozen["cuts"]), frozen["lowest"]]
        self.every_tier = list(Tier.values)
        then = rating.previous
        self.then = then
        earlier = then.frozen["indicators"] if then else []
        self.is_comparable = [each["key"] for each in earlier] == self.keys

    def write(self, note: Note) -> None:
        """Every step is a transaction of its own and shows how far it has come."""
        total = len(self.book.ids)
        for start in range(0, total, STEP):
            with transaction.atomic():
                insert_values(Standing, _COLUMNS, self._rows(slice(start, start + STEP)))
                note(min(start + STEP, total), total)

    def _rows(self, part: slice) -> Iterator[tuple[Any, ...]]:
        rated, ids = self.rated, self.book.ids[part].tolist()
        tiers = [self.tiers[place] for place in rated.tier[part].tolist()]
        tiers_before = [self.every_tier[place] for place in self.book.tiers[part].tolist()]
        movers = [
            pk for pk, now, before in zip(ids, tiers, tiers_before, strict=True) if now != before
        ]
        moving, earlier = set(movers), self._earlier_parts(movers)
        rfm_before = self._earlier_rfm(ids)
        columns = (rated.score, rated.rfm, rated.raw, rated.parts)
        values = (column[part].tolist() for column in columns)
        rows = zip(ids, tiers, tiers_before, *values, strict=True)
        for pk, tier, tier_before, score, rfm, raw, points in rows:
            now = [[_plain(value), point] for value, point in zip(raw, points, strict=True)]
            is_move = pk in moving
            why = as_json(self._reasons(earlier.get(pk), now)) if is_move else "[]"
            yield (
                self.rating.pk, pk, score, tier, tier_before, is_move, *_digits(rfm),
                rfm_before.get(pk), as_json(now), why,
            )  # fmt: skip

    def _reasons(self, earlier: Any, now: list[list[Any]]) -> list[list[Any]]:
        if earlier is not None and self.is_comparable:
            return rules.reasons_of(self.keys, earlier, now)
        return rules.strongest(self.keys, now)

    def _earlier_rfm(self, ids: list[int]) -> dict[int, int]:
        """What these customers' scores were in the rating before."""
        if self.then is None:
            return {}
        rows = Standing.objects.filter(rating=self.then, r__isnull=False)
        rows = rows.filter(customer_id__gte=ids[0], customer_id__lte=ids[-1])
        found = rows.values_list("customer_id", "r", "f", "m")
        return {pk: (r or 0) * 100 + (f or 0) * 10 + (m or 0) for pk, r, f, m in found}

    def _earlier_parts(self, movers: list[int]) -> dict[int, Any]:
        """What the points of those who move were made of in the rating before."""
        if self.then is None or not movers:
            return {}
        rows = Standing.objects.filter(rating=self.then, customer_id__in=movers)
        return dict(rows.values_list("customer_id", "parts"))


def _plain(value: float) -> float | int | None:
    """A measured value as JSON keeps it; missing stays missing."""
    if math.isnan(value):
        return None
    return int(value) if value == int(value) else round(value, 4)


def _digits(rfm: int) -> tuple[int | None, int | None, int | None]:
    return (rfm // 100, rfm // 10 % 10, rfm % 10) if rfm else (None, None, None)
