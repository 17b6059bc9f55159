"""The faces of to-dos and promises."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from guanxi.commitments import panels, queries, services
from guanxi.commitments.models import Cadence, Commitment
from guanxi.commitments.services import recurring
from guanxi.customers.duplicates.services import merging
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.navigation import Page, declare_page
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    Panel,
    RecordType,
    Section,
    Verb,
    declare_panel,
    register,
)

_TOLD = Field(
    "told",
    type="text",
    label=_("How the customer was told"),
    max_length=200,
    help=_("Such as: by phone on Tuesday, to Ms Li. A promise stays open until then."),
)
_REASON = Field("reason", type="text", label=_("Reason"), max_length=200)

COMMITMENTS = register(
    RecordType(
        key="commitments.commitment",
        model=Commitment,
        plural="commitments",
        label=_("To-do"),
        label_plural=_("To-dos and promises"),
        icon="check-circle",
        nav_group="desk",
        nav_order=26,
        title_field="title",
        customer_path="customer_id",
        fields=(
            Field("title", sortable=True, section="basics", synonyms=("事项", "待办", "承诺")),
            Field("kind", section="basics", synonyms=("类型",)),
            Field(
                "customer",
                ref="customers.customer",
                section="basics",
                synonyms=("客户", "客户名称"),
            ),
            Field("due_at", sortable=True, section="basics", synonyms=("截止时间", "到期")),
            Field("owner", ref="people.user", section="basics", synonyms=("负责人",)),
            Field("remind", section="basics", synonyms=("提醒",)),
            Field("details", section="basics", column=False, synonyms=("说明", "备注")),
            Field("open_until", readonly=True, sortable=True, look="deadline"),
            Field("state", readonly=True, section="progress"),
            Field("first_due_at", readonly=True, section="progress", sortable=True),
            Field("done_at", readonly=True, section="progress", sortable=True),
            Field("told_at", readonly=True, section="progress", sortable=True),
            Field("told_note", readonly=True, section="progress"),
            Field("reason", readonly=True, section="progress"),
            Field("cadence", ref="commitments.cadence", readonly=True, column=False),
            Field("period", readonly=True, column=False),
            Field("source_key", named=queries.source_kinds, column=False),
            Field("source_id", column=False),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(
            Section("basics", _("Basics")),
            Section("progress", _("Progress")),
            Section("custom", _("More fields")),
        ),
        listing=ListDefaults(
            ("title", "kind", "customer", "owner", "open_until", "due_at", "state"),
            sort="open_until",
        ),
        search={"": ("title",)},
        hooks=Hooks(
            check=services.check_commitment,
            derive=services.follow_terms,
            fill=services.fill_commitment,
            after=services.check_source,
            settle=merging.keep_off_merged,
            follow=services.follow_changes,
            archiving=services.before_archive,
        ),
        panels=(
            Panel("source", _("Came from"), "commitments/_source.html", panels.source, icon="link"),
        ),
        verbs=(
            Verb(
                "complete",
                _("Done"),
                "commitments.complete",
                services.complete_commitment,
                icon="check",
                fields=(_TOLD,),
                is_main=True,
                fits=queries.is_open,
            ),
            Verb(
                "tell",
                _("Customer told"),
                "commitments.tell",
                services.tell_customer,
                icon="megaphone",
                fields=(replace(_TOLD, required=True),),
                is_main=True,
                fits=queries.is_untold,
            ),
            Verb(
                "reschedule",
                _("Reschedule"),
                "commitments.reschedule",
                services.reschedule_commitment,
                icon="calendar-clock",
                fields=(
                    Field("due_at", type="datetime", label=_("Due"), required=True),
                    _REASON,
                ),
                fits=queries.is_waiting,
            ),
            Verb(
                "reopen",
                _("Open again"),
                "commitments.reopen",
                services.reopen_commitment,
                icon="rotate-ccw",
                fields=(_REASON,),
                fits=queries.is_not_open,
            ),
            Verb(
                "drop",
                _("Drop"),
                "commitments.drop",
                services.drop_commitment,
                icon="ban",
                fields=(
                    replace(_REASON, required=True),
                    replace(_TOLD, help=_("Needed when a customer waits for it.")),
                ),
                is_danger=True,
                fits=queries.is_open,
            ),
        ),
    )
)

declare_panel(
    "customers.customer",
    Panel(
        "commitments",
        _("To-dos and promises"),
        "commitments/_of_customer.html",
        panels.of_customer,
        permission="commitments.view",
        icon="check-circle",
        is_later=True,
    ),
)

declare_page(Page(_("My calendar"), "/calendar/", "calendar-clock", "commitments.view", "desk"))

CADENCES = register(
    RecordType(
        key="commitments.cadence",
        model=Cadence,
        plural="cadences",
        label=_("Recurring work"),
        label_plural=_("Recurring work"),
        icon="rotate-ccw",
        nav_group="settings",
        nav_order=95,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("title", section="basics"),
            Field("details", section="basics", column=False),
            Field(
                "condition",
                type="condition",
                ref="customers.customer",
                section="basics",
                column=False,
                filterable=False,
            ),
            Field("every", section="rounds"),
            Field("unit", section="rounds"),
            Field("starts_on", section="rounds"),
            Field("due_days", section="rounds"),
            Field("owner_rule", section="rounds"),
            Field("person", ref="people.user", section="rounds"),
            Field("is_on", section="rounds"),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(Section("basics", _("Basics")), Section("rounds", _("Rounds"))),
        listing=ListDefaults(
            ("name", "title", "every", "unit", "owner_rule", "is_on", "updated_at"), sort="name"
        ),
        search={"": ("name",)},
        hooks=Hooks(check=recurring.check_cadence, fill=recurring.fill_cadence),
        panels=(
            Panel(
                "tonight", _("Tonight"), "commitments/_tonight.html", panels.tonight, icon="clock"
            ),
        ),
    )
)
