"""The investigation report and the reply letter, as they are printed (CPL-2, CPL-4)."""

from datetime import datetime
from typing import Any

from guanxi.complaints import panels
from guanxi.complaints.models import Complaint
from guanxi.kernel.access import shown
from guanxi.kernel.actor import Actor
from guanxi.surfaces.html.formats import Formatter


def write(name: str, complaint: Complaint, actor: Actor, at: datetime) -> dict[str, Any]:
    """What a paper says: the report everything, the letter only what is the customer's."""
    formatter = Formatter(actor, at)
    context: dict[str, Any] = {
        "complaint": complaint,
        "who": _who(complaint, actor),
        "received": formatter.moment(complaint.received_at),
        "today": formatter.day(formatter.today),
        "mark": f"{actor.label} {formatter.moment(at)}",
        "claimed": formatter.money(complaint.claim_minor) if complaint.claim_minor else "",
        "responsibility": panels.responsibility(actor, complaint, at),
        "remedies": panels.remedies(actor, complaint, at),
        "handler": complaint.handler.name if complaint.handler else "",
    }
    if name == "report":
        context["findings"] = panels.findings(actor, complaint, at)["rows"]
        context["words"] = panels.words(actor, complaint, at)["rows"]
    return context


def _who(complaint: Complaint, actor: Actor) -> str:
    """The complainant as far as this reader may know; the customer's name else."""
    name = shown(actor, "complainant", complaint.complainant_name) or ""
    customer = complaint.customer.name if complaint.customer else ""
    return " ".join(part for part in (customer, name) if part)
