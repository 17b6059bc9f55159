"""The one stored form of a user name."""

from __future__ import annotations

from guanxi.kernel.folding import half_width


def normal_username(username: str) -> str:
    """Return a user name half-width, in lower case and without blanks around it."""
    return half_width(username).strip().casefold()
