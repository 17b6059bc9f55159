"""Record numbers: one conditional update takes them, so no two records share one (G12)."""

from collections.abc import Iterable
from typing import Final

from django.db import IntegrityError, connection, transaction

from guanxi.kernel.models import NumberSeries

MOST_DIGITS: Final = 16
_TAKE: Final = "UPDATE kernel_numberseries SET last = last + %s WHERE name = %s RETURNING last"


def take_numbers(series: str, count: int = 1) -> range:
    """Take `count` consecutive numbers of a series inside the caller's transaction."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [count, series])
            taken = cursor.fetchone()
        if taken:
            return range(taken[0] - count + 1, taken[0] + 1)
        _start_series(series)


def keep_above(series: str, last: int) -> None:
    """Let a series go on behind a number that came from outside (an import)."""
    if not NumberSeries.objects.filter(pk=series).exists():
        _start_series(series)
    NumberSeries.objects.filter(pk=series, last__lt=last).update(last=last)


def keep_above_given(series: str, numbers: Iterable[str], *, prefix: str) -> None:
    """Let a series go on behind numbers that were given by hand or by a file in its own form."""
    digits = [n.removeprefix(prefix) for n in numbers if n.startswith(prefix)]
    taken = [int(d) for d in digits if d.isascii() and d.isdigit() and len(d) < MOST_DIGITS]
    if taken:
        keep_above(series, max(taken))


def next_number(series: str, *, prefix: str, width: int = 8) -> str:
    """The next number as text: prefix and digits (`C00000017`)."""
    return format_number(take_numbers(series)[0], prefix=prefix, width=width)


def format_number(number: int, *, prefix: str, width: int = 8) -> str:
    """A number as people see it."""
    return f"{prefix}{number:0{width}d}"


def _start_series(series: str) -> None:
    try:
        with transaction.atomic():
            NumberSeries.objects.create(pk=series, last=0)
    except IntegrityError:
        return  # Another writer began the series: its row is there now.
