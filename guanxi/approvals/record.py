"""The faces of requests, flows and their steps."""

from django.utils.translation import gettext_lazy as _

from guanxi.approvals import access, panels, queries, services
from guanxi.approvals.models import Flow, FlowStep, Request
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    ListTab,
    Panel,
    RecordType,
    Section,
    Verb,
    register,
)

_CREATED = Field("created_at", sortable=True)
_UPDATED = Field("updated_at", sortable=True)
_BASICS = Section("basics", _("Basics"))
_SEEN = Field("seen", type="text", label=_("Seen content"), required=True, look="hidden")
_COMMENT = Field("comment", type="longtext", label=_("Comment"), max_length=500)
_WHY = Field("comment", type="longtext", label=_("Comment"), max_length=500, required=True)
_TO_USER = Field("to_user", type="ref", ref="people.user", label=_("Transfer to"), required=True)
_REASON = Field("reason", type="text", label=_("Reason"), max_length=200)

_VERBS = (
    Verb(
        "approve",
        _("Approve"),
        access.DECIDE,
        services.approve_request,
        icon="check",
        fields=(_SEEN, _COMMENT),
        fits=queries.is_open,
    ),
    Verb(
        "return",
        _("Send back"),
        access.DECIDE,
        services.return_request,
        icon="arrow-left",
        fields=(
            _SEEN,
            _WHY,
            Field(
                "to_step",
                type="integer",
                label=_("To which step"),
                help=_("Blank or 0 is the person who asked."),
            ),
        ),
        fits=queries.is_open,
    ),
    Verb(
        "reject",
        _("Reject"),
        access.DECIDE,
        services.reject_request,
        icon="x",
        fields=(_SEEN, _WHY),
        is_danger=True,
        fits=queries.is_open,
    ),
    Verb(
        "add_signer",
        _("Add a signer"),
        access.DECIDE,
        services.add_signer,
        icon="users",
        fields=(_TO_USER, _REASON),
        fits=queries.is_open,
    ),
    Verb(
        "transfer",
        _("Transfer"),
        access.TRANSFER,
        services.transfer_seat,
        icon="arrow-right",
        fields=(
            _TO_USER,
            Field(
                "from_user",
                type="ref",
                ref="people.user",
                label=_("Whose part"),
                help=_("Blank is your own part."),
            ),
            _REASON,
        ),
        fits=queries.is_open,
    ),
    Verb(
        "resubmit",
        _("Submit again"),
        access.WITHDRAW,
        services.resubmit_request,
        icon="arrow-up",
        fields=(_REASON,),
        fits=queries.is_returned,
    ),
    Verb(
        "withdraw",
        _("Withdraw"),
        access.WITHDRAW,
        services.withdraw_request,
        icon="archive-restore",
        fields=(_REASON,),
        is_danger=True,
        fits=queries.is_running,
    ),
)

REQUESTS = register(
    RecordType(
        key="approvals.request",
        model=Request,
        plural="approvals",
        label=_("Approval"),
        label_plural=_("Approvals"),
        icon="check",
        nav_group="desk",
        nav_order=27,
        title_field="subject_label",
        customer_path="customer_id",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("subject_label", readonly=True),
            Field("subject_type", readonly=True, named=queries.record_keys),
            Field("subject_id", type="integer", readonly=True, column=False),
            Field("state", readonly=True, sortable=True),
            Field("requester", ref="people.user", readonly=True),
            Field("waiting_for", ref="people.user", readonly=True),
            Field("signed_by", ref="people.user", readonly=True),
            Field("department", ref="people.department", readonly=True),
            Field("flow", ref="approvals.flow", readonly=True),
            Field("flow_version", readonly=True, column=False),
            Field("position", readonly=True),
            Field("round", readonly=True, column=False),
            Field("reason", readonly=True),
            Field("seen", readonly=True, column=False, filterable=False),
            Field("asked_at", readonly=True, sortable=True),
            Field("due_at", readonly=True, sortable=True),
            Field("decided_at", readonly=True, sortable=True),
            _CREATED,
            _UPDATED,
        ),
        listing=ListDefaults(
            ("subject_label", "subject_type", "state", "requester", "waiting_for", "due_at")
        ),
        tabs=(
            ListTab(_("Waiting for me"), {"waiting_for": "me"}),
            ListTab(_("Asked by me"), {"requester": "me"}),
            ListTab(_("Signed by me"), {"signed_by": "me"}),
        ),
        templates={"record": "approvals/request.html"},
        hooks=Hooks(opening=services.open_request),
        panels=(
            Panel(
                "content",
                _("What is decided"),
                "approvals/content.html",
                panels.content,
                icon="eye",
            ),
            Panel("steps", _("Signatures"), "approvals/steps.html", panels.steps, icon="check"),
            Panel("decide", _("Decide"), "approvals/decide.html", panels.decide),
        ),
        verbs=_VERBS,
    )
)

FLOWS = register(
    RecordType(
        key="approvals.flow",
        model=Flow,
        plural="approval-flows",
        permission="approval_flows",
        label=_("Approval flow"),
        label_plural=_("Approval flows"),
        icon="network",
        nav_group="settings",
        nav_order=94,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("record_key", section="basics", named=queries.record_keys),
            Field("is_for_all", section="basics"),
            Field("audience", section="basics", named=queries.audiences),
            Field("condition", type="json", column=False, filterable=False),
            Field("place", sortable=True, section="basics"),
            Field("is_different", section="basics"),
            Field("is_on", section="basics"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("name", "record_key", "is_for_all", "place", "is_different", "is_on"), sort="place"
        ),
        hooks=Hooks(check=services.check_flow, after=services.flow_saved),
        panels=(
            Panel("steps", _("Steps"), "approvals/flow_steps.html", panels.flow_steps, icon="list"),
        ),
    )
)

FLOW_STEPS = register(
    RecordType(
        key="approvals.flowstep",
        model=FlowStep,
        plural="approval-steps",
        permission="approval_steps",
        label=_("Approval step"),
        label_plural=_("Approval steps"),
        icon="list",
        nav_group="settings",
        nav_order=95,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("flow", ref="approvals.flow", section="basics"),
            Field("place", sortable=True, section="basics"),
            Field("name", sortable=True, section="basics"),
            Field("mode", section="basics"),
            Field("is_by_head", section="basics"),
            Field("roles", ref="people.role", section="basics"),
            Field("people", ref="people.user", section="basics"),
            Field("hours", section="basics"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("name", "flow", "place", "mode", "is_by_head", "roles", "people", "hours"),
            sort="place",
        ),
        hooks=Hooks(check=services.check_step, after=services.step_saved),
    )
)
