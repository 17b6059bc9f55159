"""The faces of deletions."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.approvals.declarations import Subject, declare_subject
from guanxi.approvals.panels import approvals_of
from guanxi.deletions import access, facts, services
from guanxi.deletions.choices import DeletionState
from guanxi.deletions.models import Deletion
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

DELETIONS = register(
    RecordType(
        key=services.KEY,
        model=Deletion,
        plural="deletions",
        label=_("Deletion"),
        label_plural=_("Deletions"),
        icon="trash",
        nav_group="desk",
        nav_order=28,
        title_field="number",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("number", readonly=True, sortable=True, section="basics"),
            Field("state", readonly=True, sortable=True, section="basics"),
            Field("requester", ref="people.user", readonly=True, section="basics"),
            Field("department", ref="people.department", readonly=True),
            Field("reason", readonly=True, section="basics"),
            Field("confirmed_by", ref="people.user", readonly=True, section="basics"),
            Field("confirmed_at", readonly=True, sortable=True, section="basics"),
            Field("due_at", readonly=True, sortable=True, section="basics"),
            Field("ended_at", readonly=True, sortable=True, section="basics"),
            Field("subject_type", readonly=True, section="subject", named=facts.kinds),
            Field("subject_id", readonly=True, section="subject"),
            Field("rows", readonly=True, section="subject", column=False),
            Field("size", readonly=True, section="subject"),
            Field("made_by", ref="people.user", readonly=True, section="subject"),
            Field("made_at", readonly=True, section="subject", column=False),
            Field("digest", readonly=True, section="subject", column=False),
            Field("file_digests", readonly=True, section="subject", column=False),
            Field("created_at", readonly=True, sortable=True, label=_("Asked at")),
            Field("updated_at", readonly=True, sortable=True),
        ),
        sections=(
            Section("basics", _("Basics")),
            Section("subject", pgettext_lazy("deletion", "What is deleted")),
        ),
        listing=ListDefaults(
            ("number", "subject_type", "state", "requester", "confirmed_by", "due_at"),
            sort="-created_at",
        ),
        tabs=(
            ListTab(_("Waiting"), {"state": DeletionState.ASKED}),
            ListTab(pgettext_lazy("deletion", "In the bin"), {"state": DeletionState.BINNED}),
            ListTab(_("Asked by me"), {"requester": "me"}),
        ),
        panels=(
            Panel(
                "approval", _("Approval"), "approvals/of_record.html", approvals_of, icon="check"
            ),
        ),
        verbs=(
            Verb(
                "bring_back",
                _("Bring back"),
                access.BRING_BACK,
                services.bring_back,
                icon="archive-restore",
                is_main=True,
                fits=lambda values: values.get("state") == DeletionState.BINNED,
            ),
        ),
    )
)

declare_subject(
    Subject(
        services.KEY,
        content=facts.content_of,
        decided=services.settle_deletion,
    )
)
