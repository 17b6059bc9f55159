"""Reads of notifications: one's own, and only what is not held back; who is told, and how."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Model, Q, QuerySet

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.kernel.events import subject_type
from guanxi.notifications.choices import Channel
from guanxi.notifications.declarations import Kind, kinds
from guanxi.notifications.models import Mail, Notification, Wish
from guanxi.people.queries import list_active
from guanxi.surfaces.bells import MOST


def list_own(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """Return what a person has been told by now, newest first."""
    own = Notification.objects.filter(user_id=actor.user_id or 0, not_before__lte=at)
    return own.order_by("-not_before", "-id")


def list_unread(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """Return what a person has neither read nor is settled."""
    return list_own(actor, at).filter(read_at=None, settled_at=None)


def list_earlier(actor: Actor, at: datetime) -> QuerySet[Notification]:
    """Return what a person has read, or what is settled."""
    return list_own(actor, at).exclude(read_at=None, settled_at=None)


def count_unread(actor: Actor, at: datetime) -> int:
    """Return how much waits at a person's bell; counted only a little further than it shows."""
    return list_unread(actor, at).order_by()[: MOST + 1].count()


def count_unread_of(user_ids: Collection[int], at: datetime) -> dict[int, int]:
    """Return how much waits at the bells of several people."""
    waiting = Notification.objects.filter(
        user_id__in=user_ids, not_before__lte=at, read_at=None, settled_at=None
    )
    found = dict(waiting.order_by().values_list("user_id").annotate(n=Count("pk")))
    return {user_id: found.get(user_id, 0) for user_id in user_ids}


def list_told(subject: Model, kinds: Collection[str] = ()) -> set[int]:
    """Return the people who were told of a subject what is not settled yet, of these kinds."""
    rows = Notification.objects.filter(
        subject_type=subject_type(type(subject)), subject_id=str(subject.pk), settled_at=None
    )
    rows = rows.filter(kind__in=kinds) if kinds else rows
    return set(rows.values_list("user_id", flat=True))


def get_own(actor: Actor, at: datetime, pk: str) -> Notification:
    """Return one notification of one's own."""
    found = list_own(actor, at).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def list_before(rows: QuerySet[Notification], mark: Notification) -> QuerySet[Notification]:
    """Return what stands after a notification in a list that begins with the newest."""
    older = Q(not_before=mark.not_before, pk__lt=mark.pk)
    return rows.filter(Q(not_before__lt=mark.not_before) | older)


@dataclass(frozen=True)
class Receiver:
    """Somebody who may be told, and how they want to be."""

    user_id: int
    email: str
    time_zone: str
    mode: str
    hour: int
    kinds: Mapping[str, str] = field(compare=False)

    def channel(self, kind: Kind) -> str:
        """By which ways a kind comes to them."""
        return self.kinds.get(kind.code, Channel.ALL)


def list_receivers(user_ids: Iterable[int]) -> list[Receiver]:
    """Return those of some users who may sign in, with what they chose, by their ids."""
    people = list_active(user_ids).values_list("pk", "email", "time_zone")
    wishes = {w.pk: w for w in Wish.objects.filter(user_id__in=set(user_ids))}
    return [_receiver(row, wishes.get(row[0]) or Wish()) for row in people]


def _receiver(row: tuple[int, str, str], wish: Wish) -> Receiver:
    return Receiver(*row, mode=wish.mode, hour=wish.hour, kinds=wish.kinds)


def get_wish(user_id: int) -> Wish:
    """Return how a person wants to be told, the defaults when they have not chosen."""
    return Wish.objects.filter(pk=user_id).first() or Wish(user_id=user_id)


def is_kind(code: str) -> bool:
    """Return whether some domain declares this kind."""
    return code in kinds()


def list_of_mail(mail: Mail) -> list[Notification]:
    """Return what a mail is about and nobody has read or settled meanwhile, oldest first."""
    rows = Notification.objects.filter(mail=mail, read_at=None, settled_at=None)
    return list(rows.order_by("not_before", "pk"))


def list_parked() -> QuerySet[Mail]:
    """Return the mails that were given up, oldest first."""
    return Mail.objects.filter(state="parked").select_related("user").order_by("created_at")
