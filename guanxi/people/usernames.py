"""The one stored form of a user name."""

from __future__ import annotations

import unicodedata


def normal_username(username: str) -> str:
    """Return a user name half-width, in lower case and without blanks around it."""
    return unicodedata.normalize("NFKC", username).strip().casefold()
