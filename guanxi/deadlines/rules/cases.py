"""A file of deadline cases: read strictly, so that a slip of the pen is named and never guessed."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from guanxi.deadlines.rules.calendars import Calendar, Day, Hours, check_day
from guanxi.deadlines.rules.fold import State, state_at
from guanxi.deadlines.rules.ledger import Entry, Kind
from guanxi.deadlines.rules.promises import Measure, Target
from guanxi.deadlines.rules.statutory import StatutoryTable, shipped_table
from guanxi.deadlines.rules.times import Impossible, check_instant, instant_of, ticks_of

T = TypeVar("T")
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST: Final = 10**12

#: What an event may say beside its type and time; who and why are kept but decide nothing.
_EVERY_EVENT: Final = frozenset({"type", "at", "id", "reason", "actor", "note"})
_OWN_KEYS: Final = {
    Kind.RETARGET: frozenset({"calendar", "target"}),
    Kind.TRANSFER: frozenset({"calendar"}),
    Kind.CALENDAR_CHANGED: frozenset({"calendar", "overrides"}),
}
_MEASURES: Final = (Measure.CALENDAR, Measure.BUSINESS, Measure.BUSINESS_DAYS)
_CASE_KEYS: Final = frozenset({"id", "calendar", "start", "target", "as_of"})
_MORE_CASE_KEYS: Final = frozenset({"events", "expect", "note"})


class BadCases(Exception):
    """What is wrong with a file of cases: one line that names the case and the reason."""


def answer(text: str | bytes) -> dict[str, Any]:
    """The states that a file's cases have at their `as_of`."""
    content = _read(text)
    with _named("the file"):
        _check_keys(content, frozenset({"calendars", "cases"}), frozenset({"about"}))
        calendars = _expect(content["calendars"], dict, "calendars")
        cases = _expect(content["cases"], list, "cases")
    book = Book(calendars)
    results = [answer_case(case, number, book) for number, case in enumerate(cases, 1)]
    seen: set[str] = set()
    for result in results:
        if result["id"] in seen:
            raise BadCases(_line(f"case {result['id']}: the id stands twice"))
        seen.add(result["id"])
    for name in calendars:
        with _named(f"calendar {name}"):
            book.calendar(name)
    return {"results": results}


class _named:  # noqa: N801 - reads as a phrase where it is used
    """Puts the name of what is read before the reason why it cannot be read."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError | OverflowError):
            raise BadCases(_line(f"{self.name}: {error}")) from error


def _line(text: str) -> str:
    """One line, whatever characters the file has put into names."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return printable if len(printable) <= 300 else printable[:299] + "…"


