"""Words that a password must not be or hold: lists of top passwords and names of this company."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from django.contrib.auth import password_validation

from guanxi.kernel.pinyin import spell
from guanxi.people import queries
from guanxi.people.models import User

PRODUCT_NAMES: Final = ("guanxi", "关系")


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the top passwords: the framework's twenty thousand and those usual in China."""
    folder = Path(password_validation.__file__).parent
    with gzip.open(folder / "common-passwords.txt.gz", "rt", encoding="utf-8") as stream:
        known = {line.strip().casefold() for line in stream}
    own = resources.files("guanxi.people").joinpath("common_passwords.txt")
    known |= {line.strip() for line in own.read_text(encoding="utf-8").splitlines()}
    return frozenset(word for word in known if word and not word.startswith("#"))


def forbidden_names(user: User) -> list[str]:
    """Return the names that must not stand in a user's password, Chinese ones in pinyin too."""
    organisation = queries.get_organisation()
    names = [
        user.username,
        user.name,
        user.email.partition("@")[0],
        user.employee_no,
        user.phone,
        organisation.name,
        *organisation.short_names.replace("，", ",").split(","),
        *PRODUCT_NAMES,
    ]
    present = [name.strip() for name in names if name and name.strip()]
    return present + [spell(name) for name in present if not name.isascii()]
