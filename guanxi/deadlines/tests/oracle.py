"""A second clock, made to be seen through: it walks in quarter hours and asks at each step.

It shares no code with the rules. Time is a row of steps; a step is open when the wall clock,
which for openings never runs backward, shows a time inside an opening; a pause is a row of marks.
It reads the same raw cases as `manage.py clock`, as long as all their times lie on its steps.
"""

import csv
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ORDER = "pause resume stop update reopen delivery_failed retarget transfer calendar_changed excuse"
TABLE = Path(__file__).parents[1] / "statutory" / "CN.csv"
STEP = 900
STEPS = 2600


@cache
def notice():
    with TABLE.open(encoding="utf-8") as lines:
        return {row["date"]: row for row in csv.DictReader(lines)}


def hours_of(raw, day):
    """The openings of a date as the file writes them."""
    text = day.isoformat()
    if text in raw["overrides"]:
        return raw["overrides"][text]
    row = notice().get(text) if raw["statutory"] else None
    if row:
        return [] if row["kind"] == "holiday" else raw["weekly"].get("mon", [])
    return raw["weekly"].get(WEEK[day.weekday()], [])


class Scan:
    """A calendar laid over the steps: of each step its date and whether it is open."""

    def __init__(self, raw, origin):
        zone = ZoneInfo(raw["tz"])
        shown = (origin - timedelta(days=9)).replace(tzinfo=None)
        self.dates, self.open = [], []
        for number in range(-200, STEPS):
            at = origin + timedelta(seconds=STEP * number)
            shown = max(shown, at.astimezone(zone).replace(tzinfo=None))
            if number >= 0:
                text = shown.strftime("%H:%M")
                hours = hours_of(raw, shown.date())
                self.dates.append(shown.date())
                self.open.append(any(start <= text < end for start, end in hours))
        self.closes = {}
        last = {}
        for number, day in enumerate(self.dates):
            if self.open[number]:
                last[day] = number + 1
        for day, number in last.items():
            self.closes[number] = day
        self.steps = {}
        for number, day in enumerate(self.dates):
            if self.open[number]:
                self.steps.setdefault(day, []).append(number)
        # The date of the start by the ordinary wall clock: it may show a date again.
        self.wall = [
            (origin + timedelta(seconds=STEP * number)).astimezone(zone).date()
            for number in range(STEPS)
        ]


class Oracle:
    """Answers raw cases of a family of calendars around one origin."""

    def __init__(self, calendars, origin):
        self.calendars = calendars
        self.origin = origin
        self.scans = {}

    def scan(self, name, changes=()):
        key = (name, changes)
        if key not in self.scans:
            raw = dict(self.calendars[name])
            raw["overrides"] = raw["overrides"] | {d: [list(h) for h in hs] for d, hs in changes}
            self.scans[key] = Scan(raw, self.origin)
        return self.scans[key]

    def step(self, text):
        seconds = (datetime.fromisoformat(text).astimezone(UTC) - self.origin).total_seconds()
        assert seconds % STEP == 0
        return int(seconds) // STEP

    def instant(self, number, case_zone):
        at = self.origin + timedelta(seconds=STEP * number)
        return at.astimezone(ZoneInfo(case_zone)).isoformat()

    def due(self, promise, paused):
        """The step at which a promise falls due, or None beyond the last."""
        if promise[0] == "softened":
            former, new, grace = (self.due(part, paused) for part in promise[1:])
            beyond = STEPS * 2
            later = max(beyond if new is None else new, beyond if grace is None else grace)
            found = min(beyond if former is None else former, later)
            return None if found == beyond else found
        _, target, start, course = promise
        if target["measure"] == "business_days":
            return self.due_days(target["days"], start, course, paused)
        left = target["seconds"] // STEP
        for number in range(start, STEPS):
            key = [part for since, part in course if since <= number][-1]
            if not paused[number] and (
                target["measure"] == "calendar" or self.scan(*key).open[number]
            ):
                left -= 1
                if left == 0:
                    return number + 1
        return None

    def due_days(self, days, start, course, paused):
        judged = date.min
        for number in range(start + 1, STEPS):
            scan = self.scan(*[part for since, part in course if since < number][-1])
            day = scan.closes.get(number)
            if day is None or day <= scan.wall[start] or day <= judged:
                continue
            judged = day
            steps = scan.steps[day]
            days -= 2 * sum(paused[step] for step in steps) < len(steps)
            if days == 0:
                return number
        return None

    def answer(self, case):
        """The state at the case's `as_of`, or None when it lies beyond the steps."""
        return Walk(self, case).run()


