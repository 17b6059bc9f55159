"""The faces of shares, substitutes, pools, their rules and batches."""

from django.utils.translation import gettext_lazy as _

from guanxi.customers.pools import access, services
from guanxi.kernel.models import Share, Substitution
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import Hooks, ListDefaults, RecordType, Section, Verb, register

_CREATED = Field("created_at", sortable=True)
_UPDATED = Field("updated_at", sortable=True)
_BASICS = Section("basics", _("Basics"))

SHARES = register(
    RecordType(
        key="kernel.share",
        model=Share,
        plural="shares",
        label=_("Share"),
        label_plural=_("Shares"),
        icon="users",
        nav_group="customers",
        nav_order=27,
        title_field="subject_label",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("subject_label", readonly=True),
            Field("subject_type", readonly=True, column=False),
            Field("subject_id", type="integer", readonly=True),
            Field("with_user", ref="people.user", readonly=True),
            Field("with_team", ref="people.team", readonly=True),
            Field("with_department", ref="people.department", readonly=True),
            Field("may_write", readonly=True),
            Field("until", readonly=True),
            Field("reason", readonly=True),
            _CREATED,
            _UPDATED,
        ),
        listing=ListDefaults(
            (
                "subject_label",
                "with_user",
                "with_team",
                "with_department",
                "may_write",
                "until",
                "updated_at",
            )
        ),
        verbs=(
            Verb(
                "unshare",
                _("End the share"),
                "shares.unshare",
                services.unshare_customer,
                icon="x",
                is_danger=True,
            ),
        ),
    )
)

SUBSTITUTIONS = register(
    RecordType(
        key="kernel.substitution",
        model=Substitution,
        plural="substitutions",
        label=_("Substitute"),
        label_plural=_("Substitutes"),
        icon="user",
        nav_group="customers",
        nav_order=28,
        title_field="reason",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("person", ref="people.user", section="basics"),
            Field("substitute", ref="people.user", section="basics"),
            Field("starts_at", sortable=True, section="basics"),
            Field("until", sortable=True, section="basics"),
            Field("reason", section="basics"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(("person", "substitute", "starts_at", "until", "reason")),
        hooks=Hooks(
            check=services.check_substitution,
            after=services.substitution_saved,
            archiving=services.substitution_archived,
        ),
    )
)

SHARE = Verb(
    "share",
    _("Share"),
    access.SHARE,
    services.share_customer,
    icon="users",
    fields=(
        Field("with_user", type="ref", ref="people.user", label=_("Share with")),
        Field("with_team", type="ref", ref="people.team", label=_("With the team")),
        Field(
            "with_department", type="ref", ref="people.department", label=_("With the department")
        ),
        Field("may_write", type="boolean", label=_("May change it")),
        Field("until", type="datetime", label=_("Until")),
        Field("reason", type="text", label=_("Reason"), max_length=200),
    ),
)
