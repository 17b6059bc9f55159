"""`manage.py clock`: the worked cases, and what it says about a file that cannot be right."""

import copy
import json

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from guanxi.deadlines.rules.cases import BadCases, answer
from guanxi.deadlines.tests.worlds import CALENDARS, GOLDEN, calendar, weekly

pytestmark = pytest.mark.once
RESULTS = {row["id"]: row for row in answer(json.dumps(GOLDEN))["results"]}
KEYS = ["id", "due_at", "phase", "outcome", "breached_at", "misses", "provisional"]


def one(**changes):
    """A file with one sound case, changed."""
    case = {
        "id": "X1",
        "calendar": "C1",
        "start": "2026-03-11T10:00:00+08:00",
        "target": {"measure": "business", "seconds": 7200},
        "events": [],
        "as_of": "2026-03-20T10:00:00+08:00",
    }
    calendars = changes.pop("calendars", CALENDARS)
    return {"calendars": calendars, "cases": [case | changes]}


def result(**changes):
    return answer(json.dumps(one(**changes)))["results"][0]


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["id"])
def test_a_worked_case(case):
    found = RESULTS[case["id"]]
    assert list(found) == KEYS
    assert {name: found[name] for name in case["expect"]} == case["expect"]


def test_the_command_prints_one_object(tmp_path, capsys):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(GOLDEN), "utf-8")
    call_command("clock", str(path))
    assert json.loads(capsys.readouterr().out)["results"] == list(RESULTS.values())


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, None])
def test_an_unreadable_file_is_exit_code_2(tmp_path, content):
    path = tmp_path / "cases.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        call_command("clock", str(path))
    assert refused.value.returncode == 2
    assert len(str(refused.value).splitlines()) == 1


def c1(**changes):
    return {"C1": CALENDARS["C1"] | changes}


def week(*hours):
    return c1(weekly={"mon": list(hours)})


def event(**facts):
    return [{"at": "2026-03-11T10:30:00+08:00"} | facts]


BROKEN = {
    "unknown key 'foo'": {"foo": 1},
    "unknown key 'sunday'": {"calendars": c1(weekly={"sunday": []})},
    "unknown key 'hours'": {"calendars": c1(hours=1)},
    "unknown key 'pace'": {"target": {"measure": "business", "seconds": 1, "pace": 2}},
    "unknown key 'why'": {"events": event(type="pause", why="x")},
    "unknown key 'target'": {"events": event(type="pause", target={})},
    "target: measure is missing": {"target": {"seconds": 5}},
    "there is no measure 'weeks'": {"target": {"measure": "weeks", "seconds": 5}},
    "unknown key 'days'": {"target": {"measure": "business", "days": 5}},
    "seconds is missing": {"target": {"measure": "business"}},
    "a target is at least": {"target": {"measure": "business", "seconds": 0}},
    "a whole number": {"target": {"measure": "business", "seconds": 1.5}},
    "seconds: a whole number": {"target": {"measure": "calendar", "seconds": True}},
    "longer than any": {"target": {"measure": "calendar", "seconds": 10**40}},
    "not reached before 2200": {"target": {"measure": "calendar", "seconds": 10**11}},
    "not open long enough": {"target": {"measure": "business", "seconds": 10**11}},
    "does not open": {
        "calendars": c1(weekly={}),
        "target": {"measure": "business_days", "days": 1},
    },
    "recurring": {"target": {"measure": "business", "seconds": 5, "recurring": "yes"}},
    "between the years": {"start": "0001-01-01T00:00:00+08:00"},
    "instant lies between": {"as_of": "9999-12-31T23:59:59-12:00"},
    "needs its offset": {"start": "2026-03-11T10:00:00"},
    "not an instant": {"start": "2026-03-11T23:59:60+08:00"},
    "start: text": {"start": 17},
    "as_of is before": {"as_of": "2026-03-11T09:00:00+08:00"},
    "there is no calendar 'C9'": {"calendar": "C9"},
    "there is no calendar []": {"calendar": []},
    "there is no time zone": {"calendars": c1(tz="../../etc/passwd")},
    "time zone 8": {"calendars": c1(tz=8)},
    "no statutory table of 'FR'": {"calendars": c1(statutory="FR")},
    "ends after it starts": {"calendars": week(["18:00", "09:00"])},
    "an opening ends": {"calendars": week(["09:00", "09:00"])},
    "overlap": {"calendars": week(["09:00", "12:00"], ["11:00", "13:00"])},
    "no time 24:30": {"calendars": week(["09:00", "24:30"])},
    "no time 09:75": {"calendars": week(["09:75", "10:00"])},
    "not a time": {"calendars": week(["9", "18"])},
    "a pair": {"calendars": week(["09:00"])},
    "not a date": {"calendars": c1(overrides={"tomorrow": []})},
    "there is no 2026-02-30": {"calendars": c1(overrides={"2026-02-30": []})},
    "no event 'nap'": {"events": event(type="nap")},
    "no event 'start'": {"events": event(type="start")},
    "no event None": {"events": event()},
    "before the start": {"events": [{"type": "pause", "at": "2026-03-11T09:00:00+08:00"}]},
    "calendar or target is missing": {"events": event(type="retarget")},
    "calendar is missing": {"events": event(type="transfer")},
    "calendar or overrides": {"events": event(type="calendar_changed")},
    "another event has the id": {
        "events": [*event(type="pause", id="a"), *event(type="resume", id="a")]
    },
    "intervals were missed": {"target": {"measure": "calendar", "seconds": 1, "recurring": True}},
    "events: a list": {"events": {}},
    "expect: an object": {"expect": []},
}


