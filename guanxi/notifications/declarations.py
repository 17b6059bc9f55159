"""The kinds of notification; each domain declares its own in `<domain>/notifications.py`."""

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.kernel.errors import Message


@dataclass(frozen=True)
class Kind:
    """A kind of notification: how settings call it, and the sentence that a receiver reads.

    The title takes the params of `notify` and `%(record)s`, the subject's name as far as the
    receiver may see it. A param whose name ends in `_at` is an instant in ISO form, told in the
    receiver's zone. What is urgent goes by mail at once, also to who reads a daily digest.
    """

    code: str
    label: Message
    title: Message
    urgent: bool = False
    icon: str = "bell"


_kinds: dict[str, Kind] = {}


def declare_kind(kind: Kind) -> Kind:
    """Add a kind; declaring the same code twice is a mistake."""
    if kind.code in _kinds:
        raise ValueError(f"the kind of notification {kind.code} is declared twice")
    _kinds[kind.code] = kind
    return kind


def get_kind(code: str) -> Kind:
    """The kind of a code; LookupError when nobody declared it."""
    if code not in _kinds:
        raise LookupError(f"no kind of notification is declared as {code}")
    return _kinds[code]


def kinds() -> Mapping[str, Kind]:
    """Every kind by its code, in the order of codes."""
    return dict(sorted(_kinds.items()))
