"""Log lines that stay one line: control characters in names cannot forge a second entry (M03)."""

import logging


class OneLineFormatter(logging.Formatter):
    """Formats a record on one line per message, control characters escaped."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (Django's logging API)
        """Escape what a terminal or a log reader would act on."""
        line = super().formatMessage(record)
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
