"""The faces of complaints."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.approvals.declarations import Subject, declare_subject
from guanxi.complaints import panels, services
from guanxi.complaints.choices import State
from guanxi.complaints.models import Complaint
from guanxi.complaints.verbs import VERBS
from guanxi.kernel.actor import Actor
from guanxi.kernel.models import StoredFile
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.navigation import Page, declare_page
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    ListTab,
    Panel,
    RecordType,
    Section,
    declare_panel,
    register,
)

_COLUMNS = ("cause", "cost_minor")
_OUTCOME = tuple(
    Field(name, type=kind, ref=ref, readonly=True, section="outcome", column=name in _COLUMNS)
    for name, kind, ref in (
        ("cause", "", ""),
        ("company_share", "", ""),
        ("customer_share", "", ""),
        ("third_share", "", ""),
        ("third_party", "", ""),
        ("grounds", "", ""),
        ("determined_by", "", "people.user"),
        ("legal_at", "", ""),
        ("solution", "", ""),
        ("solve_by", "", ""),
        ("remedy_list", "", ""),
        ("cost_minor", "money", ""),
        ("approved_at", "", ""),
        ("executed_at", "", ""),
        ("satisfaction", "", ""),
        ("closed_at", "", ""),
        ("reason", "", ""),
        ("body", "", ""),
        ("body_reference", "", ""),
        ("ruling", "", ""),
    )
)

COMPLAINTS = register(
    RecordType(
        key="complaints.complaint",
        model=Complaint,
        plural="complaints",
        label=_("Complaint"),
        label_plural=_("Complaints"),
        icon="megaphone",
        nav_group="service",
        nav_order=28,
        title_field="number",
        reveal="complaints.reveal",
        is_importable=False,
        fields=(
            Field("number", readonly=True, sortable=True, synonyms=("投诉编号",)),
            Field("state", readonly=True, synonyms=("状态",)),
            Field("received_at", sortable=True, section="intake", synonyms=("投诉时间",)),
            Field("channel", section="intake", synonyms=("投诉渠道",)),
            Field("origin", section="intake"),
            Field("customer", ref="customers.customer", section="intake", synonyms=("客户",)),
            Field("contact", ref="customers.contact", section="intake", synonyms=("联系人",)),
            Field(
                "complainant_name",
                group="complainant",
                personal=True,
                section="intake",
                synonyms=("投诉人",),
            ),
            Field(
                "complainant_phone",
                type="phone",
                group="complainant",
                personal=True,
                section="intake",
                synonyms=("联系电话",),
            ),
            Field("represents", group="complainant", personal=True, section="intake"),
            Field("product", section="intake", synonyms=("产品", "服务")),
            Field("description", section="intake", column=False, synonyms=("投诉内容",)),
            Field("claim", section="intake", synonyms=("诉求",)),
            Field("claim_minor", type="money", section="intake", synonyms=("诉求金额",)),
            Field("urgency", section="grading", synonyms=("紧急程度",)),
            Field("severity", section="grading"),
            Field("extent", section="grading"),
            Field("is_safety", section="grading"),
            Field("is_press", section="grading"),
            Field("is_green", readonly=True, section="grading"),
            Field("handler", ref="people.user", readonly=True, section="handling"),
            Field("department", ref="people.department", readonly=True, section="handling"),
            Field("concerned", ref="people.user", readonly=True, section="handling", column=False),
            Field("state_since", readonly=True, section="handling"),
            Field("round", readonly=True, section="handling", column=False),
            *_OUTCOME,
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(
            Section("intake", _("Intake")),
            Section("grading", _("Grading")),
            Section("handling", _("Handling")),
            Section("outcome", _("Outcome"), is_open=False),
            Section("custom", _("More fields")),
        ),
        listing=ListDefaults(
            ("number", "state", "customer", "urgency", "claim", "handler", "received_at"),
            sort="-received_at",
        ),
        tabs=(ListTab(_("Handled by me"), {"handler": "me"}),),
        search={"": ("number",)},
        templates={"record": "complaints/complaint.html"},
        views={
            "api:entries": "guanxi.complaints.api.ComplaintEntries",
            "api:remedies": "guanxi.complaints.api.ComplaintRemedies",
        },
        hooks=Hooks(
            check=services.check_complaint,
            fill=services.fill_complaint,
            after=services.after_complaint,
            archiving=services.before_archive,
            number_prefix="TS",
        ),
        panels=(
            Panel("progress", _("Progress"), "complaints/_progress.html", panels.progress),
            Panel("findings", _("Investigation"), "complaints/_findings.html", panels.findings),
            Panel(
                "responsibility",
                _("Responsibility"),
                "complaints/_responsibility.html",
                panels.responsibility,
                hides_empty=True,
            ),
            Panel(
                "remedies",
                _("Remedies"),
                "complaints/_remedies.html",
                panels.remedies,
                hides_empty=True,
            ),
            Panel("words", _("With the customer"), "complaints/_words.html", panels.words),
            Panel(
                "approvals",
                _("Approvals"),
                "complaints/_approvals.html",
                panels.approvals,
                hides_empty=True,
            ),
        ),
        verbs=VERBS,
    )
)

declare_panel(
    "customers.customer",
    Panel(
        "complaints",
        _("Complaints"),
        "complaints/_of_customer.html",
        panels.of_customer,
        permission="complaints.view",
        icon="megaphone",
        hides_empty=True,
        is_later=True,
    ),
)

declare_page(
    Page(_("Complaints in figures"), "/complaints/statistics/", "table", "complaints.statistics")
)


# Approvals ----------------------------------------------------------------------------------------
_JUDGED = ("cause", "company_share", "customer_share", "third_share", "third_party", "grounds")
_SOLVED = ("solution", "solve_by", "remedy_list", "cost_minor")


def _content(complaint: Complaint) -> Mapping[str, Any]:
    """Legal decides on the responsibility, whoever approves the solution on that and on it."""
    names = _JUDGED if complaint.state == State.LEGAL_REVIEW else (*_JUDGED, *_SOLVED)
    return {name: getattr(complaint, name) for name in ("description", "claim", *names)}


def _files(complaint: Complaint) -> Iterable[StoredFile]:
    rows = complaint.entries.filter(file__isnull=False).select_related("file").order_by("pk")
    return [each.file for each in rows if each.file is not None]


def _parties(complaint: Complaint) -> Iterable[int]:
    """Whom it concerns, who determined and who handles it never decide on it."""
    people = {complaint.handler_id or 0, complaint.determined_by_id or 0} - {0}
    return people | set(complaint.concerned.values_list("pk", flat=True))


def _decided(complaint: Complaint, outcome: str, actor: Actor, at: datetime) -> None:
    if complaint.state == State.LEGAL_REVIEW:
        services.close_review(complaint, outcome, actor, at)
    else:
        services.settle_solution(complaint, outcome, actor, at)


declare_subject(
    Subject(
        "complaints.complaint",
        content=_content,
        files=_files,
        parties=_parties,
        decided=_decided,
    )
)
