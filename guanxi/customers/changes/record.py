"""The faces of change requests."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from guanxi.approvals.declarations import Subject, declare_subject
from guanxi.customers.changes import access, guarding, panels, services
from guanxi.customers.changes.choices import ChangeState
from guanxi.customers.changes.models import ChangeRequest, KeyField
from guanxi.customers.fields import CREATED, CUSTOMER_FIELDS, UPDATED
from guanxi.customers.models import Customer
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import (
    ListDefaults,
    ListTab,
    Panel,
    RecordType,
    Section,
    Verb,
    register,
)

_EVIDENCE = Field("evidence", type="ref", ref="customers.attachment", label=_("Evidence"))
_ASKED = tuple(
    replace(f.resolve(Customer), required=False)
    for f in CUSTOMER_FIELDS
    if f.name in guarding.FIELDS
)

REQUEST_CHANGE = Verb(
    "request_change",
    _("Ask for a change"),
    access.FILE,
    services.request_change,
    icon="pencil",
    fields=(
        *_ASKED,
        _EVIDENCE,
        Field("reason", type="text", label=_("Reason"), required=True, max_length=300),
    ),
)

CHANGES = register(
    RecordType(
        key="customers.changerequest",
        model=ChangeRequest,
        plural="change-requests",
        permission="change_requests",
        label=_("Change request"),
        label_plural=_("Change requests"),
        icon="pencil",
        nav_group="customers",
        nav_order=28,
        title_field="customer",
        customer_path="customer_id",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("customer", ref="customers.customer", readonly=True, section="basics"),
            Field("requester", ref="people.user", readonly=True, section="basics"),
            Field("state", readonly=True, sortable=True, section="basics"),
            *(Field(name, readonly=True, section="basics") for name in guarding.FIELDS),
            Field(
                "evidence",
                ref="customers.attachment",
                ref_label="title",
                readonly=True,
                section="basics",
            ),
            Field("reason", readonly=True, section="basics"),
            Field("decided_at", readonly=True, sortable=True),
            CREATED,
            UPDATED,
        ),
        sections=(Section("basics", _("Basics")),),
        listing=ListDefaults(
            ("customer", "state", "name", "credit_code", "tier", "requester", "created_at"),
            sort="-created_at",
        ),
        tabs=(ListTab(_("Asked by me"), {"requester": "me"}),),
        panels=(
            Panel(
                "approval",
                _("Approval"),
                "customers/changes/approval.html",
                panels.approval,
                icon="check",
            ),
        ),
        verbs=(
            Verb(
                "revise",
                _("Revise"),
                access.REVISE,
                services.revise_change,
                icon="pencil",
                fields=(
                    *_ASKED,
                    _EVIDENCE,
                    Field("reason", type="text", label=_("Reason"), max_length=300),
                ),
                fits=lambda values: values.get("state") == ChangeState.OPEN,
            ),
        ),
    )
)

KEY_FIELDS = register(
    RecordType(
        key="customers.keyfield",
        model=KeyField,
        plural="key-fields",
        permission="key_fields",
        label=_("Key field"),
        label_plural=_("Key fields"),
        icon="key",
        nav_group="settings",
        nav_order=81,
        title_field="field",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("field", section="basics", named=guarding.field_names),
            Field("is_by_request", section="basics"),
            CREATED,
            UPDATED,
        ),
        sections=(Section("basics", _("Basics")),),
        listing=ListDefaults(("field", "is_by_request", "updated_at"), sort="created_at"),
    )
)

declare_subject(
    Subject(
        "customers.changerequest",
        content=services.content_of,
        before=services.before_of,
        files=lambda change: [change.evidence.file] if change.evidence else [],
        department=lambda change: change.customer.department_id,
        decided=services.settle_change,
    )
)
