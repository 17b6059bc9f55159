"""Transactions that are tried again when the database chose them to give way."""

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

TRIES: Final = 4
#: PostgreSQL's codes of a serialisation failure and of a deadlock.
_GAVE_WAY: Final = frozenset({"40001", "40P01"})

P = ParamSpec("P")
R = TypeVar("R")


def atomic_retried(write: Callable[P, R]) -> Callable[P, R]:
    """A write in one transaction, done anew when two who waited for each other were parted (G16).

    Within a transaction of the caller's own it is the caller's to try again.
    """
    inner = transaction.atomic(write)

    @wraps(write)
    def retried(*args: P.args, **kwargs: P.kwargs) -> R:
        for _try in range(0 if connection.in_atomic_block else TRIES - 1):
            try:
                return inner(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") not in _GAVE_WAY:
                    raise
        return inner(*args, **kwargs)

    return retried
