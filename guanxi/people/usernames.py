"""How user names are compared: one form per name, and look-alikes count as the same."""

from __future__ import annotations

import unicodedata

_LOOK_ALIKES = str.maketrans(
    {
        "0": "o", "1": "l", "i": "l", "|": "l",
        "а": "a", "с": "c", "е": "e", "һ": "h", "і": "l", "ј": "j", "о": "o", "р": "p",
        "ѕ": "s", "у": "y", "х": "x", "ԁ": "d", "ԛ": "q", "ѵ": "v", "ӏ": "l", "ԝ": "w",
        "α": "a", "ο": "o", "ρ": "p", "ν": "v", "ι": "l", "κ": "k", "ı": "l",
    }
)  # fmt: skip


def normal_username(username: str) -> str:
    """Return the one stored form of a user name: half-width, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def username_skeleton(username: str) -> str:
    """Return what a name looks like, so that `admin` and `аdm1n` (Cyrillic а, digit 1) collide."""
    plain = unicodedata.normalize("NFKD", normal_username(username))
    visible = "".join(
        c for c in plain if unicodedata.category(c) not in {"Mn", "Cf", "Zs"}
    )
    return visible.translate(_LOOK_ALIKES).replace("rn", "m").replace("vv", "w")
