"""The sign-ins of the demo company: one random password for all, kept for the owner only."""

import json
import os
import secrets
import string
import unicodedata
from pathlib import Path
from typing import Any, Final

from guanxi.customers.demo.organisation import PEOPLE

FILE: Final = "demo-signins.json"
_LENGTH: Final = 14
# Letters that are mistaken for each other on a screen are left out.
_LETTERS: Final = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")


def random_password() -> str:
    """A password that both password profiles take."""
    while True:
        made = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        kinds = (str.islower, str.isupper, str.isdigit)
        if all(any(kind(c) for c in made) for kind in kinds):
            return made


def keep(folder: Path, password: str) -> dict[str, Any]:
    """Write the sign-ins beside the data, readable for the owner only; returns them."""
    written = {
        "password": password,
        "sign_ins": [
            {"username": p.username, "name": p.name, "title": p.title, "role": p.role}
            for p in PEOPLE
            if p.is_sign_in
        ],
    }
    temporary = folder / f".{FILE}.{secrets.token_hex(4)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(written, stream, ensure_ascii=False, indent=2)
    temporary.replace(folder / FILE)
    return written


def read(folder: Path) -> dict[str, Any] | None:
    """The sign-ins kept in a data folder, or None when there are none."""
    path = folder / FILE
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def lines(kept: dict[str, Any]) -> list[str]:
    """One line each for the terminal: user name, title and name, password."""
    rows = [(s["username"], f"{s['title']} {s['name']}") for s in kept["sign_ins"]]
    widest = max(_width(words) for _username, words in rows)
    return [
        f"{username:<16}{words}{' ' * (widest - _width(words) + 2)}{kept['password']}"
        for username, words in rows
    ]


def _width(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)
