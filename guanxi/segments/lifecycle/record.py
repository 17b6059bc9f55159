"""The faces of lifecycle stages, runs, and each customer's stage in them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.segments.lifecycle import access, panels, queries, services
from guanxi.segments.lifecycle.choices import BOUNDS, SAID, WarningState
from guanxi.segments.lifecycle.models import (
    ChurnWarning,
    LifecycleStage,
    StageRun,
    StageStanding,
)
from guanxi.segments.lifecycle.services.warning import why_not_follow
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.navigation import Page, declare_page
from guanxi.surfaces.packs import declare_records
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    ListTab,
    Panel,
    RecordType,
    Section,
    Verb,
    declare_panel,
    register,
)

_CREATED = Field("created_at", sortable=True)
_UPDATED = Field("updated_at", sortable=True)
_BASICS = Section("basics", _("Basics"))
_LIMITS = tuple(f"{name}_{end}" for name in BOUNDS for end in ("from", "to"))

STAGES = register(
    RecordType(
        key="segments.lifecyclestage",
        model=LifecycleStage,
        plural="lifecycle-stages",
        permission="lifecycle_stages",
        label=_("Lifecycle stage"),
        label_plural=_("Lifecycle stages"),
        icon="rotate-ccw",
        nav_group="settings",
        nav_order=99,
        title_field="stage",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("stage", section="basics"),
            Field("place", sortable=True, section="basics"),
            Field("goal", section="basics"),
            Field("strategy", section="basics", column=False),
            Field("is_warned", section="warning"),
            Field("control_percent", section="warning"),
            *(Field(name, section="rule") for name in _LIMITS),
            _CREATED,
            _UPDATED,
        ),
        sections=(
            _BASICS,
            Section("rule", _("Who is in it")),
            Section("warning", _("Early warning")),
        ),
        listing=ListDefaults(("stage", "place", "goal", "updated_at"), sort="place"),
        hooks=Hooks(check=services.check_stage),
        verbs=(
            Verb(
                "recount",
                _("Find everybody's stage"),
                access.RECOUNT,
                services.recount,
                icon="rotate-ccw",
                fields=(
                    Field(
                        "as_of",
                        type="date",
                        label=_("At the end of"),
                        help=_("Blank is the last day of last month."),
                    ),
                ),
            ),
        ),
    )
)

RUNS = register(
    RecordType(
        key="segments.stagerun",
        model=StageRun,
        plural="stage-runs",
        permission="stage_runs",
        label=_("Lifecycle run"),
        label_plural=_("Lifecycle runs"),
        icon="rotate-ccw",
        nav_group="analysis",
        nav_order=33,
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("name", readonly=True, column=False),
            Field("as_of", readonly=True, sortable=True, section="basics"),
            Field("state", readonly=True, section="basics"),
            Field("effective_at", readonly=True, section="basics"),
            Field("problem", readonly=True, section="basics", column=False),
            Field("input_hash", readonly=True, section="proof", column=False),
            Field("result_hash", readonly=True, section="proof", column=False),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS, Section("proof", _("Proof"))),
        listing=ListDefaults(("as_of", "state", "effective_at", "updated_at"), sort="-as_of"),
        templates={"record": "segments/rating.html"},
        panels=(
            Panel(
                "flow",
                _("From stage to stage"),
                "segments/lifecycle/flow.html",
                panels.flow,
                icon="arrow-right",
            ),
        ),
        verbs=(
            Verb(
                "discard",
                _("Discard the run"),
                access.DISCARD,
                services.discard_run,
                icon="x",
                is_danger=True,
                fits=queries.is_discardable,
            ),
        ),
    )
)

STANDINGS = register(
    RecordType(
        key="segments.stagestanding",
        model=StageStanding,
        plural="stage-standings",
        permission="stage_standings",
        label=_("Stage of a customer"),
        label_plural=_("Stages of customers"),
        icon="list",
        nav_group="",
        title_field="customer",
        customer_path="customer_id",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("customer", ref="customers.customer", readonly=True),
            Field("run", ref="segments.stagerun", readonly=True),
            Field("stage_before", readonly=True),
            Field("stage", readonly=True),
            Field("is_move", readonly=True),
            Field("is_ruled", readonly=True),
            Field("silence", readonly=True, sortable=True),
            Field("purchases", readonly=True, group="totals"),
            Field("habit", readonly=True, group="totals"),
            Field("pause", readonly=True, group="totals"),
            Field("tenure", readonly=True, group="totals"),
        ),
        listing=ListDefaults(
            ("customer", "run", "stage_before", "stage", "silence", "habit", "purchases"),
            sort="-silence",
        ),
        tabs=(ListTab(pgettext_lazy("lifecycle", "Who moves"), {"is_move": "true"}),),
    )
)

WARNINGS = register(
    RecordType(
        key="segments.churnwarning",
        model=ChurnWarning,
        plural="churn-warnings",
        permission="churn_warnings",
        label=_("Early warning"),
        label_plural=_("Early warnings"),
        icon="alert-triangle",
        nav_group="customers",
        nav_order=28,
        title_field="customer",
        customer_path="customer_id",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("customer", ref="customers.customer", readonly=True, section="basics"),
            Field("tier", readonly=True, look="tier", section="basics"),
            Field("owner", ref="people.user", readonly=True, section="basics"),
            Field("stage", readonly=True, section="basics"),
            Field("silence", readonly=True, sortable=True, section="basics"),
            Field("habit", readonly=True, group="totals", section="basics"),
            Field("is_control", readonly=True, section="basics"),
            Field("state", readonly=True, section="course"),
            Field("play", readonly=True, section="course"),
            Field("outcome", readonly=True, section="course"),
            Field("note", readonly=True, section="course", column=False),
            Field("bought_on", readonly=True, section="course"),
            Field("warned_on", readonly=True, sortable=True, section="course"),
            Field("run", ref="segments.stagerun", readonly=True, column=False),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS, Section("course", _("What is done"))),
        listing=ListDefaults(
            ("customer", "tier", "stage", "silence", "habit", "owner", "state", "play", "outcome"),
            sort="-warned_on",
        ),
        tabs=(
            ListTab(
                WarningState.OPEN.label, {"state": WarningState.OPEN.value, "is_control": "false"}
            ),
            ListTab(_("In hand"), {"state": WarningState.FOLLOWED.value}),
            ListTab(_("Control group"), {"is_control": "true"}),
        ),
        panels=(
            Panel(
                "why",
                _("Why and what to do"),
                "segments/lifecycle/warning.html",
                panels.of_warning,
                icon="alert-triangle",
            ),
        ),
        verbs=(
            Verb(
                "take",
                _("Take in hand"),
                access.TAKE,
                services.take_in_hand,
                icon="check",
                is_main=True,
                fields=(
                    Field(
                        "play", type="text", label=_("What is done"), required=True, max_length=200
                    ),
                    Field("due_at", type="datetime", label=_("By when"), required=True),
                ),
                fits=queries.is_waiting,
                why_not=why_not_follow,
            ),
            Verb(
                "close",
                _("Close the warning"),
                access.CLOSE,
                services.close_warning,
                icon="check-circle",
                fields=(
                    Field(
                        "outcome",
                        type="choice",
                        label=_("Outcome"),
                        required=True,
                        choices=tuple((each.value, each.label) for each in SAID),
                        help=_("That a customer bought again is found in the orders."),
                    ),
                    Field("note", type="text", label=_("Note"), max_length=200),
                ),
                fits=queries.is_not_closed,
            ),
        ),
    )
)

declare_panel(
    "customers.customer",
    Panel(
        "lifecycle",
        _("Lifecycle"),
        "segments/lifecycle/of_customer.html",
        panels.of_customer,
        permission="stage_standings.view",
        icon="rotate-ccw",
        is_later=True,
    ),
)

declare_page(Page(_("Customer insight"), "/insight/", "target", "stage_standings.view", "analysis"))

declare_records(
    "lifecycle_stages",
    "segments.lifecyclestage",
    ("place", *_LIMITS, "is_warned", "control_percent", "goal", "strategy"),
    name="stage",
    order=81,
)
