"""The form in which texts are compared and searched, and the shape by which look-alikes are one.

`fold` works character by character, so that the fold of a part is a part of the fold.
"""

import unicodedata
from typing import Final

import opencc

_CACHED_CHARACTERS: Final = 70_000
_CHINESE_BLOCKS: Final = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def _simplified() -> dict[str, str]:
    """Every traditional character with its simplified one; character by character on purpose."""
    every = [chr(code) for first, last in _CHINESE_BLOCKS for code in range(first, last + 1)]
    converted = opencc.OpenCC("t2s").convert("\n".join(every)).split("\n")
    pairs = {old: new for old, new in zip(every, converted, strict=True) if old != new}
    return pairs | {"著": "着", "瞭": "了", "妳": "你", "祂": "他", "甯": "宁", "乾": "干"}


_SIMPLIFIED: Final = _simplified()


class _FoldTable(dict[int, str]):
    """What each character becomes in a fold, found once per character."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _CACHED_CHARACTERS:
            self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).casefold()
    if unicodedata.name(character, "").startswith(("LATIN", "FULLWIDTH LATIN")):
        plain = unicodedata.normalize("NFKD", plain)
    return "".join(_SIMPLIFIED.get(c, c) for c in plain if _is_kept(c))


def _is_kept(character: str) -> bool:
    """Letters, numbers and pictures are kept; blanks, punctuation, marks and operators are not."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category in {"So", "Co", "Mc"}


_FOLD: Final = _FoldTable()


def half_width(value: str) -> str:
    """The plain characters for what people typed full-width; letters keep their case."""
    return unicodedata.normalize("NFKC", value)


def fold(value: str) -> str:
    """The form in which texts are compared and searched."""
    return unicodedata.normalize("NFC", value).translate(_FOLD)


# Looked up before folding, because capital and small letters resemble different Latin ones.
_LOOK_ALIKES: Final = str.maketrans(
    {
        **dict(zip("АВЕКМНОРСТУХІЈЅҮҺԀԚԜӀЗ", "abekmhopctyxijsyhdqwl3", strict=True)),
        **dict(zip("аеорсухіјѕүһԁԛԝӏвкмнтѵгпи", "aeopcyxijsyhdqwlbkmhtvrnu", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
        **dict(zip("αβγεικνορτυχωη", "abyeikvoptuxwn", strict=True)),
        **dict(zip("ıǀ|¦〡", "lllll", strict=True)),
        **dict(zip("ロエカタニハトー〇囗曰", "口工力夕二八卜一o口日", strict=True)),
    }
)
_SAME_SHAPE: Final = str.maketrans({"0": "o", "1": "l", "i": "l"})


def skeleton(value: str) -> str:
    """What a text looks like: `admin`, `аdm1n` with a Cyrillic а and `ａdmin` are one (K05)."""
    wide = unicodedata.normalize("NFKC", value).translate(_LOOK_ALIKES)
    shape = fold(wide).translate(_LOOK_ALIKES).translate(_SAME_SHAPE)
    return shape.replace("rn", "m").replace("vv", "w")
