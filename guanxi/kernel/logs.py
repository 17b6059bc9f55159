"""Log entries that no name can forge: control characters are escaped, errors are indented (M03)."""

import logging
from typing import Any


class OneLineFormatter(logging.Formatter):
    """One line per message; an error's own lines follow, indented under it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (Django's logging API)
        """Escape what a terminal or a log reader would act on."""
        return _escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """An error's message may hold anything, so none of its lines may look like an entry."""
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        """The same for a stack that was asked for."""
        return _indented(super().formatStack(stack_info))


def _escaped(line: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _indented(text: str) -> str:
    return "\n".join("    " + _escaped(line) for line in text.split("\n"))
