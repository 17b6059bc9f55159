"""Many at the same moment: threads that start together, each with a connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def crowd(size: int, act: Callable[[int], Any]) -> list[BaseException]:
    """Let so many do something at once; what went wrong."""
    gate, errors = threading.Barrier(size), []

    def one(number: int) -> None:
        try:
            gate.wait(30)
            act(number)
        except BaseException as error:  # noqa: BLE001  whatever it is, the test wants to see it
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def answers(size: int, act: Callable[[int], Any]) -> list[Any]:
    """What everybody got, an error being an answer too."""
    found: list[Any] = [None] * size

    def keep(number: int) -> None:
        try:
            found[number] = act(number)
        except Exception as error:  # noqa: BLE001  the answer
            found[number] = error

    assert crowd(size, keep) == []
    return found
