"""What people type on the customer's page, as values for the services."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext

from guanxi.customers.choices import AttachmentKind
from guanxi.customers.services import Filing
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.parsing import by_the_end_of, is_number
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import parse_values

TALK: Final = ("content", "channel", "direction", "contact", "occurred_at", "next_contact_at")


def read_talk(posted: QueryDict, customer_id: int, actor: Actor) -> dict[str, Any]:
    """A talk as typed into the composer."""
    raw: dict[str, Any] = {name: posted[name] for name in TALK if posted.get(name)}
    raw["content"] = str(raw.get("content", "")).strip()
    raw["customer"] = customer_id
    if "next_contact_at" in raw:
        raw["next_contact_at"] = by_the_end_of(raw["next_contact_at"])
    return parse_values(get_record_type("customers.interaction"), raw, actor=actor)


def typed_talk(posted: QueryDict) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: posted.get(name, "") for name in TALK}


def read_next_contact(posted: QueryDict, actor: Actor) -> dict[str, Any]:
    """The next contact as a moment, or nothing to take it away."""
    raw = {"next_contact_at": by_the_end_of(posted.get("next_contact_at", ""))}
    return parse_values(get_record_type("customers.customer"), raw, actor=actor)


def read_filing(posted: Mapping[str, str]) -> Filing:
    """Where a file belongs, as filled in beside it."""
    year = posted.get("year", "").strip()
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise RuleViolation("bad_year", gettext("Write the year with four digits."), "year")
    return Filing(
        kind=posted.get("kind", AttachmentKind.OTHER),
        year=int(year),
        title=posted.get("title", "")[:1000],
        paper_location=posted.get("paper_location", "")[:1000],
    )


def read_id(posted: Mapping[str, str], name: str) -> int:
    """The id of a record that a button names."""
    written = posted.get(name, "")
    if not is_number(written):
        raise RuleViolation("not_a_reference", gettext("The id of a record is expected."), name)
    return int(written)
