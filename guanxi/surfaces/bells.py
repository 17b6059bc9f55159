"""The bell in the frame of every page; the domain that tells people things provides it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guanxi.kernel.actor import Actor

#: As many are counted and shown; beyond it stands a plus.
MOST: Final = 99


@dataclass(frozen=True)
class Bell:
    """Where the bell leads, how many things wait, and what a page follows to hear of more."""

    url: str
    count: Callable[[Actor, datetime], int]
    topic: Callable[[Actor], str]


_provided: list[Bell] = []


def provide_bell(bell: Bell) -> None:
    """Hang the bell."""
    _provided[:] = [bell]


def the_bell() -> Bell | None:
    """The bell, when some domain provides one."""
    return _provided[0] if _provided else None


def as_count(number: int) -> str:
    """How many, as the bell shows it: nothing, a number, or that there are more."""
    return "" if not number else str(number) if number <= MOST else f"{MOST}+"
