"""Calendars and days on which deadlines are hard, and random cases there."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from guanxi.deadlines.rules.cases import Book
from guanxi.deadlines.tests.oracle import STEP, STEPS, WEEK, Oracle

GOLDEN = json.loads(Path(__file__).with_name("clock_cases.json").read_text("utf-8"))


def weekly(*hours, days=WEEK[:5]):
    return {day: [list(pair) for pair in hours] for day in days}


def calendar(zone, week, statutory=None, overrides=None):
    return {"tz": zone, "weekly": week, "statutory": statutory, "overrides": overrides or {}}


NINE = ("09:00", "18:00")
NIGHT = [("00:00", "03:00"), ("22:00", "24:00")]
ROUND = ("00:00", "24:00")

CALENDARS = GOLDEN["calendars"] | {
    "SHOP": calendar(
        "Asia/Shanghai",
        weekly(("10:00", "14:00"), ("15:00", "19:00"), days=WEEK),
        "CN",
        {"2026-02-17": [["10:00", "14:00"]], "2026-10-02": []},
    ),
    "SUNDAY": calendar("Asia/Shanghai", weekly(("08:00", "12:00"), days=["sun"])),
    "NYNIGHT": calendar("America/New_York", weekly(*NIGHT, days=WEEK)),
    "NYGAP": calendar(
        "America/New_York", weekly(("01:30", "02:30"), ("03:30", "05:30"), days=WEEK)
    ),
    "HOWE": calendar("Australia/Lord_Howe", weekly(("01:00", "03:00"), ("09:00", "17:00"))),
    "APIA": calendar("Pacific/Apia", weekly(("08:00", "16:00"), days=WEEK)),
    "SAO": calendar("America/Sao_Paulo", weekly(ROUND, days=WEEK)),
    "UTC": calendar("UTC", weekly(NINE)),
}
#: Midnights (UTC) around which something happens: notices, new years, jumps of the wall clock.
ORIGINS = {
    "2026-02-09": ["C1", "C2", "MON4", "C1HALF", "SHOP", "H24", "NIGHT", "UTC"],
    "2025-09-22": ["C1", "C2", "MON4", "SHOP", "SUNDAY", "NY"],
    "2025-12-29": ["C1", "C2", "SHOP", "NY", "H24"],
    "2026-04-27": ["C1", "MON4", "NIGHT", "SUNDAY"],
    "2026-03-05": ["NY", "NYNIGHT", "NYGAP", "C1"],
    "2026-10-29": ["NY", "NYNIGHT", "NYGAP", "UTC"],
    "2026-04-02": ["HOWE", "C1"],
    "2026-10-01": ["HOWE", "C2"],
    "2011-12-27": ["APIA", "UTC"],
    "2018-11-01": ["SAO", "H24"],
    "2018-02-15": ["SAO", "C1"],
    "1986-05-01": ["C1", "NIGHT", "H24"],
    "1991-09-12": ["C2", "NIGHT"],
}
BOOK = Book(CALENDARS)


@cache
def oracle_of(origin):
    return Oracle(CALENDARS, datetime.fromisoformat(origin).replace(tzinfo=UTC))


def iso(origin, step):
    at = datetime.fromisoformat(origin).replace(tzinfo=UTC) + timedelta(seconds=STEP * step)
    return at.isoformat()


#: Hours in the middle of which a target's quarter is still whole steps.
SECONDS = st.integers(1, 40).map(lambda number: number * 4 * STEP)
DAYS = st.integers(1, 6)
NEVER = st.just(False)


@st.composite
def targets(draw, recurring=NEVER):
    measure = draw(st.sampled_from(["business", "calendar", "business_days"]))
    if measure == "business_days":
        found = {"measure": measure, "days": draw(DAYS)}
    else:
        found = {"measure": measure, "seconds": draw(SECONDS)}
    return found | ({"recurring": True} if draw(recurring) else {})


@st.composite
def events(draw, origin, kinds, last):
    kind = draw(st.sampled_from(kinds))
    # Whole hours meet dues and each other exactly; that is where clocks go wrong.
    step = draw(st.one_of(st.integers(0, last), st.integers(0, last // 4).map(lambda n: 4 * n)))
    event = {"type": kind, "at": iso(origin, step + 20)}
    names = [name for name in ORIGINS[origin] if has_whole_hours(name)]
    if kind in {"pause", "resume"}:
        reason = draw(st.sampled_from(["", "customer", "parts"]))
        event |= {"reason": reason} if reason else {}
    if kind == "retarget":
        event["target"] = draw(targets(recurring=st.sampled_from([False, False, True])))
    if kind == "transfer" or (kind == "retarget" and draw(st.booleans())):
        event["calendar"] = draw(st.sampled_from(names))
    if kind == "calendar_changed":
        day = iso(origin, draw(st.integers(0, last + 300)))[:10]
        hours = draw(st.sampled_from([[], [["09:00", "12:00"]], [["08:00", "20:00"]]]))
        event["overrides"] = {day: hours}
    return event


def has_whole_hours(name):
    """Whether a quarter of the calendar's Monday is whole steps."""
    return name != "NYGAP"


@st.composite
def cases(draw, kinds, most=6, recurring=NEVER):
    origin = draw(st.sampled_from(sorted(ORIGINS)))
    names = [name for name in ORIGINS[origin] if has_whole_hours(name) or "retarget" not in kinds]
    start = draw(st.one_of(st.integers(20, 400), st.sampled_from([20, 48, 60, 156])))
    last = draw(st.sampled_from([60, 200, 700]))
    found = draw(st.lists(events(origin, kinds, last), max_size=most)) if kinds else []
    begun = iso(origin, start)
    return origin, {
        "id": "random",
        "calendar": draw(st.sampled_from(names)),
        "start": begun,
        "target": draw(targets(recurring)),
        "events": [event for event in found if event["at"] >= begun],
        "as_of": iso(origin, min(STEPS - 2, start + draw(st.integers(0, last + 100)))),
    }