def _read(text: str | bytes) -> dict[str, Any]:
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        content = json.loads(decoded, object_pairs_hook=_object_of, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise BadCases("the file: nested too deeply") from error
    except ValueError as error:
        raise BadCases(_line(f"the file: not readable as JSON: {error}")) from error
    if not isinstance(content, dict):
        raise BadCases("the file: an object is expected")
    return content


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Impossible(f"the key {twice!r} stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise Impossible(f"{name} is not a number")


def _check_keys(
    value: Mapping[str, Any], needed: frozenset[str], more: frozenset[str] = frozenset()
) -> None:
    for name in value:
        if name not in needed | more:
            raise Impossible(f"unknown key {name!r}")
    for name in sorted(needed):
        if name not in value:
            raise Impossible(f"{name} is missing")


_WORDS: Final = {dict: "an object", list: "a list", str: "text", int: "a whole number"}


def _expect(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Impossible(f"{name}: {_WORDS[kind]} is expected")
    return value


@dataclass
class Book:
    """The calendars of a file, each read when a case first names it."""

    raw: Mapping[str, Any]

    def __post_init__(self) -> None:
        self._read: dict[str, Calendar] = {}

    def calendar(self, name: Any) -> Calendar:
        """The calendar of a name."""
        if not isinstance(name, str) or name not in self.raw:
            raise Impossible(f"there is no calendar {name!r}")
        if name not in self._read:
            try:
                self._read[name] = read_calendar(self.raw[name])
            except (ValueError, OverflowError) as error:
                raise Impossible(f"calendar {name}: {error}") from error
        return self._read[name]


def read_calendar(raw: Any) -> Calendar:
    """A calendar as files write it."""
    _expect(raw, dict, "the calendar")
    _check_keys(raw, frozenset({"tz", "weekly"}), frozenset({"statutory", "overrides"}))
    weekly = _expect(raw["weekly"], dict, "weekly")
    _check_keys(weekly, frozenset(), frozenset(WEEK))
    return Calendar(
        read_zone(raw["tz"]),
        tuple(read_day(weekly.get(name, []), name) for name in WEEK),
        read_overrides(raw.get("overrides", {})),
        _table(raw.get("statutory")),
    )


@cache
def zone_names() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


def read_zone(name: Any) -> ZoneInfo:
    """An IANA time zone by its name."""
    if not isinstance(name, str) or name not in zone_names():
        raise Impossible(f"there is no time zone {name!r}")
    return ZoneInfo(name)


def _table(name: Any) -> StatutoryTable | None:
    if name is None:
        return None
    return shipped_table(_expect(name, str, "statutory"))


def read_overrides(raw: Any) -> dict[date, Day]:
    """Own exceptions: date → openings, none when closed."""
    _expect(raw, dict, "overrides")
    return {read_date(day): read_day(hours, day) for day, hours in raw.items()}


def read_date(text: str) -> date:
    """A date as YYYY-MM-DD."""
    if not _DATE.fullmatch(text):
        raise Impossible(f"{text!r} is not a date like 2026-02-14")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Impossible(f"there is no {text}") from None


def read_day(raw: Any, name: str) -> Day:
    """The openings of one day."""
    pairs = _expect(raw, list, f"the openings of {name}")
    try:
        return check_day(tuple(_hours(pair) for pair in pairs))
    except Impossible as error:
        raise Impossible(f"{name}: {error}") from None


def _hours(pair: Any) -> Hours:
    if not isinstance(pair, list) or len(pair) != 2:
        raise Impossible('an opening is a pair like ["09:00", "18:00"]')
    return _second(pair[0]), _second(pair[1])


def _second(text: Any) -> int:
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise Impossible(f"{text!r} is not a time like 09:00")
    hour, minute, second = (int(part or 0) for part in found.groups())
    if hour * 3600 + minute * 60 + second > 86_400 or minute > 59 or second > 59:
        raise Impossible(f"there is no time {text}")
    return hour * 3600 + minute * 60 + second


def read_target(raw: Any) -> Target:
    """A target: seconds of a measure, or working days."""
    _expect(raw, dict, "target")
    if "measure" not in raw:
        raise Impossible("target: measure is missing")
    if raw["measure"] not in _MEASURES:
        raise Impossible(f"target: there is no measure {raw['measure']!r}")
    measure = Measure(raw["measure"])
    unit = "days" if measure is Measure.BUSINESS_DAYS else "seconds"
    _check_keys(raw, frozenset({"measure", unit}), frozenset({"recurring"}))
    amount = _expect(raw[unit], int, unit)
    if amount > _LONGEST:
        raise Impossible(f"{unit}: longer than any calendar")
    recurring = raw.get("recurring", False)
    if not isinstance(recurring, bool):
        raise Impossible("recurring: true or false is expected")
    return Target(measure, amount, recurring)


def read_instant(raw: Any, name: str) -> int:
    """An instant in ISO 8601 with its offset."""
    try:
        return ticks_of(check_instant(datetime.fromisoformat(_expect(raw, str, name))))
    except Impossible as error:
        raise Impossible(f"{name}: {error}") from None
    except (ValueError, OverflowError):
        raise Impossible(f"{name}: {raw!r} is not an instant in ISO 8601") from None


def answer_case(raw: Any, number: int, book: Book) -> dict[str, Any]:
    """The state of one case at its `as_of`, in the words of the file."""
    name = raw.get("id", f"number {number}") if isinstance(raw, dict) else f"number {number}"
    with _named(f"case {name}"):
        entries, as_of = read_case(raw, book)
        return {"id": raw["id"], **_told(state_at(entries, as_of))}


def read_case(raw: Any, book: Book) -> tuple[list[Entry], int]:
    """The ledger of a case, and the instant at which its state is asked."""
    _expect(raw, dict, "the case")
    _check_keys(raw, _CASE_KEYS, _MORE_CASE_KEYS)
    _expect(raw["id"], str, "id")
    _expect(raw.get("expect", {}), dict, "expect")
    entries = list(_entries(raw, book))
    as_of = read_instant(raw["as_of"], "as_of")
    if as_of < entries[0].at:
        raise Impossible("as_of is before the start")
    return entries, as_of


def _entries(raw: Mapping[str, Any], book: Book) -> Iterator[Entry]:
    start = read_instant(raw["start"], "start")
    calendar = book.calendar(raw["calendar"])
    yield Entry(Kind.START, start, target=read_target(raw["target"]), calendar=calendar)
    ids: dict[str, Any] = {}
    for number, event in enumerate(_expect(raw.get("events", []), list, "events"), 1):
        where = f"event {number}"
        try:
            entry = _entry(event, number, book)
        except (ValueError, OverflowError) as error:
            raise Impossible(f"{where}: {error}") from None
        if entry.at < start:
            raise Impossible(f"{where}: before the start")
        if ids.setdefault(str(entry.id), event) != event:
            raise Impossible(f"{where}: another event has the id {entry.id!r}")
        yield entry


def _entry(raw: Any, number: int, book: Book) -> Entry:
    _expect(raw, dict, "the event")
    kind = _kind(raw.get("type"))
    _check_keys(raw, frozenset({"type", "at"}), _EVERY_EVENT | _OWN_KEYS.get(kind, frozenset()))
    _check_needs(kind, raw)
    identity = raw.get("id", number)
    if isinstance(identity, bool) or not isinstance(identity, str | int):
        raise Impossible("id: text or a whole number is expected")
    return Entry(
        kind,
        read_instant(raw["at"], "at"),
        id=identity,
        reason=_expect(raw.get("reason", ""), str, "reason"),
        target=_given(raw, "target", read_target),
        calendar=_given(raw, "calendar", book.calendar),
        overrides=_given(raw, "overrides", read_overrides),
    )


def _kind(name: Any) -> Kind:
    if name == Kind.START or not isinstance(name, str) or name not in list(Kind):
        raise Impossible(f"there is no event {name!r} after the start")
    return Kind(name)


def _check_needs(kind: Kind, raw: Mapping[str, Any]) -> None:
    choices = _OWN_KEYS.get(kind)
    if choices and not choices & set(raw):
        raise Impossible(f"{' or '.join(sorted(choices))} is missing")


def _given(raw: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    return read(raw[name]) if name in raw else None


def _told(state: State) -> dict[str, Any]:
    """The state in the words of the file, instants in the zone of the calendar in force."""

    def at(ticks: int | None) -> str | None:
        return None if ticks is None else instant_of(ticks, state.calendar.zone).isoformat()

    return {
        "due_at": at(state.due_at),
        "phase": str(state.phase),
        "outcome": str(state.outcome) if state.outcome else None,
        "breached_at": at(state.breached_at),
        "misses": [at(miss) for miss in state.misses],
        "provisional": state.is_provisional,
    }
