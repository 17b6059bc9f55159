"""Drafts: what a person has typed and not saved, found again for them and nobody else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.core.signing import BadSignature, TimestampSigner

from guanxi.surfaces.models import Draft
from guanxi.surfaces.records import get_record_type

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from guanxi.kernel.actor import Actor

#: The hidden input that tells which showing of a form is sent.
NAME: Final = "_draft"
NEW: Final = "new"
EDIT: Final = "edit"
TALK: Final = "talk"
#: A form left open over a weekend can still leave what was typed.
GOOD_FOR: Final = timedelta(days=3)
KEPT_FOR: Final = timedelta(days=30)
_SIGNER: Final = TimestampSigner(salt="guanxi.drafts")


@dataclass(frozen=True)
class Showing:
    """One showing of a form to one person: what is typed there belongs to it alone.

    Signed, so that it can be left for this person, and only for them, when the session is over.
    """

    id: str
    user_id: int
    record_key: str
    object_id: str
    purpose: str

    @property
    def token(self) -> str:
        """How the form names it."""
        return _SIGNER.sign_object(list(asdict(self).values()))

    @property
    def url(self) -> str:
        """Where the form is."""
        plural = get_record_type(self.record_key).plural
        if self.purpose == NEW:
            return f"/{plural}/new/"
        part = "" if self.purpose == TALK else f"{self.purpose}/"
        return f"/{plural}/{self.object_id}/{part}"

    @property
    def restore_url(self) -> str:
        """Where the form is filled in with what was typed."""
        return restore_url(self.url, self.id)


def new_showing(actor: Actor, record_key: str, object_id: str, purpose: str) -> Showing:
    """A form that is about to be shown."""
    return Showing(str(uuid4()), actor.user_id or 0, record_key, object_id, purpose)


def showing_of(draft: Draft) -> Showing:
    """The showing to which a draft belongs: whoever goes on with it goes on in it."""
    return Showing(
        str(draft.pk), draft.user_id, draft.record_key, draft.object_id, draft.purpose
    )  # fmt: skip


def read_token(written: str) -> Showing | None:
    """The showing that a form names, if we signed it not long ago."""
    if not written.isascii() or len(written) > 600:
        return None
    try:
        parts = _SIGNER.unsign_object(written, max_age=GOOD_FOR)
    except (BadSignature, json.JSONDecodeError):
        return None
    return Showing(*parts)


def restore_url(url: str, draft_id: object) -> str:
    """A form's address that fills the draft in."""
    return f"{url}?{urlencode({'draft': str(draft_id)})}"


# Reading ------------------------------------------------------------------------------------------
def own_drafts(actor: Actor) -> QuerySet[Draft]:
    """The drafts of one person, newest first."""
    mine = Draft.objects.filter(user_id=actor.user_id or 0, settled_at=None)
    return mine.order_by("-kept_at")


def drafts_of_form(actor: Actor, showing: Showing, most: int = 5) -> list[Draft]:
    """What this person has left in this form before, newest first."""
    here = own_drafts(actor).filter(
        record_key=showing.record_key, object_id=showing.object_id, purpose=showing.purpose
    )
    return list(here[:most])


def as_uuid(written: str) -> UUID | None:
    """The id that an address names."""
    try:
        return UUID(written)
    except ValueError:
        return None
