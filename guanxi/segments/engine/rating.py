"""Rates all customers at the end of a day: measures, points, weights, tiers, RFM, back-test."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from guanxi.numerics import scoring, weights
from guanxi.numerics.refusal import Refused
from guanxi.segments.engine.warehouse import SQL, Warehouse, months_before, window
from guanxi.segments.metrics import METRICS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Model = Mapping[str, Any]
RFM_CUTS: Final = ("recency", "frequency", "amount")
QUARTER: Final = 3


@dataclass(frozen=True)
class Rated:
    """What each of the customers came to; one row each, in their order."""

    customers: Ints
    raw: Floats
    parts: Ints
    score: Ints
    tier: Ints
    rfm: Ints
    weights: list[float]
    thresholds: list[float]
    scales: list[scoring.Scale]
    input_hash: str

    @property
    def result_hash(self) -> str:
        """The same for the same result, whichever machine computed it."""
        digest = hashlib.sha256()
        for column in (self.customers, self.score, self.tier, self.rfm, self.parts):
            digest.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
        return digest.hexdigest()

    def as_json(self) -> dict[str, Any]:
        """How points came about, kept with the rating to explain it."""
        return {
            "weights": self.weights,
            "thresholds": self.thresholds,
            "scales": [asdict(each) for each in self.scales],
        }


def code_version() -> str:
    """A mark of the queries that were run."""
    digest = hashlib.sha256()
    for path in sorted(SQL.glob("*.sql")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def rate(warehouse: Warehouse, model: Model, customers: Ints, as_of: date) -> Rated:
    """Rate these customers (rising numbers) by what was known at the end of a day."""
    days = window(as_of, model["months"])
    warehouse.keep("purchases", "purchases", **days, currency=model["currency"])
    keys = [each["key"] for each in model["indicators"]]
    raw = _measure(warehouse, keys, customers, days)
    points = np.zeros(raw.shape)
    scales = []
    for place, each in enumerate(model["indicators"]):
        points[:, place], found = scoring.scale(
            raw[:, place], each["scaling"], is_less_better=each["is_less_better"]
        )
        scales.append(found)
    shares = weigh(model, points)
    parts, score = scoring.weighted(points, shares)
    thresholds = _thresholds(model, score)
    return Rated(
        customers=customers,
        raw=raw,
        parts=parts,
        score=score,
        tier=scoring.classes(score, thresholds),
        rfm=_rfm(warehouse, model, customers),
        weights=shares.tolist(),
        thresholds=thresholds,
        scales=scales,
        input_hash=input_hash(warehouse, days["as_of"]),
    )


def _measure(
    warehouse: Warehouse, keys: Sequence[str], customers: Ints, days: Mapping[str, date]
) -> Floats:
    """A column for each measure, NaN where a customer has none."""
    tables = {"purchases": warehouse.table("purchases")}
    if any(METRICS[key].query == "talks" for key in keys):
        tables["talks"] = warehouse.columns("talks", as_of=days["as_of"], since=days["since"])
    found = np.full((len(customers), len(keys)), np.nan)
    for place, key in enumerate(keys):
        metric = METRICS[key]
        table = tables[metric.query]
        if metric.is_counted:
            found[:, place] = 0
        rows, here = places(customers, table["customer"])
        found[rows, place] = table[key][here]
    return found


def places(customers: Ints, of: NDArray[Any]) -> tuple[Ints, NDArray[np.bool_]]:
    """At which rows these numbers stand, and which of them stand anywhere."""
    if not len(customers):
        return np.zeros(0, dtype=np.int64), np.zeros(len(of), dtype=bool)
    rows = np.minimum(np.searchsorted(customers, of), len(customers) - 1)
    here = customers[rows] == of
    return rows[here].astype(np.int64), here


def weigh(model: Model, points: Floats) -> Floats:
    """The share of each indicator, summing to one: by hand, by judgement or by the data."""
    keys = [each["key"] for each in model["indicators"]]
    if model["weighting"] == "entropy":
        by_data: Floats = weights.entropy(points)
        return by_data
    if model["weighting"] == "ahp":
        found = weights.ahp(_matrix(keys, model["judgements"]))
        if not found.consistent:
            worst = [f"{keys[j.row]}/{keys[j.column]} = {j.suggested:.3g}" for j in found.worst]
            raise Refused("inconsistent", cr=f"{found.cr:.2f}", worst=", ".join(worst))
        return found.weights
    given = np.array([each["weight"] for each in model["indicators"]], dtype=float)
    if given.sum() <= 0:
        raise Refused("no_weight")
    shares: Floats = given / given.sum()
    return shares


def _matrix(keys: Sequence[str], judgements: Mapping[str, str]) -> Floats:
    """The judgements as a matrix; those about measures that are not in the model are left out."""
    matrix = np.full((len(keys), len(keys)), np.nan)
    place = {key: n for n, key in enumerate(keys)}
    for pair, value in judgements.items():
        first, _slash, second = pair.partition("/")
        if first in place and second in place:
            matrix[place[first], place[second]] = float(Fraction(value))
    return matrix


def _thresholds(model: Model, score: Ints) -> list[float]:
    """The scores above which each upper tier begins, best first."""
    given = [value for _tier, value in model["cuts"]]
    if model["cut_by"] == "share":
        return scoring.thresholds_by_share(score, given)
    return [value * 100 - 0.5 for value in given]  # reached is enough


def _rfm(warehouse: Warehouse, model: Model, customers: Ints) -> Ints:
    """Three digits for each customer, 0 for who never bought."""
    cuts = {f"{name}_cuts": model["rfm_cuts"].get(name) for name in RFM_CUTS}
    found = warehouse.columns("rfm", **cuts)
    scores = np.zeros(len(customers), dtype=np.int64)
    rows, here = places(customers, found["customer"])
    digits = found["r"].astype(np.int64) * 100 + found["f"].astype(np.int64) * 10 + found["m"]
    scores[rows] = digits[here]
    return scores


def input_hash(warehouse: Warehouse, as_of: date) -> str:
    """A mark of the facts up to a day, the same in whatever order they were read."""
    marks = [
        warehouse.one(
            "SELECT count(*), bit_xor(hash(id, customer, day, amount, currency)) "  # noqa: S608
            f"FROM {table} WHERE is_live AND day <= $as_of",
            {"as_of": as_of},
        )
        for table in ("orders", "talks")
    ]
    return hashlib.sha256(repr(marks).encode()).hexdigest()


# Looking back -------------------------------------------------------------------------------------
def backtest(warehouse: Warehouse, model: Model, customers: Ints, as_of: date) -> dict[str, Any]:
    """Whether the model, a quarter ago, would have foretold the revenue of this quarter.

    Only who had bought by then is ranked, by what was known then.
    """
    then = date.fromordinal(months_before(as_of, QUARTER).toordinal() - 1)
    rated = rate(warehouse, model, customers, then)
    known = rated.rfm > 0
    found = warehouse.columns("revenue", after=then, until=as_of, currency=model["currency"])
    revenue = np.zeros(len(customers))
    rows, here = places(customers, found["customer"])
    revenue[rows] = found["revenue"][here]
    lift = scoring.lift(rated.score[known], revenue[known])
    if lift is None:
        return {}
    tiers = [*(tier for tier, _cut in model["cuts"]), model["lowest"]]
    total = float(np.clip(revenue[known], 0, None).sum())
    return {
        "then": then.isoformat(),
        "shares": lift.shares,
        "top_share": lift.top_share,
        "gini": lift.gini,
        "tiers": [
            [
                tier,
                float((rated.tier[known] == place).mean()),
                float(np.clip(revenue[known & (rated.tier == place)], 0, None).sum() / total),
            ]
            for place, tier in enumerate(tiers)
        ],
    }
