"""What people type about commitments, as values for the services."""

from typing import Any

from django.http import QueryDict

from guanxi.commitments.choices import Kind
from guanxi.kernel.actor import Actor
from guanxi.surfaces.parsing import by_the_end_of
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import parse_values


def read_line(posted: QueryDict, customer_id: int, actor: Actor) -> dict[str, Any]:
    """One line beside a customer: what, until which day, and whether it was promised."""
    raw = {
        "title": posted.get("title", "").strip(),
        "due_at": by_the_end_of(posted.get("due_at", "")),
        "kind": Kind.PROMISE if posted.get("kind") == Kind.PROMISE else Kind.TASK,
        "customer": customer_id,
    }
    return parse_values(get_record_type("commitments.commitment"), raw, actor=actor)
