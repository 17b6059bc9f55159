"""Queues of what leaves the installation: held after a restore, counted, shown.

Such a table has the columns of a delivery: state (due, leased, held, parked, done), due_at,
token, lease_until, done_at.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models

from guanxi.kernel.errors import Message
from guanxi.kernel.models import Delivery


@dataclass(frozen=True)
class Queue:
    """One such table, and what is to be done before its rows are held."""

    name: str
    label: Message
    model: type[models.Model]
    before_hold: Callable[[], None] | None = None


_queues: dict[str, Queue] = {}


def declare_queue(queue: Queue) -> None:
    """Add a table of what leaves by itself."""
    _queues[queue.name] = queue


def queues() -> list[Queue]:
    """The declared tables, beside the deliveries."""
    return list(_queues.values())


def outbound_models() -> list[type[models.Model]]:
    """Every table whose rows are held after a restore."""
    return [Delivery, *(queue.model for queue in _queues.values())]