@pytest.mark.parametrize(("reason", "changes"), BROKEN.items(), ids=lambda x: str(x)[:40])
def test_what_cannot_be_right_is_named(reason, changes):
    with pytest.raises(BadCases) as refused:
        answer(json.dumps(one(**changes)))
    assert reason in str(refused.value)
    assert str(refused.value).startswith("case X1: ")
    assert len(str(refused.value).splitlines()) == 1


def test_a_calendar_that_no_case_uses_is_checked_too():
    calendars = CALENDARS | {"SPARE": calendar("Mars/Base", {})}
    with pytest.raises(BadCases, match=r"calendar SPARE: .*Mars"):
        answer(json.dumps(one(calendars=calendars)))


@pytest.mark.parametrize(
    "text", ['{"cases": [NaN]}', '{"a": 1, "a": 1}', "[]", "1", '{"cases":[]}']
)
def test_what_is_no_file_of_cases(text):
    with pytest.raises(BadCases, match=r"^the file: "):
        answer(text)


def test_an_id_stands_once():
    content = one()
    content["cases"] *= 2
    with pytest.raises(BadCases, match="case X1: the id stands twice"):
        answer(json.dumps(content))


ODD = st.sampled_from(
    [
        *(None, True, -1, 0, 1.5, float("nan"), 10**30, [], {}, [[]], ["09:00"]),
        *("", "24:00", "2026-02-29", "x" * 5000, "a\nb", "\x00"),
        *("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"),
    ]
)


