"""A leaver's whole book to one or several colleagues, in the background, and back (交接, K12)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from guanxi.customers.events import CustomerTransferred
from guanxi.customers.models import Customer
from guanxi.customers.pools import dividing, messages
from guanxi.customers.pools.choices import HandOverState, Split
from guanxi.customers.pools.events import HandOverDone, HandOverStarted, HandOverUndone
from guanxi.customers.pools.models import HandedOver, HandOver
from guanxi.customers.rules import moves
from guanxi.kernel.access import get_allowed, require, visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import Happening, record, record_many
from guanxi.kernel.jobs import start_run
from guanxi.kernel.models import Run
from guanxi.people.models import User
from guanxi.surfaces.events import RecordChanged
from guanxi.surfaces.records import RecordType, record_types
from guanxi.surfaces.services import customer_of

STEP = 200
Note = Callable[[int, int], None]


# What a book is -----------------------------------------------------------------------------------
def owned_types() -> list[RecordType]:
    """Every record type whose records have an owner."""
    return [t for t in record_types() if t.declared().get("owner") and t.has_column("owner")]


def right_of(kind: RecordType) -> str:
    """The right that moves a record of a type to another owner."""
    return "customers.transfer" if kind.model is Customer else kind.allows("change")


def book(kind: RecordType, person_id: int) -> QuerySet[Any]:
    """What a person owns of a type, archived records too."""
    return kind.model._base_manager.filter(owner_id=person_id)


@dataclass(frozen=True)
class Part:
    """How many records of a type move, and how many the actor may not move."""

    kind: RecordType
    count: int
    left: int


def preview(hand_over: HandOver, actor: Actor) -> list[Part]:
    """The book by type, as the actor may move it."""
    parts = []
    for kind in owned_types():
        rows = book(kind, hand_over.person_id)
        count = visible(actor, right_of(kind), rows).count()
        parts.append(Part(kind, count, rows.count() - count))
    return parts


# Hooks --------------------------------------------------------------------------------------------
def check_hand_over(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """What has begun is not changed any more; nobody receives their own book."""
    state = current.get("state")
    if state is not None and state != HandOverState.DRAFT:
        raise RuleViolation("begun_already", messages.BEGUN_ALREADY)
    person = values.get("person", current.get("person"))
    if person in (values.get("receivers") or []):
        raise RuleViolation("not_to_oneself", messages.NOT_TO_ONESELF, "receivers")
    return values


# Over ---------------------------------------------------------------------------------------------
@transaction.atomic
def start_hand_over(hand_over_id: int, *, actor: Actor, at: datetime) -> Run:
    """Begin to give the book away, in the background."""
    hand_over = _fetch(hand_over_id, "hand_overs.start", actor)
    require(actor, "customers.transfer")
    if hand_over.state != HandOverState.DRAFT:
        raise RuleViolation("begun_already", messages.BEGUN_ALREADY)
    receivers = _receivers(hand_over)
    _set_state(hand_over, HandOverState.RUNNING, at)
    names = [person.name for person in receivers]
    happened = HandOverStarted(hand_over.person.name, names, hand_over.reason)
    record(happened, subject=hand_over, actor=actor, at=at)
    return start_run("customers.hand_over", _params(hand_over), actor=actor, at=at)


def hand_over_all(hand_over: HandOver, note: Note, *, actor: Actor, at: datetime) -> int:
    """Move the book step by step; killed and begun again it goes on; returns what was left."""
    receivers = _receivers(hand_over)
    mover = _Mover(hand_over, receivers, actor, at)
    kinds = owned_types()
    total = sum(book(kind, hand_over.person_id).count() for kind in kinds)
    done = 0
    for kind in kinds:
        after = 0
        while step := mover.step(kind, after):
            done, after = done + len(step), step[-1]
            note(done, total)
    left = sum(book(kind, hand_over.person_id).count() for kind in kinds)
    hand_over.refresh_from_db()
    _set_state(hand_over, HandOverState.DONE, at)
    record(HandOverDone(hand_over.moved, left), subject=hand_over, actor=actor, at=at)
    return left


class _Mover:
    """Moves the records of one hand-over."""

    def __init__(
        self, hand_over: HandOver, receivers: Sequence[User], actor: Actor, at: datetime
    ) -> None:
        self.hand_over, self.actor, self.at = hand_over, actor, at
        self.by_id = {person.pk: person for person in receivers}
        self.ids = sorted(self.by_id)
        self._provinces: dict[str, int] | None = None
        self._with_customers: dict[int, int] = {}

    @transaction.atomic
    def step(self, kind: RecordType, after: int) -> list[int]:
        """The next records that the actor may move, in order of their ids."""
        rows = visible(self.actor, right_of(kind), book(kind, self.hand_over.person_id))
        locked = rows.filter(pk__gt=after).order_by("pk").select_for_update(of=("self",))
        found = list(locked[:STEP])
        self._with_customers = self._receivers_of_customers(found)
        moved = [row for row in found if self._move(kind, row)]
        self._write_down(kind, moved)
        return [row.pk for row in found]

    def _receiver(self, row: Any) -> User:
        if self.hand_over.split == Split.PROVINCE and isinstance(row, Customer):
            if self._provinces is None:
                self._provinces = self._divide()
            found = self._provinces.get(row.province)
            return self.by_id[found or dividing.in_turn(row.pk, self.ids)]
        with_customer = self._with_customers.get(getattr(row, "customer_id", None) or 0)
        return self.by_id[with_customer or dividing.in_turn(row.pk, self.ids)]

    def _receivers_of_customers(self, rows: Sequence[Any]) -> dict[int, int]:
        """To whom the customers of these records went: what belongs to one goes along."""
        ids = {pk for row in rows if (pk := getattr(row, "customer_id", None))}
        moved = HandedOver.objects.filter(
            hand_over=self.hand_over, record_key="customers.customer", object_id__in=ids
        )
        return dict(moved.values_list("object_id", "to_user_id")) if ids else {}

    def _divide(self) -> dict[str, int]:
        """By all customers that were or are in the book, so that a new start divides alike."""
        moved = HandedOver.objects.filter(
            hand_over=self.hand_over, record_key="customers.customer"
        ).values("object_id")
        rows = Customer.objects.filter(Q(owner_id=self.hand_over.person_id) | Q(pk__in=moved))
        counts = rows.order_by().values_list("province").annotate(Count("pk"))
        return dividing.by_province(list(counts), self.ids)

    def _move(self, kind: RecordType, row: Any) -> bool:
        """One conditional update under the row's version."""
        receiver = self._receiver(row)
        row.before = (getattr(row, "team_id", None), getattr(row, "department_id", None))
        columns: dict[str, Any] = {"owner_id": receiver.pk, "updated_at": self.at}
        if isinstance(row, Customer):
            columns |= _customer_columns(receiver.department_id, None, self.at)
        rows = kind.model._base_manager.filter(pk=row.pk, version=row.version)
        row.receiver = receiver
        return bool(rows.update(**columns, version=F("version") + 1))

    def _write_down(self, kind: RecordType, moved: Sequence[Any]) -> None:
        person = self.hand_over.person
        insert_rows(
            [
                HandedOver(
                    hand_over=self.hand_over,
                    record_key=kind.key,
                    object_id=row.pk,
                    to_user_id=row.receiver.pk,
                    from_team_id=row.before[0],
                    from_department_id=row.before[1],
                    version_after=row.version + 1,
                )
                for row in moved
            ]
        )
        happenings = [
            _happening(
                kind, row, (person, row.receiver), self.hand_over.reason,
                to=(None, row.receiver.department_id),
            )
            for row in moved
        ]  # fmt: skip
        record_many(happenings, actor=self.actor, at=self.at)
        count = len(moved)
        HandOver.objects.filter(pk=self.hand_over.pk).update(moved=F("moved") + count)


