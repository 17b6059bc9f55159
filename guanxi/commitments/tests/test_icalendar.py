"""A calendar for other programs, line by line as RFC 5545 asks."""

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from guanxi.commitments.icalendar import LONGEST, Happening, escaped, fold, write_calendar

AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
TEXTS = st.text(max_size=300)


def unfolded(written):
    """The lines of a file as a reader takes them (3.1), each of which was short enough."""
    assert written.endswith(b"\r\n")
    assert all(len(line) <= LONGEST for line in written.split(b"\r\n"))
    for line in written.split(b"\r\n"):
        line.decode()  # no character is cut in two
    return written.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def unescaped(value):
    marks = {"n": "\n", "N": "\n"}
    return re.sub(r"\\(.)", lambda found: marks.get(found[1], found[1]), value)


@given(TEXTS)
def test_any_text_comes_back_from_one_line(text):
    (line,) = unfolded(fold(f"SUMMARY:{escaped(text)}"))
    assert not re.search(r"(?<!\\)(\\\\)*[;,]", line.partition(":")[2])
    seen = unescaped(line.partition(":")[2])
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    written = [c if c.isprintable() or c in "\t\n" else None for c in plain]
    assert len(seen) == len(plain)
    assert all(w is None or w == s for w, s in zip(written, seen, strict=True))


@given(TEXTS)
def test_no_text_adds_a_line_of_its_own(text):
    made = Happening("commitment-1@guanxi", AT, AT, summary=text, description=text)
    lines = unfolded(write_calendar(text, [made]))
    names = [re.split("[:;]", line)[0] for line in lines]
    assert names.count("BEGIN") == names.count("END") == 2
    assert names.count("SUMMARY") == 1
    assert "ATTENDEE" not in names


def test_an_entry_ends_when_it_is_due_in_universal_time():
    shanghai = datetime(2026, 3, 12, 18, 0, tzinfo=timezone(timedelta(hours=8)))
    made = Happening("commitment-7@guanxi", shanghai, AT, summary="发送报价", sequence=3)
    lines = unfolded(write_calendar("待办", [made]))
    assert "DTSTART:20260312T093000Z" in lines
    assert "DTEND:20260312T100000Z" in lines
    assert "DTSTAMP:20260311T023000Z" in lines
    assert "SEQUENCE:3" in lines
    assert "SUMMARY:发送报价" in lines
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
