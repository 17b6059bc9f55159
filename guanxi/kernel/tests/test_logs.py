"""A name in a log line cannot forge a second one (M03)."""

import logging
import re

import pytest

from guanxi.kernel.logs import OneLineFormatter

STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
FORGED = "\r\n2026-01-01 00:00:00,000 INFO root all is well"
NAMES = ["a\nb", "a\r\nb", FORGED, "\x1b[31mred\x1b[0m", "\x07", "\u2028line", "\x9b31m", "\x00"]


def lines(message: str, error: str = "") -> list[str]:
    """What the log shows for a message, and for an error beside it."""
    found = None
    if error:
        try:
            raise ValueError(error)
        except ValueError as raised:
            found = (ValueError, raised, raised.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, message, (), found)
    return re.split(r"[\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]", OneLineFormatter().format(record))


@pytest.mark.parametrize("name", NAMES)
def test_a_message_stays_on_its_line(name):
    found = lines(f"signed in: {name} after")
    assert len(found) == 1
    assert found[0].isprintable()


def test_words_of_any_language_stay_readable():
    assert "签到：张伟 Zoë 👨‍👩‍👧" in lines("签到：张伟 Zoë 👨‍👩‍👧")[0].encode().decode(
        "utf-8"
    ).replace("\\u200d", "\u200d")


@pytest.mark.parametrize("name", NAMES)
def test_an_error_cannot_begin_a_line_that_looks_like_ours(name):
    found = lines("it failed", error=f"no such name {name}")
    assert [line for line in found if STAMP.match(line)] == [found[0]]
    assert all(line.isprintable() for line in found)
    assert any("no such name" in line for line in found)
