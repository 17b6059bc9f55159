"""Pinyin of names: initials to find them by, and keys to sort them by.

One reading per character, cached, instead of cutting each name into phrases: a hundred thousand
names are read in under a second. Polyphones that matter in names keep their other initials.
"""

import os
import re
import unicodedata
from functools import cache
from itertools import product
from typing import Final

# The library's dictionary of phrases takes 44 MB in every process; one character needs none of it.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

MAX_SORT_CHARACTERS: Final = 30
_MAX_SPELLINGS = 8
_TONES: Final = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}

# Characters that occur in names of people, companies and places with a second reading
# whose first letter differs from the first.
_OTHER_INITIALS: Final = dict(
    re.findall(
        r"(\S):(\S)",
        "单:s 仇:q 解:x 查:z 区:o 翟:z 尉:y 长:c 重:c 乐:y 覃:q 种:c 曾:z 行:h 厦:x 调:t 弹:t 藏:z "
        "传:z 朝:z 车:j 沈:c 贾:g 会:k 系:j 降:x 强:j 省:x 校:j 畜:x 属:z 率:s 角:l 番:p 枞:z 叶:x "
        "吓:h 粘:n 褚:z 祭:z 繁:p 俟:s 隗:w 石:d 蔓:w 夹:g 便:p 陂:p 期:j 奇:j 禅:s 殖:s 识:z 莞:w "
        "浒:x 盛:c 宿:x 适:k 召:s 折:s 冼:s 郇:x 郗:c 万:m 阿:e 芍:q 铅:y 蔚:y 澹:t 剿:c 栖:x 泌:b "
        "巷:h 辟:b 侧:z 伽:q 茄:q 刹:c 参:s 乘:s 嘲:z 颤:z",
    )
)
# Readings that differ from the dictionary's first one at the head of a name.
_HEAD_READINGS: Final = {
    "单": "shan4", "曾": "zeng1", "仇": "qiu2", "解": "xie4", "查": "zha1", "区": "ou1",
    "翟": "zhai2", "尉": "wei4", "朴": "piao2", "覃": "qin2", "种": "chong2", "缪": "miao4",
    "盖": "ge3", "乐": "yue4", "任": "ren2", "华": "hua4", "召": "shao4", "冼": "xian3",
    "石": "shi2", "盛": "sheng4", "宁": "ning4", "应": "ying1", "洗": "xian3",
}  # fmt: skip
_HEAD_PLACES: Final = {
    "重庆": "chong2", "厦门": "xia4", "长沙": "chang2", "长春": "chang2", "长治": "chang2",
    "长江": "chang2", "长城": "chang2", "华为": "hua2", "中华": "zhong1", "单县": "shan4",
    "大连": "da4", "六安": "lu4", "蚌埠": "beng4", "亳州": "bo2", "乐山": "le4", "乐清": "yue4",
    "石家": "shi2", "华夏": "hua2", "华润": "hua2", "宁波": "ning2", "宁夏": "ning2",
    "盛京": "sheng4",
}  # fmt: skip


@cache
def reading(character: str) -> str:
    """The usual reading of a character as `zhong4`, or nothing when it has none."""
    from pypinyin.pinyin_dict import pinyin_dict

    first = pinyin_dict.get(ord(character), "").split(",")[0]
    if not first:
        return ""
    parts = unicodedata.normalize("NFD", first)
    tone = next((_TONES[c] for c in parts if c in _TONES), "5")
    letters = "".join("v" if c == "\u0308" else c for c in parts if c not in _TONES)
    return letters.replace("uv", "v").replace("\u0302", "") + tone


def spell(text: str) -> str:
    """A text as it is typed without tones; what has no reading stands for itself."""
    return "".join(reading(c)[:-1] or c for c in text)


@cache
def initials(character: str) -> str:
    """The letters a character may be typed as: its reading's first letter, then another one."""
    if character.isascii():
        return character
    first = reading(character)[:1]
    other = _OTHER_INITIALS.get(character, "")
    return first + other if first and other != first else first


def initial_grams(folded: str, sizes: tuple[int, ...]) -> set[str]:
    """Every run of initials of the given sizes; Latin letters and digits stand for themselves."""
    letters = [initials(c) for c in folded]
    found: set[str] = set()
    if all(len(each) == 1 for each in letters):
        line = "".join(letters)
        return {line[i : i + size] for size in sizes for i in range(len(line) - size + 1)}
    for size in sizes:
        for start in range(len(letters) - size + 1):
            part = letters[start : start + size]
            if all(part):
                found.update(spellings(part))
    return found


def spellings(letters: list[str]) -> list[str]:
    """The ways a run can be typed, at most eight."""
    if all(len(each) == 1 for each in letters):
        return ["".join(letters)]
    return ["".join(way) for _, way in zip(range(_MAX_SPELLINGS), product(*letters), strict=False)]


def has_initials(typed: str, folded: str) -> bool:
    """Whether a run of characters can be typed by these initials."""
    letters = [initials(c) for c in folded]
    width = len(typed)
    return any(
        all(typed[offset] in letters[start + offset] for offset in range(width))
        for start in range(len(letters) - width + 1)
    )


def pinyin_sort_key(name: str) -> str:
    """A text that sorts names as a Chinese register does: by pinyin, tone, then character."""
    head = name.strip()[:MAX_SORT_CHARACTERS]
    parts = [_sort_part(c) for c in unicodedata.normalize("NFKC", head).casefold()]
    first = _HEAD_PLACES.get(head[:2]) or (_HEAD_READINGS.get(head[:1]) if len(head) <= 4 else None)
    if first and parts:
        parts[0] = f"{first}{head[0]} "
    return "".join(parts).rstrip()


@cache
def _sort_part(character: str) -> str:
    found = "" if character.isascii() else reading(character)
    return f"{found}{character} " if found else character
