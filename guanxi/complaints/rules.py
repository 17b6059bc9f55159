"""The standard process: which step leads from where to where, and what it needs. No Django here.

`STEPS` is the whole of it: whatever is not declared there is refused, for pages, programs and
approvals alike, so no step can be skipped (CPL-7, F10).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from guanxi.complaints import messages
from guanxi.kernel.errors import RuleViolation

REGISTERED, ACKNOWLEDGED, INVESTIGATING = "registered", "acknowledged", "investigating"
DETERMINED, LEGAL_REVIEW, PROPOSED = "determined", "legal_review", "proposed"
APPROVED, EXECUTING, EXECUTED = "approved", "executing", "executed"
VISITED, CLOSED = "visited", "closed"
WITHDRAWN, EXTERNAL = "withdrawn", "external"

#: The way that every complaint goes, in order.
WAY: Final = (
    REGISTERED, ACKNOWLEDGED, INVESTIGATING, DETERMINED, LEGAL_REVIEW, PROPOSED, APPROVED,
    EXECUTING, EXECUTED, VISITED, CLOSED,
)  # fmt: skip
STATES: Final = (*WAY, WITHDRAWN, EXTERNAL)
OPEN: Final = frozenset(WAY) - {CLOSED}
#: With an outside body there is still something to be done about it.
UNENDED: Final = (*WAY[:-1], EXTERNAL)
#: As long as responsibility is open, the intake can be put right.
UNDETERMINED: Final = frozenset({REGISTERED, ACKNOWLEDGED, INVESTIGATING})
ATTEMPTS: Final = 3
MOST_DAYS: Final = 10
FEWEST_DAYS: Final = 4
WHOLE: Final = 100
#: What the customer said; fixed once responsibility was determined on it.
INTAKE: Final = frozenset(
    {"received_at", "customer", "contact", "origin", "complainant_name", "complainant_phone",
     "represents", "channel", "product", "description", "claim", "claim_minor"}
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step: where it may be taken, where it leads ("" stays), what must hold before.

    A step of approvals is taken by their outcome, never by a person directly.
    """

    name: str
    start: frozenset[str]
    end: str = ""
    needs: tuple[str, ...] = ()
    is_of_approvals: bool = False


def _step(name: str, start: Collection[str], end: str = "", *needs: str, **more: bool) -> Step:
    return Step(name, frozenset(start), end, needs, **more)


def _outcome(name: str, start: str, end: str) -> Step:
    return _step(name, {start}, end, is_of_approvals=True)


STEPS: Final[Mapping[str, Step]] = {
    step.name: step
    for step in (
        _step("acknowledge", {REGISTERED}, ACKNOWLEDGED),
        _step("assign", OPEN | {EXTERNAL}),
        _step("investigate", {ACKNOWLEDGED}, INVESTIGATING, "handler"),
        _step("note_finding", {INVESTIGATING}, "", "apart"),
        _step("add_evidence", OPEN | {EXTERNAL}),
        _step("extend", UNDETERMINED, "", "second"),
        _step("determine", {INVESTIGATING, DETERMINED}, DETERMINED, "apart", "finding"),
        _step("submit", {DETERMINED}, LEGAL_REVIEW, "apart"),
        _outcome("legal_agrees", LEGAL_REVIEW, ""),
        _outcome("legal_refuses", LEGAL_REVIEW, INVESTIGATING),
        _outcome("legal_is_withdrawn", LEGAL_REVIEW, DETERMINED),
        _step("add_remedy", {LEGAL_REVIEW}, "", "legal"),
        _step("drop_remedy", {LEGAL_REVIEW}, "", "legal"),
        _step("propose", {LEGAL_REVIEW}, PROPOSED, "apart", "legal", "remedy"),
        _outcome("solution_agreed", PROPOSED, APPROVED),
        _outcome("solution_refused", PROPOSED, LEGAL_REVIEW),
        _outcome("solution_withdrawn", PROPOSED, LEGAL_REVIEW),
        _step("begin", {APPROVED}, EXECUTING, "told_plan"),
        _step("carry_out", {EXECUTING}),
        _step("finish", {EXECUTING}, EXECUTED, "carried_out"),
        _step("tell", OPEN | {EXTERNAL}),
        _step("hear", OPEN | {EXTERNAL}),
        _step("wait", OPEN),
        _step("attempt", {EXECUTED, VISITED}, VISITED, "told"),
        _step("visit", {EXECUTED, VISITED}, VISITED, "told"),
        _step("close", {VISITED}, CLOSED, "told", "answered", "second", "apart"),
        _step("reopen", {VISITED, CLOSED, WITHDRAWN}, INVESTIGATING),
        _step("withdraw", OPEN - {EXECUTING, EXECUTED, VISITED}, WITHDRAWN, "undecided"),
        _step("refer", OPEN | {CLOSED}, EXTERNAL, "undecided"),
        _step("note_ruling", {EXTERNAL}),
        _step("take_back", {EXTERNAL}, INVESTIGATING, "ruling"),
        _step("invite", {VISITED, CLOSED}),
    )
}