def places(value, path=()):
    """Every place of a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, name))


SMALL = {
    "calendars": {"C1": CALENDARS["C1HALF"], "NY": CALENDARS["NY"]},
    "cases": [
        one(
            events=[
                *event(type="pause", reason="customer"),
                *event(type="calendar_changed", overrides={"2026-03-12": []}),
                *event(
                    type="retarget", calendar="NY", target={"measure": "calendar", "seconds": 9}
                ),
            ]
        )["cases"][0]
    ],
}
PLACES = [path for path in places(SMALL) if path]


@seed(6)
@settings(max_examples=1_500)
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD, st.booleans()), min_size=1, max_size=3))
def test_nothing_but_an_answer_or_one_line(changes):
    content = copy.deepcopy(SMALL)
    for path, value, is_dropped in changes:
        spoil(content, path, value, is_dropped)
    assert said_of(content) in {"one line", "answers"}


def said_of(content):
    try:
        rows = answer(json.dumps(content))["results"]
    except BadCases as refused:
        return "one line" if len(str(refused).splitlines()) == 1 else str(refused)
    return "answers" if all(list(row) == KEYS for row in rows) else rows


def spoil(content, path, value, is_dropped):
    at = content
    for name in path[:-1]:
        if not isinstance(at, dict | list) or (isinstance(at, dict) and name not in at):
            return
        if isinstance(at, list) and not (isinstance(name, int) and name < len(at)):
            return
        at = at[name]
    if isinstance(at, dict):
        at[path[-1]] = copy.deepcopy(value)
        if is_dropped:
            del at[path[-1]]
    elif isinstance(at, list) and isinstance(path[-1], int) and path[-1] < len(at):
        at[path[-1]] = copy.deepcopy(value)


def at(text):
    return f"2026-03-{text}+08:00"


def test_overlapping_pauses_count_once():
    pauses = [("pause", "11:00"), ("pause", "11:10"), ("resume", "11:20"), ("resume", "11:30")]
    events = [{"type": kind, "at": at(f"11T{time}:00")} for kind, time in pauses]
    assert result(events=events, as_of=at("11T11:40:00"))["due_at"] == at("11T12:30:00")


def test_a_reason_ends_its_own_pause_only():
    events = [
        {"type": "pause", "reason": "customer", "at": at("11T10:30:00")},
        {"type": "pause", "reason": "parts", "at": at("11T10:40:00")},
        {"type": "resume", "reason": "customer", "at": at("11T10:50:00")},
    ]
    paused = result(events=events, as_of=at("11T11:00:00"))
    assert (paused["phase"], paused["due_at"], paused["outcome"]) == ("paused", None, None)


def test_what_is_not_delivered_did_not_stop():
    events = [
        {"type": "stop", "at": at("11T11:00:00")},
        {"type": "delivery_failed", "at": at("11T13:00:00")},
    ]
    assert result(events=events, as_of=at("11T11:30:00"))["outcome"] == "met"
    late = result(events=events, as_of=at("11T13:00:00"))
    assert (late["phase"], late["breached_at"]) == ("running", at("11T12:00:00"))


def test_reopened_after_the_window_stays_stopped():
    events = [{"type": "stop", "at": at("11T11:00:00")}]
    for day, phase in [("18T11:00:00", "running"), ("18T11:00:01", "stopped")]:
        again = [*events, {"type": "reopen", "at": at(day)}]
        assert result(events=again, as_of=at("19T00:00:00"))["phase"] == phase


def test_a_tightened_promise_leaves_time_to_react():
    tight = {"measure": "business", "seconds": 3600}
    events = [{"type": "retarget", "at": at("11T12:30:00"), "target": tight}]
    found = result(
        target={"measure": "business", "seconds": 32400}, events=events, as_of=at("11T12:30:00")
    )
    assert found["due_at"] == at("11T12:45:00")


def test_the_rest_runs_under_the_other_teams_calendar():
    events = [{"type": "transfer", "at": at("11T17:00:00"), "calendar": "NIGHT"}]
    found = result(
        target={"measure": "business", "seconds": 9 * 3600}, events=events, as_of=at("11T17:00:00")
    )
    assert found["due_at"] == at("12T00:00:00")


def test_cancelled_and_excused():
    cancelled = result(events=event(type="cancel"))
    assert [cancelled[key] for key in ("phase", "outcome", "due_at")] == ["cancelled", None, None]
    assert result(events=event(type="excuse"))["outcome"] == "breached"


def test_a_year_without_notice_makes_the_due_time_provisional():
    span = {"start": "2026-12-31T17:30:00+08:00", "as_of": "2026-12-31T17:30:00+08:00"}
    assert result(**span)["due_at"] == "2027-01-04T10:30:00+08:00"
    assert result(**span)["provisional"]
    assert not result(**span, target={"measure": "business", "seconds": 1800})["provisional"]
    assert not result(**span, target={"measure": "calendar", "seconds": 10**7})["provisional"]
    later = {"start": "2030-01-07T09:00:00+08:00", "as_of": "2030-01-07T09:00:00+08:00"}
    assert result(**later)["provisional"]
    assert not result(**later, calendar="UTC")["provisional"]


def test_fractions_of_seconds_are_kept():
    found = result(start="2026-03-11T10:00:00.250+08:00", as_of="2026-03-11T10:00:01+08:00")
    assert found["due_at"] == "2026-03-11T12:00:00.250000+08:00"


def test_a_week_with_one_opening_a_year_is_searched_far_enough():
    rare = calendar("UTC", {}, overrides={"2040-02-29": [["09:00", "10:00"]]})
    assert (
        result(calendars={"C1": rare}, target={"measure": "business", "seconds": 60})["due_at"]
        == "2040-02-29T09:01:00+00:00"
    )


def test_a_time_that_the_wall_clock_leaves_out_is_the_moment_of_the_jump():
    gap = calendar("America/New_York", weekly(("02:30", "04:00"), days=["sun"]))
    span = {"start": "2026-03-08T00:00:00-05:00", "as_of": "2026-03-08T00:00:00-05:00"}
    found = result(calendars={"C1": gap}, target={"measure": "business", "seconds": 60}, **span)
    assert found["due_at"] == "2026-03-08T03:01:00-04:00"
