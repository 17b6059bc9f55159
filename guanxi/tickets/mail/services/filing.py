"""The files of messages, all of them through the one gate; what it refuses is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from django.conf import settings

from guanxi.kernel import files as store
from guanxi.kernel.files import AcceptedFile, UploadError
from guanxi.tickets.mail.reading import Part
from guanxi.tickets.models import Message, MessageFile

MOST_FILES: Final = 50


@dataclass(frozen=True)
class Offered:
    """A file that somebody sent: in the store, or why not."""

    name: str
    accepted: AcceptedFile | None = None
    refused: str = ""


def offer_all(parts: Iterable[Part]) -> list[Offered]:
    """Bring files through the gate, before the transaction that refers to them."""
    return [_offer(part) for part in list(parts)[:MOST_FILES]]


def _offer(part: Part) -> Offered:
    try:
        accepted = store.accept_upload(
            BytesIO(part.content), part.name, max_bytes=settings.UPLOAD_MAX_BYTES
        )
    except UploadError as error:
        return Offered(part.name[:255] or "?", refused=error.violations[0].text[:300])
    return Offered(accepted.name, accepted)


def discard_all(offered: Iterable[Offered]) -> None:
    """Nobody refers to them after all."""
    for each in offered:
        if each.accepted:
            store.discard(each.accepted.id)


def attach(
    message: Message, offered: Sequence[Offered], *, user_id: int | None, at: datetime
) -> None:
    """Write down what came with a message."""
    MessageFile.objects.bulk_create(
        MessageFile(
            message=message,
            file=store.write_row(each.accepted, user_id=user_id, at=at) if each.accepted else None,
            name=each.name,
            refused=each.refused,
        )
        for each in offered
    )
