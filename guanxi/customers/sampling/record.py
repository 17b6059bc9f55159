"""The faces of checks of entries and of the rules by which they are drawn."""

from django.utils.translation import gettext_lazy as _

from guanxi.customers.fields import CREATED, UPDATED
from guanxi.customers.sampling import access, panels, services
from guanxi.customers.sampling.choices import CheckState, Verdict
from guanxi.customers.sampling.models import EntryCheck, SamplingRule
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
    get_record_type,
    register,
)

_BASICS = Section("basics", _("Basics"))


def verdicts() -> tuple[Field, ...]:
    """A question for each key value, by what customers call it."""
    fields = get_record_type("customers.customer").declared()
    choices = tuple(Verdict.choices)
    return tuple(
        Field(name, type="choice", label=fields[name].label, choices=choices)
        for name in services.FIELDS
    )


CHECKS = register(
    RecordType(
        key="customers.entrycheck",
        model=EntryCheck,
        plural="entry-checks",
        permission="entry_checks",
        label=_("Check of an entry"),
        label_plural=_("Checks of entries"),
        icon="check",
        nav_group="customers",
        nav_order=29,
        title_field="customer",
        customer_path="customer_id",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("customer", ref="customers.customer", readonly=True, section="basics"),
            Field("entered_by", ref="people.user", readonly=True, section="basics"),
            Field("period_on", readonly=True, sortable=True, section="basics"),
            Field("state", readonly=True, sortable=True, section="basics"),
            Field("right", readonly=True, section="basics"),
            Field("wrong", readonly=True, sortable=True, section="basics"),
            Field("note", readonly=True, section="basics"),
            Field("checked_by", ref="people.user", readonly=True, section="basics"),
            Field("checked_at", readonly=True, sortable=True, section="basics"),
            Field("rule", ref="customers.samplingrule", readonly=True, column=False),
            CREATED,
            UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("customer", "entered_by", "period_on", "state", "right", "wrong", "checked_by"),
            sort="-period_on",
        ),
        tabs=(
            ListTab(_("To be checked"), {"state": CheckState.OPEN}),
            ListTab(_("With mistakes"), {"wrong__gt": "0"}),
        ),
        panels=(
            Panel(
                "compared",
                _("Key values"),
                "customers/sampling/compared.html",
                panels.compared,
                icon="eye",
            ),
        ),
        verbs=(
            Verb(
                "check",
                _("Check the entry"),
                access.CHECK,
                services.check_entry,
                icon="check",
                fields=(
                    *verdicts(),
                    Field("note", type="text", label=_("What is wrong"), max_length=300),
                ),
                is_main=True,
                fits=lambda values: values.get("state") == CheckState.OPEN,
                asks=lambda: (*services.compared_fields(), "note"),
            ),
        ),
    )
)

RULES = register(
    RecordType(
        key="customers.samplingrule",
        model=SamplingRule,
        plural="sampling-rules",
        permission="sampling_rules",
        label=_("Sampling rule"),
        label_plural=_("Sampling rules"),
        icon="target",
        nav_group="settings",
        nav_order=82,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("share", section="basics"),
            Field("least", section="basics"),
            Field("most", section="basics"),
            Field("is_on", section="basics"),
            CREATED,
            UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(("name", "share", "least", "most", "is_on", "updated_at")),
        hooks=Hooks(check=services.check_rule),
    )
)

declare_records(
    "sampling_rules", "customers.samplingrule", ("share", "least", "most", "is_on"), order=60
)
declare_page(
    Page(
        _("Accuracy of entries"),
        "/entry-checks/accuracy/",
        "target",
        "entry_checks.view",
        group="analysis",
    )
)