def _customer_columns(
    department_id: int | None, team_id: int | None, at: datetime
) -> dict[str, Any]:
    """What goes with a customer's owner."""
    return {
        "department_id": department_id,
        "team_id": team_id,
        "owned_since": at,
        "recycle_on": None,
    }


def _happening(
    kind: RecordType, row: Any, people: tuple[User, User], reason: str,
    *, to: tuple[int | None, int | None],
) -> Happening:  # fmt: skip
    """The event of a row as it was before it moved; a customer goes to that team and department."""
    giver, taker = people
    version = row.version + 1
    if not isinstance(row, Customer):
        changes = {"owner": (giver.pk, taker.pk)}
        return Happening(RecordChanged(version=version), row, customer_of(kind, row), changes)
    happened = CustomerTransferred(
        giver.pk, taker.pk, giver.name, taker.name, reason, version=version
    )
    moved = moves(
        owner=(giver.pk, taker.pk),
        team=(row.team_id, to[0]),
        department=(row.department_id, to[1]),
    )
    return Happening(happened, row, row.pk, moved)


# Back ---------------------------------------------------------------------------------------------
@transaction.atomic
def undo_hand_over(hand_over_id: int, *, actor: Actor, at: datetime) -> Run:
    """Give the book back, in the background; what was changed or given on since stays."""
    hand_over = _fetch(hand_over_id, "hand_overs.undo", actor)
    if hand_over.state != HandOverState.DONE:
        raise RuleViolation("not_done", messages.NOT_HANDED_OVER)
    if not hand_over.person.is_active:
        raise RuleViolation("inactive_person", messages.INACTIVE_PERSON)
    _set_state(hand_over, HandOverState.UNDONE, at)
    return start_run("customers.undo_hand_over", _params(hand_over), actor=actor, at=at)


