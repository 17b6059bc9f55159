"""The bytes of a mail as a letter: who, about what, which words, which files (SVC-1).

Whatever the bytes are, a letter comes out: nothing that somebody sends may stop the fetching.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from mimetypes import guess_extension
from typing import Final

from guanxi.kernel.text import without_controls
from guanxi.tickets.mail.markup import text_of_html

MOST_PARTS: Final = 100
MOST_REFERENCES: Final = 30
LONGEST_HEADER: Final = 4000
LONGEST_ID: Final = 255
LONGEST_BOUNCE: Final = 200_000
_ID: Final = re.compile(r"<[^<>\s]{1,900}>")
_ADDRESS: Final = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[a-z0-9_.-]{1,180}", re.IGNORECASE)
_BULK: Final = frozenset({"bulk", "junk", "list", "auto_reply"})
_POSTMASTERS: Final = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"})
_AUTO_SUBJECT: Final = ("automatic reply:", "auto:", "out of office", "自动回复", "外出自动")
_CODECS: Final = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030"}
_BROKEN: Final = (ValueError, LookupError, TypeError, AttributeError, MessageError, AssertionError)


@dataclass(frozen=True)
class Part:
    """A file in a letter."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Bounce:
    """What a mail server says about a letter that it could not deliver."""

    reason: str
    about: tuple[str, ...]


@dataclass(frozen=True)
class Incoming:
    """A letter as it was read. `key` is the same for the same letter, whoever brings it."""

    message_id: str
    references: tuple[str, ...]
    sender: str
    sender_name: str
    subject: str
    text: str
    parts: tuple[Part, ...] = ()
    is_automatic: bool = False
    is_auto_reply: bool = False
    bounce: Bounce | None = None
    key: str = field(default="", compare=False)

    @property
    def who(self) -> str:
        """Whose word it is, as colleagues read it: any name can be claimed, so with the address."""
        return f"{self.sender_name} <{self.sender}>" if self.sender_name else self.sender


def read_mail(raw: bytes) -> Incoming:
    """Read a mail, however broken it is."""
    try:
        found = _read(message_from_bytes(raw, policy=policy.compat32))
    except (*_BROKEN, RecursionError):
        found = _read_head(raw)
    return replace(found, key=_key_of(found))


def _read_head(raw: bytes) -> Incoming:
    """What can be told of a mail whose insides cannot be read: the whole comes as a file."""
    head = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:100_000])
    found = _with_head(head, "", (Part("mail.txt", raw),))
    return replace(found, is_automatic=True)


def _read(mail: Message) -> Incoming:
    words, parts = _read_parts(mail)
    found = _with_head(mail, words, tuple(parts[:MOST_PARTS]))
    return replace(found, bounce=_bounce_of(mail, found))


def _with_head(mail: Message, words: str, parts: tuple[Part, ...]) -> Incoming:
    name, address = _sender_of(mail)
    subject = header(mail, "Subject")
    submitted = header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    is_auto_reply = (
        submitted in {"auto-replied", "auto-notified"}
        or any(mail.get(each) for each in ("X-Autoreply", "X-Autorespond"))
        or subject.lower().startswith(_AUTO_SUBJECT)
    )
    is_automatic = (
        is_auto_reply
        or submitted not in {"", "no"}
        or header(mail, "Precedence").lower() in _BULK
        or any(mail.get(each) for each in ("List-Id", "X-Auto-Response-Suppress", "Feedback-ID"))
        or header(mail, "Return-Path").strip() == "<>"
    )
    return Incoming(
        message_id=next(_ids(header(mail, "Message-ID")), ""),
        references=_references_of(mail),
        sender=address,
        sender_name=name,
        subject=subject,
        text=without_controls(words).strip(),
        parts=parts,
        is_automatic=is_automatic,
        is_auto_reply=is_auto_reply,
    )


def _key_of(found: Incoming) -> str:
    """By id and sender; without an id by what was written, not by who brought it (G08)."""
    seen: Iterable[bytes] = (found.message_id.encode(errors="replace"),)
    if not found.message_id:
        texts = (found.subject, found.text, *found.references)
        seen = [each.encode(errors="replace") for each in texts]
        seen += [each.content for each in found.parts]
    digest = hashlib.sha256(found.sender.encode(errors="replace"))
    for each in seen:
        digest.update(hashlib.sha256(each).digest())
    return digest.hexdigest()


# Headers ------------------------------------------------------------------------------------------
def header(mail: Message, name: str) -> str:
    """A header as one line of text, in whatever way it was coded."""
    return _words(_as_sent(mail, name))


def _as_sent(mail: Message, name: str) -> str:
    written = next((v for n, v in mail.raw_items() if n.lower() == name.lower()), "")
    plain = _decode(str(written)[:LONGEST_HEADER].encode(errors="surrogateescape"))
    return " ".join(plain.split())


