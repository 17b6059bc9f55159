"""What a complaint's page shows: where it stands and what is next, its file, and who said what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext

from guanxi.complaints import queries, rules
from guanxi.complaints.choices import FINDINGS, EntryKind, RemedyKind, State
from guanxi.complaints.models import Complaint, Entry
from guanxi.complaints.services.steps import check
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.records import get_record_type

MOST: Final = 6
#: The one action that each state waits for.
NEXT: Final[Mapping[str, str]] = {
    rules.REGISTERED: "acknowledge",
    rules.ACKNOWLEDGED: "investigate",
    rules.INVESTIGATING: "determine",
    rules.DETERMINED: "submit",
    rules.LEGAL_REVIEW: "propose",
    rules.APPROVED: "begin",
    rules.EXECUTING: "finish",
    rules.EXECUTED: "visit",
    rules.VISITED: "close",
    rules.EXTERNAL: "note_ruling",
}
#: What is done first when the one action lacks something.
FIRST: Final[Mapping[str, str]] = {
    "finding": "note_finding",
    "remedy": "add_remedy",
    "told_plan": "tell",
    "told": "tell",
    "answered": "visit",
    "handler": "assign",
}
_WORDS: Final = (EntryKind.TOLD, EntryKind.HEARD, EntryKind.ATTEMPT, EntryKind.VISIT)


def _as_complaint(record: Model) -> Complaint:
    assert isinstance(record, Complaint)  # noqa: S101  tells the type checker
    return record


# Where it stands ----------------------------------------------------------------------------------
def progress(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """The steps done, the present one, those to come; what is next, by whom and until when."""
    complaint, formatter = _as_complaint(record), Formatter(actor, at)
    due = queries.next_due(complaint)
    return {
        "stages": _stages(complaint, formatter),
        "state": complaint.get_state_display(),
        "handler": complaint.handler.name if complaint.handler else "",
        "due": formatter.due(due.due_at) if due and due.due_at else "",
        "due_what": queries.clock_label(due) if due else "",
        "next": _next(complaint, actor),
        "waits_for": _waits_for(complaint, actor),
        "is_green": complaint.is_green,
        "invite": f"/complaints/{complaint.pk}/invite/"
        if rules.is_possible("invite", complaint.state) and actor.can("complaints.invite")
        else "",
        "papers": f"/complaints/{complaint.pk}/" if actor.can("complaints.print") else "",
    }


def _stages(complaint: Complaint, formatter: Formatter) -> list[dict[str, str]]:
    reached = queries.list_arrivals(complaint)
    way = rules.WAY
    place = way.index(complaint.state) if complaint.state in way else -1
    stages = []
    for number, state in enumerate(way):
        is_done = number < place or (complaint.state == rules.CLOSED and state == rules.CLOSED)
        at, who = reached.get(state, (None, ""))
        stages.append(
            {
                "label": str(State(state).label),
                "state": "done" if is_done else "now" if number == place else "next",
                "note": f"{who} {formatter.moment_short(at)}" if at and number <= place else "",
            }
        )
    if place < 0:
        stages.append({"label": complaint.get_state_display(), "state": "now", "note": ""})
    return stages


def _next(complaint: Complaint, actor: Actor) -> dict[str, str] | None:
    """The one action, or what must be done before it, with the reason."""
    name = NEXT.get(complaint.state)
    if complaint.archived_at or name is None:
        return None
    reason = ""
    try:
        check(complaint, name, actor)
    except RuleViolation as error:
        reason, name = error.text, FIRST.get(error.code, "")
    verb = get_record_type(queries.KEY).verb(name) if name else None
    is_mine = verb is not None and actor.can(verb.permission)
    return {
        "reason": reason,
        "label": str(verb.label) if verb and is_mine else "",
        "url": f"/complaints/{complaint.pk}/{name}/" if is_mine else "",
    }


def _waits_for(complaint: Complaint, actor: Actor) -> dict[str, str] | None:
    """The approval that the complaint waits for, as far as the reader may open it."""
    running = queries.get_running(complaint)
    if running is None:
        return None
    names = "、".join(running.waiting_for.order_by("pk").values_list("name", flat=True))
    seen = any(each.pk == running.pk for each in queries.list_requests(complaint, actor))
    return {"names": names, "url": f"/approvals/{running.pk}/" if seen else ""}


# The file -----------------------------------------------------------------------------------------
def _line(entry: Entry, formatter: Formatter) -> dict[str, Any]:
    return {
        "kind": entry.get_kind_display(),
        "text": entry.text,
        "when": formatter.moment_short(entry.at),
        "who": entry.by.name if entry.by else "",
        "channel": entry.get_channel_display(),
        "outcome": entry.get_outcome_display(),
        "is_from_customer": entry.kind in {EntryKind.HEARD, EntryKind.VISIT},
        "file": entry.file.name if entry.file else "",
        "hash": entry.file.sha256 if entry.file else "",
        "url": f"/complaints/{entry.complaint_id}/evidence/{entry.pk}/",
    }


def _lines(actor: Actor, complaint: Complaint, kinds: Any, at: datetime) -> list[dict[str, Any]]:
    formatter = Formatter(actor, at)
    return [_line(e, formatter) for e in queries.list_entries(complaint) if e.kind in kinds]


def findings(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """Interviews, records, checks on site, and the evidence with its hashes."""
    complaint = _as_complaint(record)
    may_add = rules.is_possible("add_evidence", complaint.state) and not complaint.archived_at
    return {
        "rows": _lines(actor, complaint, (*FINDINGS, EntryKind.EVIDENCE), at),
        "evidence_url": f"/complaints/{complaint.pk}/evidence/"
        if may_add and actor.can("complaints.add_evidence")
        else "",
        "note_url": f"/complaints/{complaint.pk}/note_finding/"
        if rules.is_possible("note_finding", complaint.state)
        and actor.can("complaints.note_finding")
        else "",
        "may_open": actor.can("complaints.download"),
    }


def words(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """What the customer was told and said, attempts and visits."""
    complaint = _as_complaint(record)
    may = not complaint.archived_at and rules.is_possible("tell", complaint.state)
    return {
        "rows": _lines(actor, complaint, _WORDS, at),
        "tell_url": f"/complaints/{complaint.pk}/tell/"
        if may and actor.can("complaints.tell")
        else "",
    }


def responsibility(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """Who is responsible, how much, and why; whether legal agrees."""
    complaint, formatter = _as_complaint(record), Formatter(actor, at)
    shares = [
        (gettext("Our company"), complaint.company_share),
        (gettext("Customer"), complaint.customer_share),
        (complaint.third_party or gettext("Third party"), complaint.third_share),
    ]
    by = complaint.determined_by
    return {
        "rows": [(label, share) for label, share in shares if share],
        "cause": complaint.get_cause_display(),
        "grounds": complaint.grounds,
        "by": by.name if by else "",
        "legal": formatter.moment(complaint.legal_at) if complaint.legal_at else "",
    }


def remedies(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """The solution with its remedies, what each costs, and whether it was carried out."""
    complaint, formatter = _as_complaint(record), Formatter(actor, at)
    rows = list(complaint.remedies.select_related("done_by").order_by("pk"))
    state = complaint.state
    base = f"/complaints/{complaint.pk}"
    return {
        "rows": [
            {
                "pk": each.pk,
                "kind": RemedyKind(each.kind).label,
                "text": each.text,
                "cost": formatter.money(each.amount_minor) if each.amount_minor else "",
                "done": formatter.moment_short(each.done_at) if each.done_at else "",
                "by": each.done_by.name if each.done_by else "",
                "proof": each.proof,
                "is_open": each.done_at is None and each.round == complaint.round,
            }
            for each in rows
        ],
        "solution": complaint.solution,
        "solve_by": formatter.day(complaint.solve_by) if complaint.solve_by else "",
        "cost": formatter.money(complaint.cost_minor),
        "carry_out": f"{base}/carry_out/"
        if state == rules.EXECUTING and actor.can("complaints.carry_out")
        else "",
        "add": f"{base}/add_remedy/"
        if state == rules.LEGAL_REVIEW and actor.can("complaints.add_remedy")
        else "",
        "drop": f"{base}/drop_remedy/"
        if state == rules.LEGAL_REVIEW and actor.can("complaints.drop_remedy")
        else "",
    }


def approvals(actor: Actor, record: Model, at: datetime) -> Mapping[str, Any]:
    """The approvals of the responsibility and of the solution that the reader may see."""
    formatter = Formatter(actor, at)
    found = queries.list_requests(_as_complaint(record), actor)
    return {"rows": [(each, formatter.when(each.updated_at)) for each in found]}


def of_customer(actor: Actor, customer: Any, at: datetime) -> Mapping[str, Any]:
    """A customer's complaints, as far as the reader may know of them; no count beyond those."""
    formatter = Formatter(actor, at)
    return {
        "rows": [
            {
                "url": f"/complaints/{each.pk}/",
                "number": each.number,
                "state": each.get_state_display(),
                "when": formatter.moment_short(each.received_at),
            }
            for each in queries.list_of_customer(customer.pk, actor, MOST)
        ]
    }
