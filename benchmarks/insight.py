"""The figures of insight: purchase models and scores, by CPU time and by what they foretell.

`python -m benchmarks.insight` prints them with the machine; `--keep` stores them in insight.json.
Lifetimes is compared where it is installed; nobody maintains it, so it is no dependency of ours.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import guanxi.numerics  # noqa: F401  first, for its one thread

# isort: split
import numpy as np

from benchmarks.figures import Measured
from guanxi.numerics import leaving, measures, rfm
from guanxi.numerics.purchases import spend, value
from guanxi.numerics.purchases.histories import compress, merge_days, rows_of, summarise
from guanxi.numerics.purchases.models import MODELS, fit
from guanxi.numerics.tests.real_data import cdnow, day, online_retail

HERE = Path(__file__).parent
CUSTOMERS = 1_000_000
ORDERS = 10_000_000


def main() -> None:
    """Measure, print, and keep when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write benchmarks/insight.json")
    found = [loading(), *cdnow_figures(), *million_figures(), *orders_figures(), *shop_figures()]
    for each in found:
        bound = "" if each.bound is None else f" ({'≥' if each.is_least else '≤'} {each.bound:g})"
        print(f"{each.name:<58} {each.value:>12.4g} {each.unit}{bound}  {each.details or ''}")
    print(machine())
    if parser.parse_args().keep:
        facts = {"machine": machine(), "figures": [vars(each) for each in found]}
        text = json.dumps(facts, ensure_ascii=False, indent=1)
        (HERE / "insight.json").write_text(text + "\n", "utf-8")


def machine() -> str:
    """Where the figures were measured."""
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{os.cpu_count()} cores, {platform.machine()}, {versions}"


def loading() -> Measured:
    """What a worker pays for the packages of numbers, once."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = "import guanxi.numerics.leaving, guanxi.numerics.survival, guanxi.numerics.weights"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": ""})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured("loading the packages of numbers", seconds, "s CPU", 4.0)


def cpu(work: Callable[[], Any], *, times: int = 1) -> tuple[float, Any]:
    """Least CPU seconds of several runs, and the result."""
    best, result = float("inf"), None
    for _ in range(times):
        before = time.process_time()
        result = work()
        best = min(best, time.process_time() - before)
    return best, result


def cdnow_figures() -> list[Measured]:
    """BG/NBD on the CDNOW sample, beside lifetimes where that is installed."""
    histories = summarise(merge_days(*cdnow()), until=day("1997-09-30"))
    seconds, found = cpu(lambda: fit(MODELS["bgnbd"], rows_of(histories)), times=5)
    figures = [Measured("BG/NBD on CDNOW", seconds, "s CPU", 0.1, {"loglik": found.loglik})]
    try:
        from lifetimes import BetaGeoFitter
    except ImportError:
        print("lifetimes is not installed: not compared")
        return figures
    columns = (histories.x, histories.t_x, histories.T)
    theirs, _ = cpu(lambda: BetaGeoFitter().fit(*columns), times=5)
    return [*figures, Measured("times faster than lifetimes", theirs / seconds, "×", 2.0, {}, True)]


def simulated(size: int) -> tuple[Any, Any, Any]:
    """Customers who buy and leave as BG/NBD says, seen at the end of days."""
    chance = np.random.default_rng(1)
    watched = chance.integers(7, 365, size) / 7
    rate, leaves = chance.gamma(0.25, 1 / 4.4, size), chance.beta(0.8, 2.4, size)
    x, t_x, now = np.zeros(size), np.zeros(size), np.zeros(size)
    who = np.arange(size)
    while len(who):
        now[who] += chance.exponential(1 / np.maximum(rate[who], 1e-300))
        who = who[now[who] < watched[who]]
        x[who] += 1
        t_x[who] = np.ceil(now[who] * 7) / 7
        who = who[chance.random(len(who)) >= leaves[who]]
    return x, np.minimum(t_x, watched), watched


def million_figures() -> list[Measured]:
    """A million customers: fitted, and scored with value."""
    x, t_x, watched = simulated(CUSTOMERS)
    model = MODELS["bgnbd"]
    seconds, found = cpu(lambda: fit(model, compress(x, t_x, watched)))
    chance = np.random.default_rng(2)
    mean = np.where(x > 0, chance.gamma(6, 1 / chance.gamma(3.7, 1 / 15.4, CUSTOMERS)), 0)
    money = spend.fit(x, mean).values()

    def score() -> Any:
        rows = compress(x, t_x, watched)
        steps = value.forecast(model, found.values(), rows, horizon=52, steps=12)
        worth = value.discounted(steps, rate=0.1, unit=7)[rows.place]
        return worth * spend.expected_mean(money, x, mean), steps.alive[rows.place]

    scoring, _ = cpu(score)
    rows = {"distinct": len(compress(x, t_x, watched).x)}
    return [
        Measured("BG/NBD on 1 000 000 customers", seconds, "s CPU", 4.0, rows),
        Measured("scoring 1 000 000 customers", scoring, "s CPU", 5.0),
    ]


def orders_figures() -> list[Measured]:
    """RFM of ten million orders in arrays, and the memory of all so far."""
    chance = np.random.default_rng(3)
    customer = chance.integers(0, CUSTOMERS, ORDERS)
    when, amount = chance.integers(0, 730, ORDERS), chance.gamma(2, 50, ORDERS)
    seconds, _ = cpu(
        lambda: rfm.group_of(rfm.score_all(rfm.measure(customer, when, amount, as_of=729)))
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [Measured("RFM of 10 000 000 orders", seconds, "s CPU", 6.0, {"peak MB": round(peak)})]


def shop_figures() -> list[Measured]:
    """Online Retail II: half a year of purchases, and silence of 90 days at three dates."""
    purchases, until = merge_days(*online_retail()), day("2011-06-09")
    histories = summarise(purchases, until=until)
    rows, model = rows_of(histories), MODELS["bgnbd"]
    expected = model.expected(fit(model, rows).values(), rows, np.array([26.0]))[rows.place, 0]
    money = spend.fit(histories.x, histories.spend).values()
    mean = spend.expected_mean(money, histories.x, histories.spend)
    later = value.bought_later(purchases, histories, until=until, end=until + 182)
    report = value.hold_out(histories, expected, later, mean)
    learner = leaving.Learner(log := leaving.log_of(*online_retail()), horizon=90)
    outcomes, chances, errors = [], [], []
    for cut in map(day, ("2011-03-10", "2011-06-10", "2011-09-10")):
        found, chance = learner.foretell(cut)
        outcomes.append(leaving.silent_after(log, found.customer, as_of=cut, horizon=90))
        chances.append(chance)
        errors.append(measures.expected_calibration_error(outcomes[-1], chance))
    ranking = measures.auc(np.concatenate(outcomes), np.concatenate(chances)).value
    half_year = "Online Retail II, 26 weeks:"
    return [
        Measured(f"{half_year} total error", 100 * abs(report.total_error or 0), "%", 3.0),
        Measured(f"{half_year} AUC", report.auc or 0, "", 0.805, {}, True),
        Measured(f"{half_year} top 20 % hold", report.captured or 0, "", 0.764, {}, True),
        Measured("Online Retail II, silence of 90 days: AUC", ranking, "", 0.785, {}, True),
        Measured("Online Retail II, silence of 90 days: worst ECE", max(errors), "", 0.05),
    ]


if __name__ == "__main__":
    main()
