"""The faces of deadline policies and of the duty roster."""

from django.utils.translation import gettext_lazy as _

from guanxi.deadlines import panels, policy_queries, services
from guanxi.deadlines.choices import PauseReason
from guanxi.deadlines.models import DutyShift, Policy
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    Panel,
    RecordType,
    Section,
    Verb,
    register,
)

_CREATED = Field("created_at", sortable=True)
_UPDATED = Field("updated_at", sortable=True)
_BASICS = Section("basics", _("Basics"))
_PROMISE = Section("promise", _("What is promised"))

POLICIES = register(
    RecordType(
        key="deadlines.policy",
        model=Policy,
        plural="deadline-policies",
        permission="deadline_policies",
        label=_("Deadline policy"),
        label_plural=_("Deadline policies"),
        icon="target",
        nav_group="settings",
        nav_order=88,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("kind", section="basics", named=policy_queries.kind_names),
            Field(
                "position",
                sortable=True,
                section="basics",
                help=_("The first policy that fits a record counts: small numbers come first."),
            ),
            Field(
                "audience",
                section="basics",
                named=policy_queries.audiences,
                help=_(
                    "Save the filter of a list as a shared view and choose it here; blank is "
                    "every record. Its filter is taken over as it is when the policy is saved."
                ),
            ),
            Field("is_on", section="basics"),
            Field("amount", section="promise"),
            Field("unit", section="promise"),
            Field("is_recurring", section="promise"),
            Field(
                "reasons",
                type="multichoice",
                choices=tuple(PauseReason.choices),
                filterable=False,
                column=False,
                section="promise",
            ),
            Field(
                "levels",
                filterable=False,
                column=False,
                section="promise",
                help=_(
                    "One per line: 80% owner, 100% owner, +4h head, -1d duty. Who: owner, head, "
                    "next_head, duty (负责人、主管、上级主管、值班)."
                ),
            ),
            Field("calendar", ref="deadlines.calendar", column=False, section="promise"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS, _PROMISE),
        listing=ListDefaults(
            ("name", "kind", "position", "amount", "unit", "is_on", "updated_at"), sort="position"
        ),
        hooks=Hooks(check=services.check_policy, after=services.keep_policy),
        panels=(
            Panel(
                "touched",
                _("What it would change"),
                "deadlines/touched.html",
                panels.touched,
                icon="eye",
            ),
        ),
        verbs=(
            Verb(
                "apply",
                _("Move running clocks"),
                "deadline_policies.apply",
                services.apply_policy,
                icon="check",
            ),
        ),
    )
)

DUTY_SHIFTS = register(
    RecordType(
        key="deadlines.dutyshift",
        model=DutyShift,
        plural="duty-shifts",
        permission="duty_shifts",
        label=_("Duty shift"),
        label_plural=_("Duty roster"),
        icon="phone-call",
        nav_group="settings",
        nav_order=89,
        title_field="note",
        has_custom_fields=False,
        fields=(
            Field("person", ref="people.user", section="basics", synonyms=("值班人", "姓名")),
            Field("department", ref="people.department", section="basics", synonyms=("部门",)),
            Field("starts_at", sortable=True, section="basics", synonyms=("开始", "开始时间")),
            Field("ends_at", sortable=True, section="basics", synonyms=("结束", "结束时间")),
            Field("note", section="basics", synonyms=("说明", "备注")),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("starts_at", "ends_at", "person", "department", "note"), sort="-starts_at"
        ),
        hooks=Hooks(check=services.check_shift),
    )
)
