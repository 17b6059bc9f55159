"""The faces of value models, their indicators, ratings, standings and RFM groups."""

from django.utils.translation import gettext_lazy as _

from guanxi.approvals.declarations import Subject, declare_subject
from guanxi.segments import access, metrics, panels, queries, services
from guanxi.segments.models import Indicator, Rating, RfmGroup, Standing, ValueModel
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.navigation import Page, declare_page
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

RATINGS = register(
    RecordType(
        key="segments.rating",
        model=Rating,
        plural="ratings",
        label=_("Customer rating"),
        label_plural=_("Customer ratings"),
        icon="target",
        nav_group="analysis",
        nav_order=32,
        title_field="name",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("name", readonly=True, column=False),
            Field("as_of", readonly=True, sortable=True, section="basics"),
            Field("value_model", ref="segments.valuemodel", readonly=True, section="basics"),
            Field("state", readonly=True, section="basics"),
            Field("effective_at", readonly=True, section="basics"),
            Field("problem", readonly=True, section="basics", column=False),
            Field("input_hash", readonly=True, section="proof", column=False),
            Field("result_hash", readonly=True, section="proof", column=False),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS, Section("proof", _("Proof"))),
        listing=ListDefaults(
            ("as_of", "value_model", "state", "effective_at", "updated_at"), sort="-as_of"
        ),
        templates={"record": "segments/rating.html"},
        panels=(
            Panel("moves", _("Who moves"), "segments/moves.html", panels.moves, icon="arrow-right"),
            Panel(
                "weights",
                _("Indicators and weights"),
                "segments/weights.html",
                panels.weights,
                icon="list",
            ),
            Panel(
                "backtest",
                _("Back-test"),
                "segments/backtest.html",
                panels.backtest,
                icon="history",
            ),
        ),
        verbs=(
            Verb(
                "submit",
                _("Submit for approval"),
                access.SUBMIT,
                services.submit_rating,
                icon="check",
                fields=(Field("reason", type="text", label=_("Reason"), max_length=200),),
                is_main=True,
                fits=queries.is_computed,
            ),
            Verb(
                "discard",
                _("Discard the rating"),
                access.DISCARD,
                services.discard_rating,
                icon="x",
                is_danger=True,
                fits=queries.is_discardable,
            ),
        ),
    )
)

STANDINGS = register(
    RecordType(
        key="segments.standing",
        model=Standing,
        plural="standings",
        label=_("Rating result"),
        label_plural=_("Rating results"),
        icon="list",
        nav_group="",
        title_field="customer",
        customer_path="customer_id",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("customer", ref="customers.customer", readonly=True),
            Field("rating", ref="segments.rating", readonly=True),
            Field("tier_before", readonly=True, look="tier"),
            Field("tier", readonly=True, look="tier"),
            Field("is_move", readonly=True),
            Field(
                "score",
                readonly=True,
                sortable=True,
                group="totals",
                help=_("In hundredths: 7,500 is 75 of 100."),
            ),
            Field("r", readonly=True, group="totals"),
            Field("f", readonly=True, group="totals"),
            Field("m", readonly=True, group="totals"),
        ),
        listing=ListDefaults(
            ("customer", "rating", "tier_before", "tier", "score", "r", "f", "m"), sort="-score"
        ),
        tabs=(ListTab(_("Who moves"), {"is_move": "true"}),),
    )
)

MODELS = register(
    RecordType(
        key="segments.valuemodel",
        model=ValueModel,
        plural="value-models",
        permission="value_models",
        label=_("Value model"),
        label_plural=_("Value models"),
        icon="sliders",
        nav_group="settings",
        nav_order=96,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("is_on", section="basics"),
            Field("months", section="basics"),
            Field("currency", section="basics"),
            Field("weighting", section="weights"),
            Field("judgements", section="weights", column=False, filterable=False, look="map"),
            Field("cut_by", section="tiers"),
            Field("cuts", section="tiers", column=False, filterable=False, look="map"),
            Field("lowest", section="tiers"),
            Field("rfm_cuts", section="tiers", column=False, filterable=False, look="map"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS, Section("weights", _("Weights")), Section("tiers", _("Tiers"))),
        listing=ListDefaults(
            ("name", "is_on", "months", "weighting", "cut_by", "updated_at"), sort="name"
        ),
        search={"": ("name",)},
        hooks=Hooks(check=services.check_model),
        panels=(
            Panel(
                "indicators",
                _("Indicators"),
                "segments/indicators.html",
                panels.indicators,
                icon="list",
            ),
        ),
        verbs=(
            Verb(
                "rate",
                _("Rate the customers"),
                access.RATE,
                services.begin_rating,
                icon="check",
                fields=(
                    Field(
                        "as_of",
                        type="date",
                        label=_("At the end of"),
                        help=_("Blank is the last day of last month."),
                    ),
                ),
                is_main=True,
                fits=queries.is_in_force,
            ),
        ),
    )
)

INDICATORS = register(
    RecordType(
        key="segments.indicator",
        model=Indicator,
        plural="value-indicators",
        permission="value_indicators",
        label=_("Indicator"),
        label_plural=_("Indicators"),
        icon="list",
        nav_group="settings",
        nav_order=97,
        title_field="metric",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("value_model", ref="segments.valuemodel", section="basics"),
            Field("metric", section="basics", named=metrics.metric_names),
            Field("scaling", section="basics"),
            Field("is_less_better", section="basics"),
            Field("weight", section="basics"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("metric", "value_model", "scaling", "is_less_better", "weight"), sort="created_at"
        ),
        hooks=Hooks(check=services.check_indicator, after=services.follow_indicator),
    )
)

GROUPS = register(
    RecordType(
        key="segments.rfmgroup",
        model=RfmGroup,
        plural="rfm-groups",
        permission="rfm_groups",
        label=_("RFM group"),
        label_plural=_("RFM groups"),
        icon="users",
        nav_group="settings",
        nav_order=98,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("place", sortable=True, section="basics"),
            Field("strategy", section="basics"),
            *(
                Field(f"{letter}_{end}", section="scores")
                for letter in "rfm"
                for end in ("from", "to")
            ),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS, Section("scores", _("Scores"))),
        listing=ListDefaults(
            ("name", "r_from", "r_to", "f_from", "f_to", "m_from", "m_to", "place"), sort="place"
        ),
        hooks=Hooks(check=services.check_group),
    )
)

declare_subject(
    Subject(
        "segments.rating",
        content=queries.content_of,
        decided=services.settle_rating,
    )
)

declare_panel(
    "customers.customer",
    Panel(
        "value",
        _("Customer value"),
        "segments/_of_customer.html",
        panels.of_customer,
        permission="standings.view",
        icon="target",
        is_later=True,
    ),
)

declare_page(Page(_("RFM groups of customers"), "/rfm/", "target", "standings.view", "analysis"))
