"""One effect per Idempotency-Key: the key and the effect are committed together (G02)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.models import IdempotencyKey
from guanxi.surfaces.services.probing import keeping_trail

KEPT = timedelta(hours=24)
SWEPT_AT_ONCE = 100


@dataclass(frozen=True)
class Answer:
    """What a write answered, so that it can be answered again."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeated: bool = False


class KeyReused(GuanxiError):
    """An Idempotency-Key came back with another request (HTTP 422)."""


@dataclass(frozen=True)
class Keyed:
    """A request under a key; `digest` tells it from every other request."""

    key: str
    digest: str


def answer_once(request: Keyed, act: Callable[[], Answer], *, actor: Actor, at: datetime) -> Answer:
    """Act, or give the answer of the first time; a refused act leaves no key behind.

    Twenty at once: all but one wait at the unique key until the first has committed.
    """
    with keeping_trail(actor, at):
        return _answer_once(request, act, actor, at)


@atomic_retried
def _answer_once(request: Keyed, act: Callable[[], Answer], actor: Actor, at: datetime) -> Answer:
    _sweep(at)
    kept = _claim(request, actor, at)
    if kept is not None:
        if kept.request_hash != request.digest:
            raise KeyReused
        return Answer(kept.status, kept.body or "", kept.headers, is_repeated=True)
    answer = act()
    IdempotencyKey.objects.filter(user_id=actor.user_id or 0, key=request.key).update(
        status=answer.status, body=answer.body, headers=dict(answer.headers)
    )
    return answer


def _claim(request: Keyed, actor: Actor, at: datetime) -> IdempotencyKey | None:
    """Write the key down; the row that was there before when it is not the first time."""
    own = IdempotencyKey.objects.filter(user_id=actor.user_id or 0, key=request.key)
    own.filter(created_at__lt=at - KEPT).delete()
    kept = own.first()
    if kept is not None:
        return kept
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                user_id=actor.user_id or 0,
                key=request.key,
                request_hash=request.digest,
                created_at=at,
            )
    except IntegrityError:
        return own.get()
    return None


def _sweep(at: datetime) -> None:
    """Forget old keys, a few with each write; rows that another sweep holds are left to it."""
    old = IdempotencyKey.objects.filter(created_at__lt=at - KEPT)
    if connection.features.has_select_for_update_skip_locked:
        old = old.select_for_update(skip_locked=True)
    ids = list(old.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    if ids:
        IdempotencyKey.objects.filter(pk__in=ids).delete()
