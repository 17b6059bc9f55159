"""Amounts between what people write and the minor units that are stored."""

from decimal import Decimal, InvalidOperation, Overflow
from typing import Final

#: Digits of a currency's minor units, where they are not the usual two.
_DIGITS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}
_LARGE: Final = {"万": 10_000, "亿": 100_000_000}
_MOST_DIGITS: Final = 40


def minor_digits(currency: str) -> int:
    """How many digits of a currency's stored amounts stand behind the point."""
    return _DIGITS.get(currency, 2)


def counted(written: str) -> Decimal:
    """The number that digits mean, 万 or 亿 behind them counted in; InvalidOperation for others."""
    factor = _LARGE.get(written[-1:], 1)
    try:
        return Decimal(written[:-1] if factor > 1 else written) * factor
    except Overflow as error:
        raise InvalidOperation from error


def in_minor(amount: Decimal, currency: str) -> Decimal:
    """An amount in minor units; InvalidOperation when no number of them could be stored."""
    try:
        minor = amount.scaleb(minor_digits(currency))
    except Overflow as error:
        raise InvalidOperation from error
    if not minor.is_finite() or minor.adjusted() > _MOST_DIGITS:
        raise InvalidOperation
    return minor


def in_major(minor: int, currency: str) -> Decimal:
    """Minor units as the amount that people read."""
    return Decimal(int(minor)) / Decimal(10 ** minor_digits(currency))


def to_minor(written: str, currency: str) -> str:
    """An amount as typed, in minor units; what is no number stays as it is and is refused later."""
    bare = written.strip().replace(",", "").replace("，", "").lstrip("¥￥$£€ ")
    try:
        return f"{in_minor(counted(bare), currency).normalize():f}"
    except InvalidOperation:
        return written
