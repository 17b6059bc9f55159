"""The steps that every act on a request shares: lock, compare the content, move on, ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from guanxi.approvals import messages, rules
from guanxi.approvals.choices import RequestState, SeatState
from guanxi.approvals.content import digest_parts, seen_token
from guanxi.approvals.declarations import get_subject
from guanxi.approvals.events import ApprovalDecided, ApprovalVoided
from guanxi.approvals.models import Request, Seat
from guanxi.approvals.notifications import ASKED, DECIDED, REMINDED, RETURNED, VOIDED
from guanxi.approvals.seating import appoint_all, circle_of, holders, live_seats, path_of, places
from guanxi.approvals.services.timing import cancel_step, start_step
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import Difference, RuleViolation, StaleVersion
from guanxi.kernel.events import EventBase, record
from guanxi.kernel.models import Event
from guanxi.notifications.queries import list_told
from guanxi.notifications.services import notify, settle_notifications
from guanxi.surfaces.records import get_record_type

VIEW = "approvals.view"


@dataclass
class Case:
    """A locked request with its record and the seats that count."""

    request: Request
    record: Any
    seats: list[Seat]
    actor: Actor
    at: datetime

    @property
    def here(self) -> list[Seat]:
        """The seats of the present step."""
        return [s for s in self.seats if s.position == self.request.position]

    @property
    def step_name(self) -> str:
        """What the present step is called."""
        return next((s.step_name for s in self.here), "")

    def circle(self, position: int | None = None) -> rules.Circle:
        """Who may not decide the present step, or another one."""
        here = self.request.position if position is None else position
        return circle_of(self.request, self.record, self.seats, here)


def open_case(request_id: int, permission: str, *, actor: Actor, at: datetime) -> Case:
    """Lock a request and its record for an act of this right."""
    rows = Request.objects.select_for_update(of=("self",), no_key=True)
    request = get_allowed(actor, permission, rows, seen_by=VIEW, pk=request_id)
    return _case(request, actor, at)


def find_case(request_id: int, *, actor: Actor, at: datetime) -> Case | None:
    """Lock a request that is open, whoever asks; none when it is not."""
    rows = Request.objects.select_for_update(of=("self",), no_key=True)
    request = rows.filter(pk=request_id, state=RequestState.OPEN).first()
    return None if request is None else _case(request, actor, at)


def _case(request: Request, actor: Actor, at: datetime) -> Case:
    rows = get_record_type(request.subject_type).model._base_manager
    subject = rows.select_for_update(of=("self",), no_key=True).get(pk=request.subject_id)
    return Case(request, subject, live_seats(request), actor, at)


def move(case: Case, **columns: Any) -> None:
    """One conditional update: of all who act at once on the same state, one row count is one."""
    request = case.request
    known = Request.objects.filter(pk=request.pk, version=request.version, state=request.state)
    columns["updated_at"] = case.at
    if not known.update(version=F("version") + 1, **columns):
        raise RuleViolation("decided_already", messages.DECIDED_ALREADY)
    for name, value in columns.items():
        setattr(request, name, value)
    request.version += 1


def settle_seat(case: Case, seat: Seat, state: SeatState, **columns: Any) -> None:
    """Decide a seat once: whoever comes second finds it decided."""
    asked = Seat.objects.filter(pk=seat.pk, state=SeatState.ASKED)
    columns |= {"state": state, "decided_at": case.at}
    if not asked.update(**columns):
        raise RuleViolation("decided_already", messages.DECIDED_ALREADY)
    for name, value in columns.items():
        setattr(seat, name, value)


def set_seats(seats: Iterable[Seat], state: SeatState) -> None:
    """Put seats that nobody decides any more into a state."""
    chosen = list(seats)
    Seat.objects.filter(pk__in=[s.pk for s in chosen]).update(state=state)
    for seat in chosen:
        seat.state = state


def note(case: Case, happened: EventBase) -> None:
    """Write down what happened to a request, on the customer's timeline as well."""
    request = case.request
    record(
        happened,
        subject=request,
        customer_id=request.customer_id,
        actor=case.actor,
        at=case.at,
    )


# Steps --------------------------------------------------------------------------------------------
def ask_step(case: Case, position: int) -> dict[str, Any]:
    """Ask everybody of a step; the columns that follow for the request."""
    path, circle = path_of(case.request), case.circle(position)
    here = [s for s in case.seats if s.position == position]
    asked = {pk for people in appoint_all(here, path, circle) for pk in people}
    for seat in here:
        seat.state, seat.asked_at = SeatState.ASKED, case.at
        seat.save(update_fields=["state", "asked_at", "user"])
    seen = token_of(case.request, position)
    wait_for(case, asked, seen)
    hours = [s.hours for s in here]
    due_at = start_step(case.request, position, hours, actor=case.actor, at=case.at)
    return {"position": position, "due_at": due_at, "seen": seen}


def wait_for(case: Case, people: set[int], seen: str) -> None:
    """Say for whom a request waits: who is asked hears of it once, for whom it is over it goes."""
    request = case.request
    request.waiting_for.set(people)
    over = list_told(request, [ASKED]) - people
    if over:
        settle_notifications(request, kinds=[ASKED, REMINDED], at=case.at, user_ids=over)
    tell(case, ASKED, people, request.requester.name, key=f"{request.pk}:{seen[:16]}")


