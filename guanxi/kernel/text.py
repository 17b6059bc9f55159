"""The one text normaliser: what is stored, compared, searched and looked up goes through here.

Three forms of a text: `clean_text` is what is stored, `fold` is what is compared and searched
(half-width, lower case, simplified, no blanks or punctuation), `skeleton` is what it looks like.
The parts lie beside this file (folding, search_text, pinyin) and are offered here.
"""

import re
import unicodedata
from typing import Final

from django.utils.translation import gettext

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.folding import fold, skeleton
from guanxi.kernel.pinyin import pinyin_sort_key
from guanxi.kernel.search_text import (
    Alternative,
    matches,
    query_terms,
    query_tokens,
    search_text,
    search_tokens,
)

__all__ = [
    "MAX_LENGTH",
    "Alternative",
    "TextError",
    "clean_text",
    "fold",
    "matches",
    "pinyin_sort_key",
    "query_terms",
    "query_tokens",
    "search_text",
    "search_tokens",
    "skeleton",
    "without_controls",
]

MAX_LENGTH: Final = 20_000

# Direction marks and the byte-order mark come along when numbers are copied from phones and sheets.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
_TRAILING_BLANKS = re.compile(r"[^\S\n]+(?=\n)")
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class TextError(ValueError):
    """A text that cannot be stored; says why in the reader's language."""

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(message % params if params else message)
        self.code, self.params = code, params

    def as_violation(self, field: str | None = None) -> RuleViolation:
        """The same refusal as every surface shows it, at a field."""
        return RuleViolation(self.code, str(self), field)


def clean_text(value: str, *, max_length: int = MAX_LENGTH, multiline: bool = False) -> str:
    """The stored form of a user's text; refuses control characters and what is too long."""
    if len(value) > 4 * max_length:
        raise _too_long(len(value), max_length)
    forbidden = _FORBIDDEN.search(value)
    if forbidden:
        raise TextError(
            "control_character",
            gettext("Contains a control character (%(character)s at position %(position)s)."),
            character=f"U+{ord(forbidden.group()):04X}",
            position=forbidden.start() + 1,
        )
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", value))
    if multiline:
        text = _TRAILING_BLANKS.sub("", _BREAKS.sub("\n", text)).strip()
    else:
        text = _BLANKS.sub(" ", text).strip()
    if len(text) > max_length:
        raise _too_long(len(text), max_length)
    return text


def without_controls(value: str) -> str:
    """A text from a machine without what `clean_text` would refuse in a person's."""
    return _FORBIDDEN.sub("", value)


def _too_long(length: int, max_length: int) -> TextError:
    return TextError(
        "too_long",
        gettext("Has %(length)s characters; at most %(max_length)s are allowed."),
        length=length,
        max_length=max_length,
    )
