"""What a letter says itself, and what it only repeats of earlier ones."""

import re
from typing import Final, NamedTuple

#: A line after which everything is an earlier letter.
_ORIGINAL: Final = re.compile(
    r"-{2,}\s*(original message|original|forwarded message|原始邮件|原邮件|转发的?邮件)\s*-{2,}"
    r"|_{20,}",
    re.IGNORECASE,
)
#: The line that introduces a quotation.
_INTRODUCTION: Final = re.compile(
    r"(on .{4,200}wrote|am .{4,200}schrieb.{0,80}|在.{3,200}写道|.{2,120}于.{3,120}写道)\s*[:：]",
    re.IGNORECASE,
)
_SENDER: Final = re.compile(r"\**(from|发件人)\s*[:：]\**\s*\S", re.IGNORECASE)
_SENT: Final = re.compile(r"\**(sent|date|发送时间|日期|时间)\s*[:：]", re.IGNORECASE)
_LONGEST_LINE: Final = 400
_PREFIX: Final = re.compile(
    r"^\s*((re|fw|fwd|aw|sv|回复|答复|转发|自动回复)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"\s*\[(T\d{1,12})-([0-9a-f]{10})\]")


class Folded(NamedTuple):
    """A letter in two parts; without a quotation the second is empty."""

    said: str
    quoted: str


def fold_quoted(text: str) -> Folded:
    """Part what is said from what is quoted behind it; answers between the lines stay whole."""
    lines = text.split("\n")
    cut = min(_begin_of_original(lines), _begin_of_quotation(lines))
    said = "\n".join(lines[:cut]).rstrip()
    return Folded(said, "\n".join(lines[cut:]).strip()) if said.strip() else Folded(text, "")


def _begin_of_original(lines: list[str]) -> int:
    for number, line in enumerate(lines):
        short = line[:_LONGEST_LINE].strip()
        if _ORIGINAL.fullmatch(short) or _INTRODUCTION.fullmatch(short):
            rest = [each for each in lines[number + 1 :] if each.strip()]
            if not short.endswith((":", "：")) or all(e.startswith(">") for e in rest):
                return number
        if _SENDER.match(short) and any(_SENT.match(x.strip()) for x in lines[number : number + 4]):
            return number
    return len(lines)


def _begin_of_quotation(lines: list[str]) -> int:
    """Where the quoted lines at the end begin, with the line or two that introduce them."""
    first = len(lines)
    while first and (not lines[first - 1].strip() or lines[first - 1].startswith(">")):
        first -= 1
    if not any(line.startswith(">") for line in lines[first:]):
        return len(lines)
    for before in (1, 2):
        if first >= before:
            introduction = " ".join(lines[first - before : first])[:_LONGEST_LINE].strip()
            if _INTRODUCTION.fullmatch(introduction):
                return first - before
    return first


def plain_subject(subject: str) -> str:
    """A subject without “Re:” and without our token: what the letter is about."""
    return _PREFIX.sub("", _TOKEN.sub("", subject)).strip()


def token_in(subject: str) -> tuple[str, str] | None:
    """The number of a ticket and its seal, when the subject carries our token."""
    found = _TOKEN.search(subject)
    return (found[1], found[2]) if found else None
