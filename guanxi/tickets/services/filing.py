"""The files of messages, all of them through the one gate; what it refuses is said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.conf import settings

from guanxi.kernel import files as store
from guanxi.kernel.files import AcceptedFile, Readable, UploadError
from guanxi.tickets.models import Message, MessageFile

MOST_FILES: Final = 50


@dataclass(frozen=True)
class Offered:
    """A file that somebody sent: in the store, or why not."""

    name: str
    accepted: AcceptedFile | None = None
    refused: str = ""


def offer_all(sent: Iterable[tuple[str, Readable]]) -> list[Offered]:
    """Bring files, each with its name, through the gate before the transaction that keeps them."""
    return [_offer(name, content) for name, content in islice(sent, MOST_FILES)]


def _offer(name: str, content: Readable) -> Offered:
    try:
        return accept(name, content)
    except UploadError as error:
        return Offered(name[:255] or "?", refused=error.violations[0].text[:300])


def accept(name: str, content: Readable) -> Offered:
    """Bring one file through the gate, or UploadError."""
    accepted = store.accept_upload(content, name, max_bytes=settings.UPLOAD_MAX_BYTES)
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
