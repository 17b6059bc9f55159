"""Keeping what is typed; a draft is no record: it has no event and moves no version."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import GuanxiError, NotFound, RuleViolation
from guanxi.surfaces import drafts, limits
from guanxi.surfaces.drafts import Showing
from guanxi.surfaces.models import Draft, Presence

T = TypeVar("T")
MOST_EACH: Final = 100
MOST_CHARACTERS: Final = 200_000
MOST_NAMES: Final = 500
#: Of the form itself, not typed by anybody.
_NOT_TYPED: Final = frozenset({"csrfmiddlewaretoken", drafts.NAME, "once", "version", "then"})
#: A late write that was on its way when the form was saved comes within minutes, not days.
_SETTLED_FOR: Final = timedelta(days=1)


def keep_draft(
    showing: Showing, typed: Iterable[tuple[str, list[str]]], version: int | None, *, at: datetime
) -> bool:
    """Keep what a form holds now, as it was typed; False when the form is saved already."""
    limits.drafts.take(showing.user_id)
    values = _kept(typed)
    kept = {"values": values, "read_version": version, "kept_at": at}
    mine = Draft.objects.filter(pk=showing.id, user_id=showing.user_id)
    if mine.filter(settled_at=None).update(**kept):
        return True
    return _begin(showing, kept)


def _kept(typed: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    """The typed texts by name, without secrets and what no database can hold."""
    values = {
        _storable(name): [_storable(text) for text in texts]
        for name, texts in typed
        if name not in _NOT_TYPED and "password" not in name
    }
    size = sum(len(name) + sum(map(len, texts)) for name, texts in values.items())
    if size > MOST_CHARACTERS or len(values) > MOST_NAMES:
        raise RuleViolation("draft_too_large", _("This is too long to be kept as a draft."))
    return values


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


@transaction.atomic
def _begin(showing: Showing, kept: Mapping[str, object]) -> bool:
    """Write the first row of a showing; whoever has too many loses the oldest."""
    row = Draft(
        id=UUID(showing.id),
        user_id=showing.user_id,
        record_key=showing.record_key,
        object_id=showing.object_id,
        purpose=showing.purpose,
        **kept,
    )
    Draft.objects.bulk_create([row], ignore_conflicts=True)
    mine = Draft.objects.filter(user_id=showing.user_id, settled_at=None)
    surplus = list(mine.order_by("-kept_at").values_list("pk", flat=True)[MOST_EACH:])
    if surplus:
        Draft.objects.filter(pk__in=surplus).delete()
    return mine.filter(pk=showing.id).exists()


def drop_draft(draft_id: UUID, *, actor: Actor) -> Showing:
    """Discard one's own draft; one of somebody else does not exist."""
    draft = drafts.own_drafts(actor).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound
    Draft.objects.filter(pk=draft_id).delete()
    return drafts.showing_of(draft)


def forget_draft(showing: Showing, *, actor: Actor) -> None:
    """Let go of what a refused try has left, when the act itself writes in its own transactions."""
    Draft.objects.filter(pk=showing.id, user_id=actor.user_id or 0).delete()


def save_form(
    showing: Showing | None, save: Callable[[], T], *, actor: Actor, at: datetime
) -> T:  # fmt: skip
    """Save what a form holds, and let its draft go in the same transaction.

    A refusal is raised when the transaction is over: what the refused save itself wrote down, a
    try at a taken value for example, must stay.
    """
    if showing is None or showing.user_id != actor.user_id:
        return save()
    with transaction.atomic():
        try:
            saved = save()
        except GuanxiError as error:
            refused = error
        else:
            _let_go(showing, at)
            return saved
    raise refused


def _let_go(showing: Showing, at: datetime) -> None:
    """The draft is saved, and nobody edits there any more."""
    row = Draft(
        id=UUID(showing.id),
        user_id=showing.user_id,
        record_key=showing.record_key,
        object_id=showing.object_id,
        purpose=showing.purpose,
        kept_at=at,
        settled_at=at,
    )
    Draft.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["values", "read_version", "settled_at"],
    )
    if showing.object_id:
        Presence.objects.filter(pk=showing.id).delete()


def sweep_drafts(*, at: datetime) -> int:
    """Forget drafts that nobody came back to, and the traces of those that were saved."""
    old = Draft.objects.filter(kept_at__lt=at - drafts.KEPT_FOR)
    settled = Draft.objects.filter(settled_at__lt=at - _SETTLED_FOR)
    return old.delete()[0] + settled.delete()[0]
