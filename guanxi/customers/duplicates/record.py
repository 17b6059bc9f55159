"""The faces of a pair of duplicates: list, filter, page, export, API."""

from django.utils.translation import gettext_lazy as _

from guanxi.customers.duplicates.choices import Keep, PairState, reason_choices
from guanxi.customers.duplicates.models import DuplicatePair
from guanxi.customers.duplicates.panels import compare
from guanxi.customers.duplicates.services.pairs import confirm_pair, dismiss_pair
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import ListDefaults, Panel, RecordType, Section, Verb, register

PAIRS = register(
    RecordType(
        key="customers.duplicatepair",
        model=DuplicatePair,
        plural="duplicate-pairs",
        permission="duplicate_pairs",
        label=_("Duplicate pair"),
        label_plural=_("Duplicates"),
        icon="copy",
        nav_group="settings",
        nav_order=84,
        title_field="likeness",
        is_creatable=False,
        is_importable=False,
        has_custom_fields=False,
        fields=(
            Field("low", ref="customers.customer", readonly=True, section="pair"),
            Field("high", ref="customers.customer", readonly=True, section="pair"),
            Field("likeness", readonly=True, sortable=True, section="pair"),
            Field("reason", choices=tuple(reason_choices()), readonly=True, section="pair"),
            Field("state", choices=tuple(PairState.choices), readonly=True, section="pair"),
            Field("keep", choices=tuple(Keep.choices), readonly=True, section="pair"),
            Field("confirmed_by", ref="people.user", readonly=True, section="pair"),
            Field("decided_at", readonly=True, section="pair"),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(Section("pair", _("Pair")),),
        listing=ListDefaults(
            ("likeness", "low", "high", "reason", "state", "confirmed_by", "updated_at"),
        ),
        panels=(
            Panel("compare", _("Compare"), "customers/duplicates/_pair.html", compare, icon="copy"),
        ),
        verbs=(
            Verb(
                "confirm",
                _("They are one"),
                "duplicate_pairs.confirm",
                confirm_pair,
                icon="check",
                fields=(
                    Field(
                        "keep",
                        type="choice",
                        choices=tuple(Keep.choices),
                        label=_("Stays"),
                        required=True,
                    ),
                ),
            ),
            Verb(
                "dismiss",
                _("Not a duplicate"),
                "duplicate_pairs.dismiss",
                dismiss_pair,
                icon="x",
                fields=(Field("reason", type="text", label=_("Reason"), max_length=200),),
            ),
        ),
    )
)
