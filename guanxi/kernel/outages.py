"""What is said when the database or the disk refuses: the reason, and that nothing was saved."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message

RETRY_SECONDS: Final = 5
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outage:
    """Why nothing can be saved (or read) just now."""

    code: str
    words: Message


UNREACHABLE: Final = Outage(
    "unavailable", _("The database does not answer just now. Nothing was saved; try again shortly.")
)
DISK_FULL: Final = Outage(
    "disk_full",
    _("The server's disk is full. Nothing was saved; reading still works. Tell the administrator."),
)
READ_ONLY: Final = Outage(
    "read_only",
    _("The server's disk cannot be written. Nothing was saved; reading may still work."),
)
BUSY: Final = Outage(
    "locked", _("Another program holds the database. Nothing was saved; try again shortly.")
)
_SIGNS: Final = (
    (DISK_FULL, ("disk is full", "no space left", "could not extend file", "disk i/o error")),
    (READ_ONLY, ("readonly database", "read-only", "unable to open database file")),
    (BUSY, ("database is locked", "database table is locked")),
)
_ERRNO: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), DISK_FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES), READ_ONLY),
}


def outage_of(error: BaseException | None) -> Outage | None:
    """The outage behind an error; None for a fault of our own."""
    if isinstance(error, OSError):
        return _ERRNO.get(error.errno or 0)
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    said = str(error).lower()
    for outage, signs in _SIGNS:
        if any(sign in said for sign in signs):
            return outage
    return UNREACHABLE if isinstance(error, OperationalError | InterfaceError) else None


@contextmanager
def left_out_in_an_outage() -> Iterator[None]:
    """Skip a note that reading can do without while nothing can be written (H11)."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        if outage_of(error) in {None, UNREACHABLE}:
            raise
        log.warning("a note was left out: %s", error)
