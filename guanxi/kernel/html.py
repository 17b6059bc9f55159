"""The one place that calls text markup: values filled into markup, each of them escaped.

It does what Django's `format_html` does, at a third of the cost: a list page fills in a
thousand times.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString


def escaped(value: Any) -> str:
    """A value as it may stand in markup: what is markup already stays, all else is escaped."""
    if type(value) is str:
        return escape(value)
    if isinstance(value, Promise):
        value = str(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return escape(str(value))


def format_html(markup: str, *given: Any, **named: Any) -> SafeString:
    """Markup with values in the place of its braces."""
    if named:
        filled = {name: escaped(value) for name, value in named.items()}
        return SafeString(markup.format(*map(escaped, given), **filled))
    return SafeString(markup.format(*map(escaped, given)))


def format_html_join(between: str, markup: str, rows: Iterable[Sequence[Any]]) -> SafeString:
    """The same markup filled with each row's values, joined."""
    if markup == "{}":
        return SafeString(escaped(between).join([escaped(row[0]) for row in rows]))
    return SafeString(escaped(between).join([markup.format(*map(escaped, row)) for row in rows]))
