"""Reads of tickets that are not plain lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery

from guanxi.deadlines.choices import Phase
from guanxi.deadlines.models import Clock
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.people.models import User
from guanxi.tickets.choices import LIVE, Said, State
from guanxi.tickets.models import Agent, Message, Ticket, Wording

PAGE: Final = 30
MOST_COLLEAGUES: Final = 100


# What was said ------------------------------------------------------------------------------------
def list_messages(
    ticket_id: int, *, before: int | None = None, after: int | None = None, most: int = PAGE
) -> tuple[list[Message], bool]:
    """A page of what was said, oldest first, and whether there is more beyond it.

    The newest page, or the one before a message; or what came after one.
    """
    rows = Message.objects.filter(ticket_id=ticket_id).select_related("post")
    rows = rows.prefetch_related("files__file", "post__letter__sender")
    if after is not None:
        found = list(rows.filter(seq__gt=after).order_by("seq")[: most + 1])
        return found[:most], len(found) > most
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows.order_by("-seq")[: most + 1])
    return found[:most][::-1], len(found) > most


def post_state(message: Message) -> str | None:
    """How far a reply has come that leaves by mail: waiting, sent or failed."""
    post = getattr(message, "post", None)
    if post is None:
        return None
    return {"done": "sent", "parked": "failed"}.get(post.state, "waiting")


def list_newer(ticket: Ticket, seen: int) -> QuerySet[Message]:
    """What was said to or by the customer since, newest last."""
    rows = Message.objects.filter(ticket=ticket, seq__gt=seen).exclude(said=Said.NOTE)
    return rows.order_by("seq")


def list_wordings() -> Sequence[tuple[str, str]]:
    """The phrases that are not said to customers, with what to say instead."""
    rows = Wording.objects.filter(is_on=True, archived_at=None).order_by("phrase")
    return list(rows.values_list("phrase", "instead"))


def list_colleagues(ticket: Ticket) -> list[tuple[int, str]]:
    """Who may be mentioned: the people of the ticket's department, by name."""
    rows = User.objects.filter(
        department_id=ticket.department_id or 0, is_active=True, archived_at=None
    )
    return list(rows.order_by("name_sort").values_list("pk", "name")[:MOST_COLLEAGUES])


# Beside a ticket, and beside its customer ---------------------------------------------------------
class Line(NamedTuple):
    """A ticket as lists of a few show it."""

    pk: int
    number: str
    subject: str
    state: str
    due_at: Any
    updated_at: Any
    owner__name: str | None
    customer__name: str | None


def as_lines(rows: QuerySet[Ticket], most: int) -> list[Line]:
    """The first of these rows with what a line needs: one statement."""
    return [Line(*row) for row in rows.values_list(*Line._fields)[:most]]


def of_customer(customer_id: int, actor: Actor) -> QuerySet[Ticket]:
    """The tickets of a customer in the reader's sight, newest first."""
    rows = Ticket.objects.filter(customer_id=customer_id, archived_at=None)
    return visible(actor, "tickets.view", rows).order_by("-created_at", "-pk")


def related(ticket: Ticket, actor: Actor) -> QuerySet[Ticket]:
    """What has to do with a ticket: linked, followed, merged into it."""
    ids = set(ticket.links.values_list("pk", flat=True))
    ids |= set(ticket.merged.values_list("pk", flat=True))
    ids |= set(ticket.followed_by.values_list("pk", flat=True))
    ids.add(ticket.follows_id or 0)
    rows = Ticket.objects.filter(pk__in=ids)
    return visible(actor, "tickets.view", rows).order_by("-created_at", "-pk")


def mine(actor: Actor) -> QuerySet[Ticket]:
    """What one deals with, soonest deadline first."""
    rows = Ticket.objects.filter(owner_id=actor.user_id or 0, state__in=LIVE, archived_at=None)
    return visible(actor, "tickets.view", rows)


def queue(actor: Actor) -> QuerySet[Ticket]:
    """What waits in one's queues for somebody."""
    rows = Ticket.objects.filter(
        owner_id=None, team_id__in=sorted(actor.team_ids), state__in=LIVE, archived_at=None
    )
    return visible(actor, "tickets.view", rows)


def get_successor(ticket_id: int) -> int | None:
    """The ticket that stands for one that was merged."""
    rows = Ticket.objects.filter(pk=ticket_id).values_list("merged_into_id", flat=True)
    return rows.first()


# Routing ------------------------------------------------------------------------------------------
def free_agents() -> QuerySet[Agent]:
    """Agents on shift who could take one more."""
    return Agent.objects.filter(
        is_on=True, archived_at=None, user__is_active=True, load__lt=F("capacity")
    )


def last_owner(customer_id: int) -> int | None:
    """Who dealt with the customer's last ticket."""
    rows = Ticket.objects.filter(customer_id=customer_id, owner__isnull=False)
    return rows.order_by("-created_at", "-pk").values_list("owner_id", flat=True).first()


def list_moved(most: int) -> list[tuple[int, datetime | None]]:
    """Live tickets whose next deadline was moved elsewhere, with when it is due by now."""
    running = Clock.objects.filter(
        record_key="tickets.ticket", object_id=OuterRef("pk"), phase=Phase.RUNNING
    )
    soonest = running.order_by().values("object_id").annotate(due=Min("due_at")).values("due")
    rows = Ticket.objects.filter(state__in=LIVE, archived_at=None).annotate(due=Subquery(soonest))
    is_other = ~Q(due_at=F("due")) & Q(due_at__isnull=False, due__isnull=False)
    came = Q(due_at=None, due__isnull=False)
    moved = rows.filter(is_other | came | Q(due_at__isnull=False, due=None))
    return list(moved.order_by("pk").values_list("pk", "due")[:most])


def backlog() -> QuerySet[Ticket]:
    """What waits for somebody."""
    return Ticket.objects.filter(
        owner=None, state__in=(State.NEW, State.OPEN), archived_at=None, team__isnull=False
    )


# Which verbs fit ----------------------------------------------------------------------------------
def is_at_its_place(values: Mapping[str, Any]) -> bool:
    """Done where it stands on the page, hence never in the menu."""
    del values
    return False


def is_live(values: Mapping[str, Any]) -> bool:
    """Whether somebody still has to do something."""
    return values.get("state") in LIVE


def is_free(values: Mapping[str, Any]) -> bool:
    """Whether nobody has it yet."""
    return is_live(values) and not values.get("owner")


def may_wait(values: Mapping[str, Any]) -> bool:
    """Whether it could be the customer's turn."""
    return values.get("state") in {State.NEW, State.OPEN}


def may_be_declared(values: Mapping[str, Any]) -> bool:
    """Whether it could become an emergency."""
    return is_live(values) and values.get("kind") != "emergency"


def is_solved(values: Mapping[str, Any]) -> bool:
    """Whether it could be closed."""
    return values.get("state") == State.SOLVED


def is_settled(values: Mapping[str, Any]) -> bool:
    """Whether it could be opened again."""
    return values.get("state") in {State.SOLVED, State.CLOSED}


def is_not_merged(values: Mapping[str, Any]) -> bool:
    """Whether it stands for itself."""
    return values.get("state") != State.MERGED
