"""What may stand in a value model, which step a rating may take, what a move is due to: pure."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from guanxi.kernel.errors import RuleViolation
from guanxi.segments import messages

Values = dict[str, Any]
RFM_NAMES: Final = ("recency", "frequency", "amount")
HIGHEST: Final = 100.0
#: A rating's steps: what each verb starts from.
MAY_SUBMIT: Final = frozenset({"computed"})
MAY_DISCARD: Final = frozenset({"computing", "computed", "failed", "rejected"})


# A model ------------------------------------------------------------------------------------------
def check_model(values: Values, current: Mapping[str, Any], tiers: Sequence[str]) -> Values:
    """The window, the tiers, the judgements and the thresholds are such as can be computed."""
    months = values.get("months", current.get("months", 12))
    if months is None or not 1 <= months <= 60:
        raise RuleViolation("bad_months", messages.BAD_MONTHS, "months")
    checked = dict(values)
    cuts = values.get("cuts", current.get("cuts", {}))
    by = values.get("cut_by", current.get("cut_by", "share"))
    lowest = values.get("lowest", current.get("lowest", "ordinary"))
    checked["cuts"] = read_cuts(cuts, by, lowest, tiers)
    if values.get("judgements"):
        checked["judgements"] = {
            k: str(v) for k, v in read_judgements(values["judgements"]).items()
        }
    if values.get("rfm_cuts"):
        checked["rfm_cuts"] = read_rfm_cuts(values["rfm_cuts"])
    return checked


def read_cuts(cuts: Any, by: str, lowest: str, tiers: Sequence[str]) -> dict[str, float]:
    """The upper tiers, best first, each with its share or least score; 3 to 5 with the lowest."""
    wrong = RuleViolation("bad_cuts", messages.BAD_CUTS, "cuts")
    if not isinstance(cuts, Mapping) or not set(cuts) <= set(tiers) - {lowest}:
        raise wrong
    if not 2 <= len(cuts) <= 4 or any(tiers.index(t) > tiers.index(lowest) for t in cuts):
        raise wrong
    try:
        found = {tier: float(cuts[tier]) for tier in tiers if tier in cuts}
    except (TypeError, ValueError):
        raise wrong from None
    given = list(found.values())
    if by == "share":
        if any(not 0 < share < HIGHEST for share in given) or sum(given) >= HIGHEST:
            raise RuleViolation("bad_shares", messages.BAD_SHARES, "cuts")
    elif given != sorted(set(given), reverse=True) or not 0 <= given[-1] <= given[0] <= HIGHEST:
        raise RuleViolation("bad_scores", messages.BAD_SCORES, "cuts")
    return found


def read_judgements(judgements: Any) -> dict[str, Fraction]:
    """Pairs of measures, each with how many times the first outweighs the second."""
    wrong = RuleViolation("bad_judgements", messages.BAD_JUDGEMENTS, "judgements")
    if not isinstance(judgements, Mapping):
        raise wrong
    found = {}
    for pair, value in judgements.items():
        first, slash, second = str(pair).partition("/")
        try:
            found[f"{first.strip()}/{second.strip()}"] = Fraction(str(value).strip())
        except (ValueError, ZeroDivisionError):
            raise wrong from None
        if not (slash and first.strip() and second.strip()) or Fraction(str(value).strip()) <= 0:
            raise wrong
    return found


def read_rfm_cuts(cuts: Any) -> dict[str, list[float]]:
    """Four rising thresholds for each of the scores that do not go by fifths."""
    wrong = RuleViolation("bad_rfm_cuts", messages.BAD_RFM_CUTS, "rfm_cuts")
    if not isinstance(cuts, Mapping) or not set(cuts) <= set(RFM_NAMES):
        raise wrong
    found = {}
    for name, value in cuts.items():
        parts = value.split() if isinstance(value, str) else value
        try:
            found[name] = [float(part) for part in parts]
        except (TypeError, ValueError):
            raise wrong from None
        if len(found[name]) != 4 or found[name] != sorted(set(found[name])):
            raise wrong
    return found


def check_indicator(values: Values, known: Collection[str]) -> Values:
    """A measure that exists, with a weight."""
    if "metric" in values and values["metric"] not in known:
        raise RuleViolation("unknown_metric", messages.UNKNOWN_METRIC, "metric")
    weight = values.get("weight", 0)
    if weight is None or not 0 <= weight <= 1000:
        raise RuleViolation("bad_weight", messages.BAD_WEIGHT, "weight")
    return values


def check_group(values: Values, current: Mapping[str, Any]) -> Values:
    """Scores lie between 1 and 5, the lower one first."""
    for letter in "rfm":
        low, high = (
            values.get(f"{letter}_{end}", current.get(f"{letter}_{end}", default))
            for end, default in (("from", 1), ("to", 5))
        )
        if low is None or high is None or not 1 <= low <= high <= 5:
            raise RuleViolation("bad_range", messages.BAD_RANGE, f"{letter}_from")
    return values


# A move -------------------------------------------------------------------------------------------
def reasons_of(
    keys: Sequence[str], before: Sequence[Sequence[Any]], now: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """What moved the score most its way: measure, points and raw value then and now."""
    changes: list[list[Any]] = [
        [key, old[1], new[1], old[0], new[0]]
        for key, old, new in zip(keys, before, now, strict=True)
        if old[1] != new[1]
    ]
    change = sum(new - old for _key, old, new, *_raw in changes)
    along = [each for each in changes if (each[2] - each[1]) * change > 0] or changes
    return sorted(along, key=lambda each: -abs(each[2] - each[1]))[:3]


def strongest(keys: Sequence[str], now: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """What speaks for a customer that was never rated before: its largest contributions."""
    rows: list[list[Any]] = [
        [key, None, part[1], None, part[0]] for key, part in zip(keys, now, strict=True)
    ]
    return sorted(rows, key=lambda each: -int(each[2]))[:2]


# What would lift a customer -----------------------------------------------------------------------
def raw_at(scale: Mapping[str, Any], points: float) -> float:
    """About which raw value has so many points, by the scale that the rating kept."""
    share = min(max(points / HIGHEST, 0.0), 1.0)
    if scale["how"] == "percentile":
        grid = scale["grid"]
        place = share * (len(grid) - 1)
        low = min(int(place), len(grid) - 2)
        return float(grid[low] + (place - low) * (grid[low + 1] - grid[low]))
    if scale["how"] == "minmax":
        low, high = scale["low"], scale["high"]
    else:
        low, high = (scale["mean"] + side * 3 * scale["spread"] for side in (-1, 1))
    low, high = (high, low) if scale["is_less_better"] else (low, high)
    return float(low + share * (high - low))


def ways_up(
    scales: Mapping[str, Any], tier: int, score: int, parts: Sequence[Sequence[Any]]
) -> list[tuple[int, float]]:
    """Each indicator that alone could bring the next tier, with the value that it would take."""
    if tier == 0:
        return []
    gap = scales["thresholds"][tier - 1] - score + 1
    found = []
    for place, (weight, scale) in enumerate(zip(scales["weights"], scales["scales"], strict=True)):
        if weight <= 0:
            continue
        points = (parts[place][1] + gap) / (weight * HIGHEST)
        if points <= HIGHEST and scale["low"] < scale["high"]:
            found.append((place, raw_at(scale, points)))
    return found


def group_of(
    groups: Sequence[Mapping[str, Any]], scores: tuple[int, int, int]
) -> Mapping[str, Any] | None:
    """The first named group that a customer's three scores fall in."""
    return next(
        (
            group
            for group in groups
            if all(
                group[f"{letter}_from"] <= score <= group[f"{letter}_to"]
                for letter, score in zip("rfm", scores, strict=True)
            )
        ),
        None,
    )


def heat(count: int, most: int) -> int:
    """How dark a cell is drawn, 0 for none to 5 for the most."""
    return 0 if not count or not most else 1 + min(4, int(5 * count / (most + 1)))
