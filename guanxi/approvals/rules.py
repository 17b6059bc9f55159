"""Transitions, passing a step and who may decide: pure functions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from guanxi.approvals import messages
from guanxi.approvals.choices import Act, Mode, RequestState, SeatState
from guanxi.kernel.errors import RuleViolation

_DECIDING: Final = frozenset(
    {Act.APPROVE, Act.REJECT, Act.RETURN, Act.TRANSFER, Act.ADD_SIGNER, Act.WITHDRAW}
)
#: What may be done in which state; a request that was decided or withdrawn is done for good.
ALLOWED: Final[Mapping[str, frozenset[Act]]] = {
    RequestState.OPEN: _DECIDING,
    RequestState.RETURNED: frozenset({Act.RESUBMIT, Act.WITHDRAW}),
    RequestState.APPROVED: frozenset(),
    RequestState.REJECTED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}
_SIGNED: Final = frozenset({SeatState.APPROVED, SeatState.REJECTED, SeatState.RETURNED})


@dataclass(frozen=True)
class Place:
    """An approver's part of a step, as far as the rules look at it."""

    position: int
    mode: str
    state: str
    is_added: bool = False
    decided_by: int | None = None
    stood_for: int | None = None


@dataclass(frozen=True)
class Circle:
    """Who may not decide: those who ask, those concerned, and those who have signed already."""

    asking: frozenset[int] = frozenset()
    concerned: frozenset[int] = frozenset()
    signed: frozenset[int] = frozenset()

    @property
    def everyone(self) -> frozenset[int]:
        """All of them."""
        return self.asking | self.concerned | self.signed


def check_act(state: str, act: Act) -> None:
    """Refuse what a request in this state does not allow."""
    if act in ALLOWED[state]:
        return
    label = RequestState(state).label
    if ALLOWED[state]:
        raise RuleViolation("not_now", messages.NOT_NOW, state=label)
    raise RuleViolation("closed", messages.CLOSED, state=label)


def is_passed(places: Iterable[Place], position: int) -> bool:
    """Whether a step has the signatures it needs: all (会签), or any one (或签) and the added."""
    here = [p for p in places if p.position == position and p.state != SeatState.VOID]
    needed = [p for p in here if p.mode == Mode.ALL or p.is_added]
    others = [p for p in here if not (p.mode == Mode.ALL or p.is_added)]
    if any(p.state != SeatState.APPROVED for p in needed):
        return False
    return not others or any(p.state == SeatState.APPROVED for p in others)


def next_position(places: Iterable[Place], position: int) -> int | None:
    """The step after this one, or none when it was the last."""
    later = {p.position for p in places if p.state != SeatState.VOID and p.position > position}
    return min(later, default=None)


def earlier_positions(places: Iterable[Place], position: int) -> Sequence[int]:
    """The steps to which a request can be returned."""
    return sorted({p.position for p in places if p.position < position})


def signed(places: Iterable[Place], position: int, *, is_different: bool) -> frozenset[int]:
    """Who has signed where it counts: in this step always, in others if the flow says so.

    Whoever stood for somebody and whom they stood for have both signed.
    """
    found: set[int | None] = set()
    for place in places:
        if place.state in _SIGNED and (is_different or place.position == position):
            found |= {place.decided_by, place.stood_for}
    return frozenset(pk for pk in found if pk is not None)


def refuse_decider(people: Collection[int], circle: Circle) -> None:
    """Refuse when one of those who would decide (oneself, whom one stands for) may not."""
    given = frozenset(people)
    if given & circle.asking:
        raise RuleViolation("own_request", messages.OWN_REQUEST)
    if given & circle.concerned:
        raise RuleViolation("concerned", messages.CONCERNED)
    if given & circle.signed:
        raise RuleViolation("signed_twice", messages.TWICE)


def check_comment(act: Act, comment: str) -> None:
    """Whoever says no says why."""
    if act in {Act.REJECT, Act.RETURN} and not comment.strip():
        raise RuleViolation("required", messages.COMMENT_MISSING, "comment")


def changed_names(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The parts of the content whose digest is another one, or that came or went."""
    return sorted(n for n in before.keys() | now.keys() if before.get(n) != now.get(n))
