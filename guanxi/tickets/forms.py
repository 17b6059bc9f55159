"""What people type on a ticket's page, as values for the services."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict

from guanxi.surfaces.parsing import is_number
from guanxi.tickets.choices import CHANNELS, After, Said

TYPED: Final = ("said", "body", "then", "channel", "mentions", "is_meant")


def read_talk(posted: QueryDict) -> tuple[str, dict[str, Any]]:
    """Whose word it is, and what its service takes."""
    said = posted.get("said", "")
    values: dict[str, Any] = {"body": posted.get("body", "")}
    if said == Said.CUSTOMER:
        channel = posted.get("channel", "")
        return said, values | {"channel": channel if channel in dict(CHANNELS) else ""}
    if said == Said.NOTE:
        ids = [int(each) for each in posted.getlist("mentions") if is_number(each)]
        return said, values | {"mentions": ids}
    seen = posted.get("public_seq", "")
    values["public_seq"] = int(seen) if is_number(seen) else 0
    values["then"] = After.WAITING if posted.get("then") == After.WAITING else After.OPEN
    return Said.REPLY, values | {"is_meant": bool(posted.get("is_meant"))}


def typed_talk(posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: posted.get(name, "") for name in TYPED}