def give_all_back(
    hand_over: HandOver, note: Note, *, actor: Actor, at: datetime
) -> list[tuple[str, int]]:
    """Return every record that nobody touched since; the others, by type and id, to be listed."""
    items = HandedOver.objects.filter(hand_over=hand_over)
    kinds = {kind.key: kind for kind in owned_types()}
    pks = list(items.filter(returned_at=None).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), STEP):
        _return_step(hand_over, kinds, pks[start : start + STEP], actor=actor, at=at)
        note(min(start + STEP, len(pks)), len(pks))
    kept = list(items.filter(returned_at=None).values_list("record_key", "object_id"))
    returned = items.exclude(returned_at=None).count()
    HandOver.objects.filter(pk=hand_over.pk).update(returned=returned)
    record(HandOverUndone(returned, len(kept)), subject=hand_over, actor=actor, at=at)
    return kept


@transaction.atomic
def _return_step(
    hand_over: HandOver,
    kinds: Mapping[str, RecordType],
    pks: Sequence[int],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    happenings = []
    people = User.objects.in_bulk(list(hand_over.receivers.values_list("pk", flat=True)))
    for item in HandedOver.objects.filter(pk__in=pks).order_by("pk"):
        kind = kinds[item.record_key]
        rows = kind.model._base_manager.filter(
            pk=item.object_id, owner_id=item.to_user_id, version=item.version_after
        )
        columns: dict[str, Any] = {"owner_id": hand_over.person_id, "updated_at": at}
        if kind.model is Customer:
            columns |= _customer_columns(item.from_department_id, item.from_team_id, at)
        row: Any = rows.first()
        if row is None or not rows.update(**columns, version=F("version") + 1):
            continue
        HandedOver.objects.filter(pk=item.pk).update(returned_at=at)
        sides = (people[item.to_user_id], hand_over.person)
        back = (item.from_team_id, item.from_department_id)
        happenings.append(_happening(kind, row, sides, hand_over.reason, to=back))
    record_many(happenings, actor=actor, at=at)


# Steps --------------------------------------------------------------------------------------------
def _fetch(hand_over_id: int, permission: str, actor: Actor) -> HandOver:
    rows = HandOver.objects.select_for_update(of=("self",))
    return get_allowed(actor, permission, rows, seen_by="hand_overs.view", pk=hand_over_id)


def _receivers(hand_over: HandOver) -> list[User]:
    active = hand_over.receivers.filter(is_active=True, archived_at=None).order_by("pk")
    found = [person for person in active if person.pk != hand_over.person_id]
    if not found:
        raise RuleViolation("no_receiver", messages.NO_RECEIVER, "receivers")
    return found


def _set_state(hand_over: HandOver, state: HandOverState, at: datetime) -> None:
    HandOver.objects.filter(pk=hand_over.pk).update(
        state=state, version=F("version") + 1, updated_at=at
    )
    hand_over.state = state


def _params(hand_over: HandOver) -> dict[str, Any]:
    return {"hand_over": hand_over.pk, "record_key": "customers.customer"}