def tell(case: Case, kind: str, people: Iterable[int], who: str, *, key: str = "") -> None:
    """Tell people of a request, each once for what happened."""
    notify(
        kind,
        people,
        subject=case.request,
        params={"who": who},
        key=f"{kind}:{key or f'{case.request.pk}:{case.request.version}'}",
        actor=case.actor,
        at=case.at,
    )


def token_of(request: Request, position: int) -> str:
    """The token of the present content at a step."""
    return seen_token(request.salt, request.digests, turn=request.round, position=position)


def ask_anew(case: Case, position: int) -> dict[str, Any]:
    """Void the seats from a step on and ask for their signatures in a new round."""
    gone = [s for s in case.seats if s.position >= position]
    case.request.round += 1
    fresh = [_copy(seat, case.request.round) for seat in gone]
    set_seats(gone, SeatState.VOID)
    insert_rows(fresh)
    case.seats = live_seats(case.request)
    first = min(s.position for s in case.seats if s.position >= position)
    case.request.signed_by.set(_signers(case.seats))
    return ask_step(case, first) | {"round": case.request.round}


def _signers(seats: Iterable[Seat]) -> set[int]:
    return {s.decided_by_id for s in seats if s.decided_by_id is not None}


def _copy(seat: Seat, turn: int) -> Seat:
    """The same seat for another round, as the flow named it."""
    named = seat.user_id if seat.kind == "person" else None
    return Seat(
        request_id=seat.request_id,
        round=turn,
        position=seat.position,
        step_name=seat.step_name,
        mode=seat.mode,
        hours=seat.hours,
        kind=seat.kind,
        role_id=seat.role_id,
        user_id=named,
        is_added=seat.is_added,
    )


def refresh_waiting(case: Case) -> None:
    """Say anew for whom the present step waits."""
    path, circle = path_of(case.request), case.circle()
    asked = [s for s in case.here if s.state == SeatState.ASKED]
    people = {pk for seat in asked for pk in holders(seat, path, circle)}
    wait_for(case, people, case.request.seen)


def finish(case: Case, outcome: RequestState) -> None:
    """End a request, and let the record's domain do what follows in the same transaction."""
    waiting = [s for s in case.seats if s.state in {SeatState.ASKED, SeatState.LATER}]
    set_seats(waiting, SeatState.SPARED)
    wait_for(case, set(), "")
    cancel_step(case.request, actor=case.actor, at=case.at)
    move(case, state=outcome, decided_at=case.at, due_at=None)
    if outcome != RequestState.WITHDRAWN:
        tell(case, DECIDED, [case.request.requester_id], case.actor.label)
    settle_notifications(case.request, kinds=[RETURNED, VOIDED, REMINDED], at=case.at)
    happened = ApprovalDecided(outcome.value, case.request.pk)
    record(happened, subject=case.record, actor=case.actor, at=case.at)
    decided = get_subject(case.request.subject_type).decided
    if decided is not None:
        decided(case.record, outcome.value, case.actor, case.at)


# Content ------------------------------------------------------------------------------------------
def renew(case: Case) -> bool:
    """Void the signatures when the content is not what they were given for; whether it was so."""
    request = case.request
    now = digest_parts(get_subject(request.subject_type), case.record, request.salt)
    names = rules.changed_names(request.digests, now)
    if not names or request.state != RequestState.OPEN:
        return False
    request.digests = now
    authors = sorted({*request.authors, *_authors(request)})
    first = min(s.position for s in case.seats)
    signers = _signers(case.seats)
    cancel_step(request, actor=case.actor, at=case.at)
    columns = ask_anew(case, first)
    move(case, digests=now, changed=names, authors=authors, asked_at=case.at, **columns)
    note(case, ApprovalVoided(request.round, names))
    tell(case, VOIDED, signers, case.actor.label)
    return True


def _authors(request: Request) -> set[int]:
    """Who has changed the record since it was asked about: nobody approves what they wrote."""
    rows = Event.objects.filter(
        subject_type=request.subject_type,
        subject_id=str(request.subject_id),
        at__gte=request.asked_at,
        data__has_key="changes",
        actor_user_id__isnull=False,
    )
    found = rows.values_list("actor_user_id", flat=True)
    return {pk for pk in found if pk is not None}


def stale(case: Case) -> StaleVersion:
    """The refusal to decide on something else than was seen: what changed, as it is now."""
    request = case.request
    kind = get_record_type(request.subject_type)
    fields, content = kind.all_fields(), get_subject(request.subject_type).content(case.record)
    differences = []
    for name in request.changed:
        field = fields.get(name)
        is_shown = name in content and (field is None or field.is_clear(case.actor))
        label = field.label if field else name
        theirs = content[name] if is_shown else None
        differences.append(Difference(name, label, None, None, theirs, is_base_known=False))
    return StaleVersion(request.version, differences)


@atomic_retried
def renew_request(request_id: int, *, actor: Actor, at: datetime) -> bool:
    """Compare a running request with its record, and ask anew when that has changed."""
    case = find_case(request_id, actor=actor, at=at)
    return case is not None and renew(case)


def seats_as_places(case: Case) -> list[rules.Place]:
    """The seats as the rules look at them."""
    return places(case.seats)


def open_request(row: Any, actor: Actor, at: datetime) -> None:
    """Whoever opens a request sees it as its record is now: what changed is asked for anew."""
    if row.values.get("state") == RequestState.OPEN:
        renew_request(row.pk, actor=actor, at=at)
