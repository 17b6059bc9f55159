"""The analysts' commands: models on files, without the database."""

import datetime as dt
import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext

from guanxi.insight.problems import Unusable

_EPOCH: Final = dt.date(1970, 1, 1)


class Command(BaseCommand):
    """One analysis of one file; the exit code is 2 when the file or the data cannot carry it."""

    help = (
        "Analyses a file without the database: rfm, clv, retention, churn, leaving, weights. "
        "Orders are CSV, CSV.gz or XLSX with customer_id, ts, amount. Prints tables, or with "
        "--json one object."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The analyses and what each may be told."""
        analyses = parser.add_subparsers(dest="analysis", required=True, metavar="ANALYSIS")
        for name, (described, add) in ANALYSES.items():
            each = analyses.add_parser(name, help=described, description=described)
            add(each)
            each.add_argument("--json", action="store_true", help="print one JSON object")
            each.add_argument("--language", choices=("zh-hans", "en"), help="of the text")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the analysis and print its answer."""
        with translation.override(options["language"] or translation.get_language()):
            try:
                answer = _answer(options)
            except Unusable as unusable:
                raise CommandError(str(unusable), returncode=2) from unusable
            for note in answer.notes if options["json"] else ():
                self.stderr.write(note)
            self.stdout.write(_json(answer.values) if options["json"] else answer.text())


def _answer(options: dict[str, Any]) -> Any:
    """The packages of numbers are big: they are loaded when an analysis is asked for."""
    try:
        analysis = import_module(f"guanxi.insight.analyses.{options['analysis']}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("guanxi"):
            raise
        missing = gettext("the extra guanxi[insight] is not installed (%(name)s)")
        raise CommandError(missing % {"name": error.name}, returncode=2) from error
    from guanxi.insight.refusals import reason
    from guanxi.numerics.refusal import Refused

    today = (timezone.localdate() - _EPOCH).days
    try:
        return analysis.run(options, today)
    except Refused as refused:
        file = options["file"]
        raise Unusable(file if isinstance(file, str) else file[0], reason(refused)) from refused


def _json(values: dict[str, Any]) -> str:
    from guanxi.insight.answers import plain

    return json.dumps(plain(values), ensure_ascii=False, allow_nan=False)


def _orders(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="ORDERS.csv")
    for name in ("customer_id", "ts", "amount"):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, dest=name, metavar="COLUMN", help=f"the column of {name}")
    zone = "where days begin; moments with an offset are brought there (default Asia/Shanghai)"
    parser.add_argument("--time-zone", default="Asia/Shanghai", help=zone)
    parser.add_argument("--strict", action="store_true", help="refuse a file with a broken row")


def _rfm(parser: ArgumentParser) -> None:
    _orders(parser)
    parser.add_argument("--as-of", metavar="DATE", help="the day of reckoning (default: the last)")
    parser.add_argument("--scores", type=int, default=5, help="scores from 1 to this, by quantiles")
    for name in ("recency", "frequency", "monetary"):
        parser.add_argument(f"--{name}", metavar="A,B,…", help="fixed thresholds, rising")


def _clv(parser: ArgumentParser) -> None:
    _orders(parser)
    parser.add_argument("--model", choices=("bgnbd", "mbgnbd", "paretonbd"), default="bgnbd")
    parser.add_argument("--until", metavar="DATE", help="the last day of the calibration")
    parser.add_argument("--holdout", metavar="DATE", help="the last day of the hold-out after it")
    parser.add_argument("--unit", choices=("day", "week", "month"), default="week", help="of time")
    parser.add_argument("--customers", action="store_true", help="value every customer, too")
    parser.add_argument("--horizon", type=_positive, help="units to look ahead (default: a year)")
    parser.add_argument("--discount", type=_share, default=0.1, help="a year's, such as 0.1")


def _retention(parser: ArgumentParser) -> None:
    _orders(parser)
    parser.add_argument("--as-of", metavar="DATE", help="the day of reckoning (default: the last)")
    silence = "days of silence after which a customer has left (default 90)"
    parser.add_argument("--churn-after", type=_days, default=90, metavar="DAYS", help=silence)


def _churn(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="TABLE.csv")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="who left: yes or no")
    parser.add_argument(
        "--positive", metavar="VALUE", help="the value of the target that means yes"
    )
    parser.add_argument("--id", metavar="COLUMN", help="names the rows; nothing is learnt from it")
    parser.add_argument("--ignore", metavar="A,B,…", help="columns to leave aside")
    monotone = "columns that can only raise (+) or lower (-) the chance"
    parser.add_argument("--monotone", metavar="A+,B-,…", help=monotone)
    parser.add_argument("--customers", action="store_true", help="each row's chance, with reasons")
    parser.add_argument("--seed", type=int, default=0, help="of the folds")
    parser.add_argument("--strict", action="store_true", help="refuse a file with a broken row")


def _leaving(parser: ArgumentParser) -> None:
    _orders(parser)
    parser.add_argument("--until", metavar="DATE", help="the day of the forecast")
    horizon = "days of silence to foretell (default 90)"
    parser.add_argument("--horizon", type=_days, default=90, metavar="DAYS", help=horizon)
    parser.add_argument("--customers", action="store_true", help="the chance of every customer")
    parser.add_argument("--seed", type=int, default=0, help="of the folds")


def _days(text: str) -> int:
    return round(_number(text, least=1, most=36_500))


def _positive(text: str) -> float:
    return _number(text, least=1e-6, most=1e6)


def _share(text: str) -> float:
    return _number(text, least=0, most=10)


def _number(text: str, *, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        wanted = gettext("“%(text)s” is not a number from %(least)s to %(most)s")
        raise ArgumentTypeError(wanted % {"text": text, "least": f"{least:g}", "most": f"{most:g}"})
    return number


def _weights(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="+", metavar="MATRIX.csv", help="several: of several experts")
    methods = ("ahp", "entropy", "expert", "combined")
    parser.add_argument("--method", choices=methods, default="ahp")
    parser.add_argument("--scaling", choices=("minmax", "sum"), default="minmax", help="entropy")
    parser.add_argument("--cost", metavar="A,B,…", help="columns where less is better")
    ways = ("multiplicative", "additive", "entropy", "game")
    parser.add_argument("--combine", choices=ways, default="multiplicative")
    parser.add_argument("--judgements", metavar="MATRIX.csv", help="combined: AHP with entropy")


ANALYSES: Final[dict[str, tuple[str, Callable[[ArgumentParser], None]]]] = {
    "rfm": ("Recency, frequency and money: scores and groups.", _rfm),
    "clv": ("Purchases to come and lifetime value: BG/NBD, MBG/NBD, Pareto/NBD.", _clv),
    "retention": ("Cohorts, survival with bands, silence against the own habit.", _retention),
    "churn": ("Who will leave, by a table: validated, calibrated, explained.", _churn),
    "leaving": ("Who will not buy again soon, from orders; tested on earlier days.", _leaving),
    "weights": ("Weights of indicators: AHP, entropy, experts, combined.", _weights),
}