class Walk:
    """One case, walked step by step."""

    def __init__(self, oracle, case):
        self.oracle = oracle
        self.case = case
        self.start = self.interval = oracle.step(case["start"])
        self.target = case["target"]
        self.now_key = (case["calendar"], ())
        self.course = [(-1, self.now_key)]
        self.promise = ("plain", self.target, self.start, self.course)
        self.phase = "running"
        self.held = []
        self.paused = [False] * STEPS
        self.breach = None
        self.outcome = None
        self.misses = []
        self.at_stop = None
        self.stopped = 0
        self.known = ...

    def due(self):
        if self.known is ...:
            self.known = self.oracle.due(self.promise, self.paused)
        return self.known

    def run(self):
        end = self.oracle.step(self.case["as_of"])
        events = self.events(end)
        for number in range(self.start, end + 1):
            self.notice_breach(number)
            for event in events.get(number, []):
                getattr(self, event["type"])(event, number)
                self.known = ...
                self.notice_breach(number)
            if self.phase in {"paused", "stopped"}:
                self.paused[number] = True
                self.known = ...
        # The marks of the step that begins now belong to the future.
        self.paused[end] = False
        self.known = ...
        return self.told()

    def events(self, end):
        ordered = sorted(
            (self.oracle.step(event["at"]), ORDER.split().index(event["type"]), number, event)
            for number, event in enumerate(self.case["events"])
        )
        kept = []
        for at, _, _, event in ordered:
            if at > end:
                continue
            if event["type"] != "delivery_failed":
                kept.append((at, event))
                continue
            stops = [n for n, (_, known) in enumerate(kept) if known["type"] == "stop"]
            if stops:
                del kept[stops[-1]]
        found = {}
        for at, event in kept:
            found.setdefault(at, []).append(event)
        return found

    def notice_breach(self, number):
        while self.phase == "running" and self.breach is None:
            due = self.due()
            if due is None or due >= number:
                return
            if not self.target.get("recurring"):
                self.breach = due
                return
            self.misses.append(due)
            self.restart(due)

    def restart(self, number):
        self.interval = number
        self.promise = ("plain", self.target, number, self.course)
        self.known = ...

    def pause(self, event, number):
        if self.phase in {"running", "paused"}:
            self.phase = "paused"
            self.held.append(event.get("reason", ""))

    def resume(self, event, number):
        reason = event.get("reason", "")
        if self.phase == "paused":
            if not reason:
                del self.held[0]
            elif reason in self.held:
                self.held.remove(reason)
            self.phase = "paused" if self.held else "running"

    def stop(self, event, number):
        if self.phase not in {"running", "paused"}:
            return
        self.phase, self.held = "running", []
        self.notice_breach(number)
        self.at_stop = self.due() if self.breach is None else self.breach
        self.outcome = "met" if self.breach is None else "breached"
        self.phase, self.stopped = "stopped", number

    def reopen(self, event, number):
        if self.phase == "stopped" and (number - self.stopped) * STEP <= 7 * 86_400:
            self.phase, self.outcome, self.at_stop = "running", None, None

    def update(self, event, number):
        if self.target.get("recurring") and self.phase in {"running", "paused"}:
            self.restart(number)

    def retarget(self, event, number):
        if self.phase not in {"running", "paused"} or self.breach is not None:
            return
        target = event["target"]
        if "calendar" in event:
            self.now_key = (event["calendar"], ())
            self.course = [(-1, self.now_key)]
        start = self.interval if target.get("recurring") else self.start
        new = ("plain", target, start, self.course)
        old_due, new_due = self.due(), self.oracle.due(new, self.paused)
        if new_due is None or (old_due is not None and new_due >= old_due):
            self.promise = new
        else:
            grace = ("plain", self.grace(target), number, self.course)
            self.promise = ("softened", self.promise, new, grace)
        self.target = target

    def grace(self, target):
        if target["measure"] != "business_days":
            return target | {"seconds": min(target["seconds"] // 4, 4 * 3600)}
        monday = self.oracle.calendars[self.now_key[0]]["weekly"].get("mon", [])
        hours = sum(int(end[:2]) - int(start[:2]) for start, end in monday)
        seconds = min(target["days"] * hours * 900, 4 * 3600)
        return {"measure": "business", "seconds": seconds}

    def transfer(self, event, number):
        self.switch((event["calendar"], ()), number, None)

    def calendar_changed(self, event, number):
        name, changes = self.now_key
        days = dict(changes) | {
            day: tuple(tuple(pair) for pair in hours) for day, hours in event["overrides"].items()
        }
        self.switch((name, tuple(sorted(days.items()))), number, self.now_key)

    def switch(self, key, number, only):
        self.promise = self.moved(self.promise, key, number, only)
        self.course = [part for part in self.course if part[0] < number] + [(number, key)]
        self.now_key = key

    def moved(self, promise, key, number, only):
        if promise[0] == "softened":
            return ("softened", *(self.moved(part, key, number, only) for part in promise[1:]))
        kind, target, start, course = promise
        if only is not None and course[-1][1] != only:
            return promise
        kept = [part for part in course if part[0] < number]
        return (kind, target, start, [*kept, (number, key)])

    def excuse(self, event, number):
        pass

    def told(self):
        zone = self.oracle.calendars[self.now_key[0]]["tz"]
        due = self.due() if self.phase == "running" else self.at_stop
        if self.breach is not None:
            due = self.breach
        elif due is None and self.phase != "paused":
            return None

        def at(number):
            return None if number is None else self.oracle.instant(number, zone)

        return {
            "due_at": at(due),
            "phase": self.phase,
            "outcome": "breached" if self.breach is not None else self.outcome,
            "breached_at": at(self.breach),
            "misses": [at(miss) for miss in self.misses],
        }