def _words(coded: str) -> str:
    try:
        pieces = decode_header(coded)
    except (*_BROKEN, HeaderParseError):
        pieces = [(coded, None)]
    words = "".join(p if isinstance(p, str) else _decode(p, c or "") for p, c in pieces)
    return " ".join(without_controls(words.replace("\r", " ").replace("\n", " ")).split())


def _decode(content: bytes, charset: str = "") -> str:
    """Bytes as text: as they say, else as they most likely are."""
    named = _CODECS.get(charset.lower().strip("\"' "), charset)
    for codec in (named, "utf-8", "gb18030"):
        try:
            return content.decode(codec) if codec else content.decode("ascii")
        except (UnicodeError, LookupError, ValueError):
            continue
    return content.decode("utf-8", errors="replace")


def _ids(text: str) -> Iterator[str]:
    """The message ids in a header; one too long for a column stands by its digest."""
    for found in _ID.findall(text):
        inside = found[1:-1]
        is_long = len(inside) > LONGEST_ID
        yield hashlib.sha256(inside.encode(errors="replace")).hexdigest() if is_long else inside


def _references_of(mail: Message) -> tuple[str, ...]:
    """The letters that this one answers, the nearest first."""
    nearest = list(_ids(header(mail, "In-Reply-To")))
    further = list(_ids(header(mail, "References")))[::-1]
    return tuple(dict.fromkeys(nearest + further))[:MOST_REFERENCES]


def _sender_of(mail: Message) -> tuple[str, str]:
    """Name and address of who says they wrote it; only a plain address is one."""
    written = _as_sent(mail, "From") or _as_sent(mail, "Sender")
    for name, address in getaddresses([written]):
        if _ADDRESS.fullmatch(address):
            return _words(name)[:100].strip(), address.lower()
    found = _ADDRESS.search(written)
    return ("", found[0].lower()) if found else ("", "")


# Insides ------------------------------------------------------------------------------------------
def _read_parts(mail: Message) -> tuple[str, list[Part]]:
    """The words and the files of a mail or of a part of it."""
    kind = mail.get_content_type()
    if kind == "multipart/alternative":
        return _choose([(each.get_content_type(), *_read_parts(each)) for each in _kids(mail)])
    if kind.startswith("message/"):
        return "", [] if kind == "message/delivery-status" else [_enclosed(mail)]
    if mail.is_multipart():
        read = [_read_parts(each) for each in _kids(mail)]
        return "\n".join(w for w, _p in read if w), [p for _w, parts in read for p in parts]
    name, content = _name_of(mail), _content_of(mail)
    if kind in {"text/plain", "text/html"} and not name and not _is_apart(mail):
        words = _decode(content, str(mail.get_param("charset") or ""))
        words = words.replace("\r\n", "\n").replace("\r", "\n")
        return (text_of_html(words) if kind == "text/html" else words), []
    if not content:
        return "", []
    return "", [Part(name or f"file{guess_extension(kind) or '.bin'}", content)]


def _kids(mail: Message) -> list[Message]:
    inside = mail.get_payload()
    return [e for e in inside if isinstance(e, Message)] if isinstance(inside, list) else []


def _choose(read: list[tuple[str, str, list[Part]]]) -> tuple[str, list[Part]]:
    """Of several forms of the same words the plain one, if it says anything."""
    ranked = sorted(read, key=lambda each: each[0] != "text/plain")
    words = next((w for _kind, w, _parts in ranked if w.strip()), "")
    return words, [p for _kind, _words, parts in read for p in parts]


def _enclosed(mail: Message) -> Part:
    kids = _kids(mail)
    content = kids[0].as_bytes() if kids else b""
    return Part(f"{(header(kids[0], 'Subject') if kids else '')[:60] or 'mail'}.txt", content)


def _name_of(mail: Message) -> str:
    try:
        name = mail.get_filename() or ""
    except _BROKEN:
        return "file"
    return _words(name)


def _is_apart(mail: Message) -> bool:
    return header(mail, "Content-Disposition").lower().startswith("attachment")


def _content_of(mail: Message) -> bytes:
    found = mail.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


# Bounces ------------------------------------------------------------------------------------------
def _bounce_of(mail: Message, found: Incoming) -> Bounce | None:
    """Whether a mail server gives a letter back; one that is only late is none."""
    reports = [each for each in mail.walk() if each.get_content_type() == "message/delivery-status"]
    is_from_server = found.sender.partition("@")[0] in _POSTMASTERS
    if not reports and not is_from_server:
        return None
    blocks = [block for report in reports for block in _kids(report)]
    actions = [header(block, "Action").lower() for block in blocks if block.get("Action")]
    if actions and "failed" not in actions:
        return None
    told = [header(b, "Diagnostic-Code") or header(b, "Status") for b in blocks if b.get("Action")]
    reason = " ".join(filter(None, told)) or found.subject
    whole = mail.as_bytes()[:LONGEST_BOUNCE].decode("ascii", errors="replace")
    about = (*found.references, *_ids(whole))
    return Bounce(reason[:500], tuple(dict.fromkeys(about)))
