"""What people type on a ticket's page, as values for the services."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.parsing import is_number
from guanxi.tickets.choices import CHANNELS, After, Said
from guanxi.tickets.services.filing import Offered, accept

MOST_FILES: Final = 10
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


def read_files(sent: MultiValueDict[str, Any]) -> list[Offered]:
    """What is sent along, through the gate; the first file that it refuses is said."""
    found = sent.getlist("files")
    if len(found) > MOST_FILES:
        message = _("At most %(most)s files can be sent at once.")
        raise RuleViolation("too_many_files", message, "files", most=MOST_FILES)
    return [accept(each.name or "", each) for each in found]


def typed_talk(posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: posted.get(name, "") for name in TYPED}
