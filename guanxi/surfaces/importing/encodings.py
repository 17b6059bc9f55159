"""Finds how a text file is encoded; right on short Chinese files, where statistics fail.

A file that is valid UTF-8 is UTF-8, but for the few GBK texts that happen to be; else it is
GB18030 (of which GBK and GB2312 are parts), Big5 or a Western code page, whichever fits.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.utils.translation import gettext

from guanxi.surfaces.importing.tables import UnreadableFile

CHUNK: Final = 1 << 20
MAX_LINE: Final = 8 << 20
_GUESSED: Final = 64 << 10
_MAX_BAD_SHARE: Final = 0.02
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAIN_RUNS = re.compile("[\u0391-\u03c9]{2,}|[\u0401\u0410-\u044f\u0451]{2,}")
_ORDINARY = re.compile("[\t\n\r -~\u2010-\u2026\u3000-\u30ff\u3400-\u9fff\uff01-\uff5e]")
_LINE_OR_CELL = re.compile("[\t\n\r,;]")


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes found."""

    encoding: str
    is_clean: bool
    has_nul: bool
    line_count: int


def survey(stream: BinaryIO) -> Survey:
    """Read the bytes once: encoding, whether all of them fit it, zero bytes, number of lines."""
    head = stream.read(CHUNK)
    if not head.strip():
        raise UnreadableFile("empty", gettext("The file is empty."))
    encoding = _marked(head) or _unmarked_utf16(head)
    if encoding:
        return _wide_survey(stream, head, encoding)
    decoder = codecs.getincrementaldecoder("utf-8")()
    misfit, has_nul, breaks, gap = b"", False, _Breaks(), 0
    for chunk in _chunks(stream, head):
        has_nul = has_nul or b"\0" in chunk
        gap = breaks.count(chunk, gap)
        if not misfit:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                misfit = chunk
    if not misfit and not _is_gbk_by_chance(head[:_GUESSED]):
        return Survey("utf-8", is_clean=True, has_nul=has_nul, line_count=breaks.total)
    name = _legacy(misfit) if misfit else "gb18030"
    return Survey(name, is_clean=not misfit, has_nul=has_nul, line_count=breaks.total)


class _Breaks:
    """Counts lines and refuses one that could not be held in memory."""

    def __init__(self) -> None:
        self.lines = 0
        self.is_open = False

    @property
    def total(self) -> int:
        """The lines so far, a last one without an end included."""
        return self.lines + self.is_open

    def count(self, chunk: bytes, gap: int) -> int:
        """Add a chunk's lines; returns how long the line is that it ends in."""
        ends = chunk.count(b"\n") or chunk.count(b"\r")
        self.lines += ends
        self.is_open = not chunk.endswith((b"\n", b"\r"))
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        gap = gap + len(chunk) if last < 0 else len(chunk) - last
        if gap > MAX_LINE:
            raise UnreadableFile(
                "line_too_long",
                gettext("Line %(line)s is longer than 8 MB; this is no table.")
                % {"line": self.lines + 1},
            )
        return gap


def _chunks(stream: BinaryIO, head: bytes) -> Iterator[bytes]:
    yield head
    while chunk := stream.read(CHUNK):
        yield chunk


def _marked(head: bytes) -> str:
    return next((name for mark, name in _MARKS if head.startswith(mark)), "")


def _unmarked_utf16(head: bytes) -> str:
    """UTF-16 without its mark: zero bytes that vanish, leaving lines of ordinary characters."""
    if head.count(b"\0") < max(2, len(head) // 100):
        return ""
    sample = head[: min(len(head), _GUESSED) & ~1]
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, "replace")
        ordinary = len(_ORDINARY.findall(text))
        if "\0" not in text and _LINE_OR_CELL.search(text) and ordinary >= 0.95 * len(text):
            return encoding
    return ""


def _wide_survey(stream: BinaryIO, head: bytes, encoding: str) -> Survey:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    is_clean, has_nul, breaks, gap = True, False, _Breaks(), 0
    for chunk in _chunks(stream, head):
        text = decoder.decode(chunk)
        is_clean = is_clean and "\ufffd" not in text
        has_nul = has_nul or "\0" in text
        gap = breaks.count(text.encode("utf-8", "replace"), gap)
    return Survey(encoding, is_clean, has_nul, breaks.total)


def _is_gbk_by_chance(head: bytes) -> bool:
    """Whether bytes that are valid UTF-8 make more sense as GBK (一 is also a rare Cyrillic һ)."""
    text = head.decode("utf-8", "ignore")
    foreign = [c for c in text if c > "\x7f"]
    if not foreign or any(c > "\u07ff" for c in foreign):
        return False
    plain = len("".join(_PLAIN_RUNS.findall(text))) + _latin_in_words(text)
    if plain * 2 >= len(foreign):
        return False
    try:
        chinese = head.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return all(
        "\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\uffef" for c in chinese if c > "\x7f"
    )


def _latin_in_words(text: str) -> int:
    near_letter = re.findall(
        "(?:(?<=[A-Za-z])[\u00c0-\u024f])|(?:[\u00c0-\u024f](?=[A-Za-z]))", text
    )
    signs = re.findall("[\u00a0-\u00bf]", text)
    return len(near_letter) + len(signs)


def _legacy(head: bytes) -> str:
    """The encoding that fits best where UTF-8 does not fit at all."""
    foreign = sum(1 for byte in head if byte > 0x7F) or 1
    bad = {
        name: head.decode(name, "replace").count("\ufffd") / foreign
        for name in ("gb18030", "big5hkscs", "utf-8")
    }
    if bad["utf-8"] <= _MAX_BAD_SHARE:
        return "utf-8"
    if bad["gb18030"] <= _MAX_BAD_SHARE:
        return "big5hkscs" if bad["big5hkscs"] == 0 and _is_rather_big5(head) else "gb18030"
    if bad["big5hkscs"] <= _MAX_BAD_SHARE:
        return "big5hkscs"
    if foreign < len(head) / 5 and _is_western(head):
        return "cp1252"
    raise UnreadableFile(
        "encoding",
        gettext("The text encoding cannot be told; save the file as UTF-8 CSV or as XLSX."),
    )


def _is_rather_big5(head: bytes) -> bool:
    return _common_share(head, "big5hkscs") > _common_share(head, "gb18030") + 0.2


def _common_share(head: bytes, encoding: str) -> float:
    """The share of characters that the national standard calls common."""
    characters = [c for c in head[:200_000].decode(encoding, "replace") if c > "\x7f"]
    return sum(_is_common(c, encoding) for c in characters) / (len(characters) or 1)


def _is_common(character: str, encoding: str) -> bool:
    if "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uffef":
        return True
    try:
        lead = character.encode(encoding)[0]
    except UnicodeEncodeError:
        return False
    if encoding == "gb18030":
        return 0xB0 <= lead <= 0xD7 and character.encode(encoding)[1:2] >= b"\xa1"
    return 0xA4 <= lead <= 0xC6


def _is_western(head: bytes) -> bool:
    text = head.decode("cp1252", "replace")
    letters = sum(1 for c in text if c > "\x7f" and unicodedata.category(c)[0] == "L")
    return letters * 2 >= sum(1 for c in text if c > "\x7f")
