"""What becomes of a letter; nothing here knows of Django."""

from datetime import timedelta
from typing import Any, Final

from guanxi.tickets.mail.quoting import plain_subject
from guanxi.tickets.mail.reading import Incoming

LIVE: Final = frozenset({"new", "open", "waiting"})
#: So often a mailbox is looked into.
EVERY: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
#: A letter that cannot be taken in is left out after so many tries.
MOST_TRIES: Final = 5


def mark_of(found: Incoming) -> str:
    """What a letter is: somebody's, a machine's, an automatic answer, one given back."""
    if found.bounce:
        return "bounce"
    if found.is_auto_reply:
        return "auto"
    return "machine" if found.is_automatic else "person"


def joins(ticket: Any, found: Incoming) -> bool:
    """Whether a letter that names no other belongs to its sender's open ticket.

    It does until somebody has answered, and later if it is about the same.
    """
    if ticket.state not in LIVE:
        return False
    about = plain_subject(found.subject).casefold()
    return ticket.replied_at is None or plain_subject(ticket.subject).casefold() == about


def wait_after(attempts: int) -> timedelta:
    """How long a mailbox that cannot be reached is left alone."""
    return min(EVERY * (1 << min(attempts, 10)), LONGEST_WAIT)
