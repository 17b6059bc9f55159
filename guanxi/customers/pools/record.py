"""The faces of shares, substitutes, pools, their rules and batches."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from guanxi.customers.pools import access, panels, queries, services
from guanxi.customers.pools.models import HandOver, Pool, PoolRule, ReleaseBatch
from guanxi.kernel.models import Share, Substitution
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

CLAIMED = "claimed_already"
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
        nav_group="settings",
        nav_order=84,
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
        nav_group="settings",
        nav_order=85,
        title_field="reason",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("person", ref="people.user", section="basics"),
            Field("substitute", ref="people.user", section="basics"),
            Field("starts_at", label=_("Starts at"), sortable=True, section="basics"),
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

_REASON = Field("reason", type="text", label=_("Reason"), max_length=200)
_RECEIVER = SHARE.fields[:3]

OWNERSHIP = (
    Verb(
        "claim",
        _("Claim"),
        access.CLAIM,
        services.claim_customer,
        icon="check",
        finds=CLAIMED,
        fits=queries.is_in_pool,
    ),
    Verb(
        "assign",
        _("Assign"),
        access.ASSIGN,
        services.assign_customer,
        icon="arrow-right",
        fields=(
            Field("to_user", type="ref", ref="people.user", label=_("New owner"), required=True),
            _REASON,
        ),
        finds=CLAIMED,
        fits=queries.is_in_pool,
    ),
    Verb(
        "release",
        _("Release to a pool"),
        access.RELEASE,
        services.release_customer,
        icon="archive-restore",
        fields=(
            Field("pool", type="ref", ref="customers.pool", label=_("Pool"), required=True),
            replace(_REASON, required=True),
        ),
        fits=queries.is_owned,
    ),
    Verb(
        "protect",
        _("Protect"),
        access.PROTECT,
        services.protect_customer,
        icon="shield",
        fields=(
            Field("until", type="datetime", label=_("Until (blank ends it)")),
            _REASON,
        ),
    ),
    Verb(
        "lock",
        _("Lock"),
        access.LOCK,
        services.lock_customer,
        icon="lock",
        fields=(
            Field("until", type="datetime", label=_("Until (blank ends it)")),
            _REASON,
        ),
    ),
)

POOLS = register(
    RecordType(
        key="customers.pool",
        model=Pool,
        plural="pools",
        label=_("Pool"),
        label_plural=_("Pools"),
        icon="package",
        nav_group="customers",
        nav_order=25,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", sortable=True, section="basics"),
            Field("description", section="basics"),
            Field("cap", section="limits"),
            Field(
                "tier_caps",
                type="json",
                look="map",
                section="limits",
                column=False,
                filterable=False,
                help=_("In a form one per line: core = 20."),
            ),
            Field("daily_claims", section="limits"),
            Field("daily_views", section="limits"),
            Field("cooldown_days", section="limits"),
            Field("protection_days", section="limits"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS, Section("limits", _("Limits"))),
        listing=ListDefaults(
            ("name", "description", "cap", "daily_claims", "cooldown_days", "protection_days"),
            sort="name",
        ),
        search={"": ("name",)},
        hooks=Hooks(check=services.check_pool),
        panels=(
            Panel(
                "customers",
                _("Customers"),
                "customers/pools/of_pool.html",
                panels.of_pool,
                icon="building",
            ),
        ),
        verbs=(
            Verb(
                "open",
                _("Open to…"),
                "pools.open",
                services.open_pool,
                icon="users",
                fields=(
                    *_RECEIVER,
                    Field("may_claim", type="boolean", label=_("May claim from it")),
                ),
            ),
        ),
    )
)

RULES = register(
    RecordType(
        key="customers.poolrule",
        model=PoolRule,
        plural="pool-rules",
        permission="pool_rules",
        label=_("Pool rule"),
        label_plural=_("Pool rules"),
        icon="sliders",
        nav_group="settings",
        nav_order=82,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", section="basics"),
            Field("pool", ref="customers.pool", section="basics"),
            Field("audience", section="basics", named=queries.shared_views),
            Field(
                "condition",
                type="condition",
                ref="customers.customer",
                section="basics",
                column=False,
                filterable=False,
            ),
            Field("measure", section="basics"),
            Field("days", section="basics"),
            Field("date_field", section="basics", named=queries.date_fields),
            Field("warn_days", section="basics"),
            Field("is_on", section="basics"),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(
            ("name", "pool", "audience", "measure", "days", "warn_days", "is_on"), sort="created_at"
        ),
        hooks=Hooks(check=services.check_rule),
        panels=(
            Panel(
                "tonight",
                _("Tonight"),
                "customers/pools/preview.html",
                panels.preview,
                icon="clock",
            ),
        ),
    )
)

RELEASES = register(
    RecordType(
        key="customers.releasebatch",
        model=ReleaseBatch,
        plural="releases",
        label=_("Release"),
        label_plural=_("Releases"),
        icon="history",
        nav_group="settings",
        nav_order=83,
        title_field="night",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("night", readonly=True, sortable=True),
            Field("state", readonly=True),
            Field("released", readonly=True),
            Field("warned", readonly=True),
            Field("returned", readonly=True),
            _CREATED,
            _UPDATED,
        ),
        listing=ListDefaults(
            ("night", "state", "released", "warned", "returned", "updated_at"), sort="-night"
        ),
        verbs=(
            Verb(
                "undo",
                _("Take the night back"),
                "releases.undo",
                services.undo_batch,
                icon="arrow-left",
                is_danger=True,
            ),
        ),
    )
)

HAND_OVERS = register(
    RecordType(
        key="customers.handover",
        model=HandOver,
        plural="hand-overs",
        permission="hand_overs",
        label=_("Hand-over"),
        label_plural=_("Hand-overs"),
        icon="arrow-right",
        nav_group="settings",
        nav_order=86,
        title_field="reason",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("person", ref="people.user", section="basics"),
            Field("receivers", ref="people.user", section="basics", required=True),
            Field("split", section="basics"),
            Field("reason", section="basics"),
            Field("state", readonly=True),
            Field("moved", readonly=True),
            Field("returned", readonly=True),
            _CREATED,
            _UPDATED,
        ),
        sections=(_BASICS,),
        listing=ListDefaults(("reason", "person", "state", "moved", "returned", "updated_at")),
        hooks=Hooks(check=services.check_hand_over),
        panels=(
            Panel(
                "book",
                _("The book"),
                "customers/pools/book.html",
                panels.book,
                icon="building",
            ),
        ),
        verbs=(
            Verb(
                "start",
                _("Hand over"),
                "hand_overs.start",
                services.start_hand_over,
                icon="arrow-right",
                fits=queries.is_draft,
            ),
            Verb(
                "undo",
                _("Take the hand-over back"),
                "hand_overs.undo",
                services.undo_hand_over,
                icon="arrow-left",
                is_danger=True,
                fits=queries.is_done,
            ),
        ),
    )
)
