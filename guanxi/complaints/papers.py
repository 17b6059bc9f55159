"""The investigation report and the reply letter, as they are printed (CPL-2, CPL-4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from guanxi.complaints import panels
from guanxi.complaints.models import Complaint
from guanxi.kernel.access import shown
from guanxi.kernel.actor import Actor
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.papers import Paper, declare_paper, fill, list_templates

LETTER: Final = declare_paper(
    Paper(
        "complaints.letter",
        _("Reply to your complaint"),
        {
            "who": _("How the complainant is addressed"),
            "number": _("Number"),
            "received": _("Received"),
            "product": _("Product or service"),
            "findings": _("What we found"),
            "solution": _("What we do"),
            "remedies": _("Remedies, one a line"),
            "solve_by": _("To be solved by"),
            "handler": _("Handler"),
            "today": _("Today's date"),
        },
    )
)


def write(
    name: str, complaint: Complaint, actor: Actor, at: datetime, template: str = ""
) -> dict[str, Any]:
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
    return context | _by_template(complaint, context, template)


def _by_template(complaint: Complaint, context: Mapping[str, Any], template: str) -> dict[str, Any]:
    """The letter by the template that was chosen, or the first; without one, our own words."""
    found = list_templates(LETTER)
    chosen = next((each for each in found if str(each.pk) == template), next(iter(found), None))
    return {
        "templates": found if len(found) > 1 else [],
        "template": chosen,
        "pieces": fill(chosen.body, _words(complaint, context)) if chosen else [],
    }


def _words(complaint: Complaint, context: Mapping[str, Any]) -> dict[str, str]:
    """What the words of the letter stand for: nothing that the customer may not know yet."""
    found, done = context["responsibility"], context["remedies"]
    is_found, is_agreed = bool(found["legal"]), complaint.approved_at is not None
    shares = "，".join(f"{label} {share}%" for label, share in found["rows"])
    findings = "\n".join(part for part in (found["grounds"], shares) if part)
    rows = [f"{row['kind']}：{row['text']} {row['cost']}".strip() for row in done["rows"]]
    return {
        **{name: str(context[name]) for name in ("who", "received", "handler", "today")},
        "number": complaint.number,
        "product": complaint.product,
        "findings": findings if is_found else "",
        "solution": str(done["solution"]) if is_agreed else "",
        "remedies": "\n".join(rows) if is_agreed else "",
        "solve_by": str(done["solve_by"] or "") if is_agreed else "",
    }


def _who(complaint: Complaint, actor: Actor) -> str:
    """The complainant as far as this reader may know; the customer's name else."""
    name = shown(actor, "complainant", complaint.complainant_name) or ""
    customer = complaint.customer.name if complaint.customer else ""
    return " ".join(part for part in (customer, name) if part)
