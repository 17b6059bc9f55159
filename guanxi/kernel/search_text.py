"""How texts are found: the tokens that are indexed, the tokens that a query asks for, the re-check.

Chinese is cut into single characters and pairs, Latin into runs of three, digits into runs of
three and four, names into runs of their pinyin initials. Tokens hold only letters and digits,
so that any tokenizer keeps them whole. The index may answer too much, never too little:
`matches` decides.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

from guanxi.kernel.folding import fold
from guanxi.kernel.pinyin import has_initials, initial_grams, initials

PINYIN: Final = "py0"
"""What a token of initials begins with; no other token has four characters and a letter."""

SEPARATOR: Final = "\n"
_MAX_PINYIN_CHARACTERS = 40
_FIRST_WIDE = "\u2e80"
_PICTURE = re.compile(r"\W")
# What FTS5 takes for a blank although it is kept in a fold: vowel signs of Indic scripts, and those
# of New Tai Lue. A token with a blank in it would be a phrase, which the index does not know.
_STRANGE = re.compile("[\\W\u19b0-\u19c9\u1cf2\u1cf3]")
_MAX_TERMS = 6
_MAX_ALTERNATIVES = 16
_NARROW = re.compile("[^\u2e80-\U0010ffff]+")
_ALL_CHINESE = re.compile("[\u3400-\u9fff]+")
_DIGITS = re.compile("[0-9]{3,}")
_WORDS = re.compile(r"[^\W_]+")
_CUT = re.compile(r"[\s*，,、;；]+")
_TYPED_NUMBER = re.compile(r"[+(]?[0-9][0-9\s()+.\-]*")
_INITIALS = re.compile("(?=.*[a-z])(?!(.*[0-9]){3})[a-z0-9]{1,12}")


def search_tokens(*values: str, phones: Iterable[str] = ()) -> set[str]:
    """Everything that texts and phone numbers can be found by."""
    tokens: set[str] = set()
    for value in values:
        if value:
            tokens |= _text_tokens(value)
    for phone in phones:
        for digits in phone_forms(phone):
            tokens.update(_grams(digits, 3), _grams(digits, 4))
    return tokens


def search_text(*values: str, phones: Iterable[str] = ()) -> str:
    """The folded text that `matches` is asked about; values do not run into each other."""
    parts = [fold(value) for value in values if value]
    parts += [form for phone in phones for form in phone_forms(phone)]
    return SEPARATOR.join(parts)


def phone_forms(phone: str) -> list[str]:
    """The digit strings a number may be typed as: with the country, and in China with the 0."""
    digits = re.sub("[^0-9]", "", unicodedata.normalize("NFKC", phone))
    if not digits:
        return []
    national = digits[2:] if phone.strip().startswith("+86") else ""
    is_landline = bool(national) and not (national.startswith("1") and len(national) == 11)
    return [digits, "0" + national] if is_landline else [digits]


def _grams(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(len(text) - size + 1)]


def _text_tokens(value: str) -> set[str]:
    folded = fold(value)
    if _ALL_CHINESE.fullmatch(folded):
        tokens = set(folded)
        tokens.update(map(str.__add__, folded, folded[1:]))
    else:
        tokens = _wide_tokens(folded) if _PICTURE.search(folded) else _plain_wide_tokens(folded)
        for run in _NARROW.findall(folded):
            tokens.update(_grams(run, 3))
        for digits in _DIGITS.findall(folded):
            tokens.update(_grams(digits, 4))
        tokens.update(_word_heads(value))
        if _STRANGE.search(folded):
            tokens = {_whole(token) for token in tokens}
    if len(folded) <= _MAX_PINYIN_CHARACTERS and not folded.isascii():
        tokens |= _pinyin_tokens(folded)
    return tokens


def _whole(token: str) -> str:
    """A token that every tokenizer keeps in one piece."""
    return _STRANGE.sub(lambda found: f"u{ord(found.group()):x}x", token)


def _pinyin_tokens(folded: str) -> set[str]:
    tokens = {PINYIN + letter for letter in initials(folded[0])}
    tokens.update(PINYIN + gram for gram in initial_grams(folded, (2, 3)))
    return tokens


def _is_wide(character: str) -> bool:
    return character >= _FIRST_WIDE


def _plain_wide_tokens(folded: str) -> set[str]:
    """Single characters and pairs around every Chinese character."""
    tokens = {c for c in folded if c >= _FIRST_WIDE}
    if tokens:
        near = pairwise(folded)
        tokens.update(a + b for a, b in near if a >= _FIRST_WIDE or b >= _FIRST_WIDE)
    return tokens


def _wide_tokens(folded: str) -> set[str]:
    """The same where there are pictures: these only alone, by their code."""
    tokens: set[str] = set()
    for part in re.split(f"({_PICTURE.pattern})", folded):
        if unicodedata.category(part[:1] or "x") == "So":
            tokens.add(f"u{ord(part):x}x")
        else:
            tokens |= _plain_wide_tokens(part)
    return tokens


def _word_heads(value: str) -> Iterator[str]:
    """The first one and two characters of every Latin or digit word."""
    for word in _WORDS.findall(unicodedata.normalize("NFKC", value)):
        for run in _NARROW.findall(fold(word)):
            yield run[:1]
            yield run[:2]


@dataclass(frozen=True)
class Alternative:
    """One way to read a query: all of its tokens must be there."""

    kind: str
    tokens: tuple[str, ...]


def query_terms(query: str) -> list[str]:
    """The folded words of a query; a number typed with blanks and dashes is one word."""
    number = _TYPED_NUMBER.fullmatch(unicodedata.normalize("NFKC", query).strip())
    if number:
        digits = re.sub("[^0-9]", "", number.group())
        return [digits.removeprefix("00") if digits.startswith("0086") else digits]
    words = [fold(word) for word in _CUT.split(query)]
    return list(dict.fromkeys(word for word in words if word))[:_MAX_TERMS]


def query_tokens(query: str) -> list[Alternative]:
    """The ways to look a query up; any one may match. An empty query has none."""
    readings = [_readings(term) for term in query_terms(query)]
    if not readings:
        return []
    ways = product(*readings)
    return [_joined(way) for _, way in zip(range(_MAX_ALTERNATIVES), ways, strict=False)]


def _joined(way: tuple[Alternative, ...]) -> Alternative:
    kinds = {alternative.kind for alternative in way}
    tokens = dict.fromkeys(_whole(token) for alternative in way for token in alternative.tokens)
    return Alternative(kinds.pop() if len(kinds) == 1 else "mixed", tuple(tokens))


def _readings(term: str) -> list[Alternative]:
    if term.isascii() and term.isdigit():
        return [Alternative("digits", _digit_query(term))]
    if not any(_is_wide(c) or unicodedata.category(c) == "So" for c in term):
        found = [Alternative("latin", tuple(_grams(term, 3)) or (term,))]
        if _is_typed_initials(term):
            found.append(Alternative("pinyin", _initials_query(term)))
        return found
    return [Alternative("cjk", _chinese_query(term))]


def _is_typed_initials(term: str) -> bool:
    return bool(_INITIALS.fullmatch(term))


def _digit_query(term: str) -> tuple[str, ...]:
    return tuple(_grams(term, 4)) or (term,)


def _initials_query(term: str) -> tuple[str, ...]:
    return tuple(PINYIN + gram for gram in (_grams(term, 3) or [term]))


def _chinese_query(term: str) -> tuple[str, ...]:
    tokens = sorted(_wide_tokens(term), key=lambda t: (term.find(t), t))
    for run in _NARROW.findall(term):
        tokens += _grams(run, 3)
    pairs = [t for t in tokens if len(t) > 1]
    covered = {c for t in pairs for c in t if len(t) == 2}
    return tuple(dict.fromkeys(pairs + [t for t in tokens if len(t) == 1 and t not in covered]))


def matches(query: str, folded_text: str) -> bool:
    """Whether every word of a query is in the text, as written or as pinyin initials."""
    terms = query_terms(query)
    return bool(terms) and all(_matches_term(term, folded_text) for term in terms)


def _matches_term(term: str, folded_text: str) -> bool:
    if term in folded_text:
        return True
    if not _is_typed_initials(term):
        return False
    return any(
        len(part) <= _MAX_PINYIN_CHARACTERS and has_initials(term, part)
        for part in folded_text.split(SEPARATOR)
    )