def check_step(name: str, state: str, facts: Collection[str]) -> str:
    """Where a step leads from a state, given what holds; refused when it is not declared."""
    step = STEPS[name]
    if state not in step.start:
        raise RuleViolation("not_now", messages.NOT_NOW)
    for need in step.needs:
        if need not in facts:
            raise RuleViolation(need, messages.NEEDS[need])
    return step.end or state


def is_possible(name: str, state: str) -> bool:
    """Whether a step may be taken in a state at all."""
    return state in STEPS[name].start


@dataclass(frozen=True)
class Present:
    """What a complaint holds, as far as steps need to know."""

    handler: int | None
    concerned: frozenset[int]
    has_finding: bool
    is_reviewed: bool
    remedies: int
    carried_out: int
    is_told_plan: bool
    is_told: bool
    attempts: int
    outcome: str
    visitors: frozenset[int]
    has_ruling: bool
    is_undecided: bool


def facts_of(present: Present, people: Collection[int]) -> frozenset[str]:
    """What holds for those who act: the person, and whoever they stand for."""
    acting = frozenset(people)
    is_answered = present.outcome == "accepted" or (
        not present.outcome and present.attempts >= ATTEMPTS
    )
    found = {
        "handler": present.handler is not None,
        "apart": not acting & present.concerned,
        "second": not acting & (present.visitors | {present.handler or 0}),
        "finding": present.has_finding,
        "legal": present.is_reviewed,
        "remedy": present.remedies > 0,
        "carried_out": 0 < present.remedies == present.carried_out,
        "told_plan": present.is_told_plan,
        "told": present.is_told,
        "answered": is_answered,
        "ruling": present.has_ruling,
        "undecided": present.is_undecided,
    }
    return frozenset(name for name, holds in found.items() if holds)


def check_shares(company: int, customer: int, third: int, third_party: str) -> None:
    """Responsibility is whole, and a third party that bears some of it has a name (CPL-2)."""
    shares = (company, customer, third)
    if min(shares) < 0 or sum(shares) != WHOLE:
        raise RuleViolation("shares", messages.SHARES, "company_share")
    if third and not third_party:
        raise RuleViolation("third_party", messages.THIRD_PARTY, "third_party")


def check_days(days: int) -> None:
    """A head may give an investigation up to ten working days in all (CPL-2)."""
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise RuleViolation("days", messages.DAYS, "days")


def check_handler(handler: int, concerned: Collection[int]) -> None:
    """Nobody handles a complaint about themselves."""
    if handler in concerned:
        raise RuleViolation("apart", messages.NEEDS["apart"], "handler")


def check_intake(values: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """Who complains is said or left out on purpose; what was said is fixed once judged upon."""
    if current and current.get("state", REGISTERED) not in UNDETERMINED:
        touched = INTAKE & {n for n in values if values[n] != current.get(n)}
        if touched:
            raise RuleViolation("determined", messages.DETERMINED, min(touched))
    names = ("origin", "complainant_name", "customer", "represents")
    origin, name, customer, represents = (values.get(n, current.get(n)) for n in names)
    if origin == "anonymous" and (name or customer):
        raise RuleViolation("anonymous", messages.ANONYMOUS, "origin")
    if origin == "proxy" and not represents:
        raise RuleViolation("represents", messages.REPRESENTS, "represents")
    if origin in {"self", None} and not (name or customer):
        raise RuleViolation("who", messages.WHO, "complainant_name")


def check_archiving(state: str, *, has_ruling: bool) -> None:
    """Only what is ended goes into the archive."""
    if state in {CLOSED, WITHDRAWN} or (state == EXTERNAL and has_ruling):
        return
    raise RuleViolation("not_ended", messages.NOT_ENDED)
