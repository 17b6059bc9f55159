"""Reading a mailbox over IMAP: bounded in time and size, changing nothing there."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, NamedTuple

from guanxi.kernel.connecting import open_connection
from guanxi.tickets.mail.choices import Security
from guanxi.tickets.mail.models import Mailbox

TIMEOUT: Final = 10.0
LARGEST: Final = 25 << 20
MOST_AT_ONCE: Final = 50
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class Trouble(Exception):
    """The server said no, or something that is no answer."""


class Fetched(NamedTuple):
    """A letter in a mailbox; of one that is too large only its head."""

    uid: int
    raw: bytes
    is_cut: bool


class _Bounded(imaplib.IMAP4):
    """Calls through the one way out, and reads no more than a letter may be large."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return open_connection(self.host, self.port, timeout=timeout or TIMEOUT)

    def read(self, size: int) -> bytes:
        """Read what the server announced, within bounds."""
        if size > LARGEST + (1 << 20):
            raise self.abort(f"the server announced {size} bytes")
        return super().read(size)


class _BoundedTls(_Bounded):
    """The same, enciphered from the first byte."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


class Reading:
    """A mailbox that is open for reading."""

    def __init__(self, server: imaplib.IMAP4, uid_validity: int) -> None:
        self._server, self.uid_validity = server, uid_validity

    def list_new(self, last_uid: int, since: date) -> list[int]:
        """The letters behind the last one that arrived on this day or later, oldest first."""
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        answer = _said(self._server.uid("SEARCH", f"UID {last_uid + 1}:* SINCE {day}"))
        found = {int(each) for line in answer if line for each in line.split()}
        return sorted(uid for uid in found if uid > last_uid)

    def fetch(self, uid: int) -> Fetched | None:
        """One letter; None when it is gone."""
        size = _SIZE.search(b" ".join(map(_flat, self._ask(uid, "(RFC822.SIZE)"))))
        if size is None:
            return None
        is_cut = int(size[1]) > LARGEST
        answer = self._ask(uid, "(BODY.PEEK[HEADER])" if is_cut else "(BODY.PEEK[])")
        raw = next((each[1] for each in answer if isinstance(each, tuple)), None)
        return None if raw is None else Fetched(uid, raw, is_cut)

    def _ask(self, uid: int, what: str) -> list[Any]:
        return _said(self._server.uid("FETCH", str(uid), what))


@contextmanager
def reading(mailbox: Mailbox, password: str) -> Iterator[Reading]:
    """Open a mailbox; whatever goes wrong on the way is Trouble."""
    try:
        server = _connect(mailbox)
        try:
            _said(server.login(_quoted(mailbox.username), password))
            _said(server.select(_quoted(mailbox.folder), readonly=True))
            validity = server.response("UIDVALIDITY")[1]
            yield Reading(server, int((validity or [b"0"])[-1] or 0))
        finally:
            _leave(server)
    except (imaplib.IMAP4.error, OSError, ValueError, EOFError) as error:
        words = error.args[-1] if error.args else error
        said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        raise Trouble(said or repr(error)) from error


def _connect(mailbox: Mailbox) -> imaplib.IMAP4:
    kind = _BoundedTls if mailbox.security == Security.TLS else _Bounded
    server = kind(mailbox.host, mailbox.port, timeout=TIMEOUT)
    if mailbox.security == Security.STARTTLS:
        server.starttls(ssl.create_default_context())
    return server


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        server.shutdown()


def _said(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server answered, unless that is a no."""
    word, told = answer
    if word != "OK":
        raise ValueError(b" ".join(map(_flat, told)).decode(errors="replace"))
    return told


def _flat(each: Any) -> bytes:
    if isinstance(each, tuple):
        return b" ".join(map(_flat, each))
    return each if isinstance(each, bytes) else b""


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
