"""The faces of clocks: written by the product alone, seen with the record that they belong to."""

from django.utils.translation import gettext_lazy as _

from guanxi.deadlines import panels, policy_queries, services
from guanxi.deadlines.choices import LIVE
from guanxi.deadlines.models import Clock
from guanxi.surfaces import naming
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

CLOCKS = register(
    RecordType(
        key="deadlines.clock",
        model=Clock,
        plural="clocks",
        label=_("Deadline"),
        label_plural=_("Deadlines"),
        icon="clock",
        nav_group="desk",
        nav_order=60,
        title_field="subject_label",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("subject_label", readonly=True, section="basics"),
            Field("kind", readonly=True, section="basics", named=policy_queries.kind_names),
            Field("due_at", readonly=True, section="basics", sortable=True, look="deadline"),
            Field("phase", readonly=True, section="basics"),
            Field("outcome", readonly=True, section="basics"),
            Field("owner", ref="people.user", readonly=True, section="basics"),
            Field("department", ref="people.department", readonly=True, section="basics"),
            Field("started_at", readonly=True, section="basics", sortable=True),
            Field("breached_at", readonly=True, section="basics", sortable=True),
            Field("is_provisional", readonly=True, section="basics"),
            Field("is_excused", readonly=True, section="basics"),
            Field(
                "record_key", readonly=True, section="basics", column=False, named=naming.every_type
            ),
            Field(
                "object_id",
                label=_("Record number"),
                readonly=True,
                section="basics",
                type="integer",
            ),
        ),
        sections=(Section("basics", _("Basics")),),
        listing=ListDefaults(
            ("subject_label", "kind", "due_at", "phase", "outcome", "owner"), sort="-id"
        ),
        tabs=(ListTab(_("Not ended"), {"phase": ",".join(LIVE)}, "due_at", is_first=True),),
        panels=(
            Panel(
                "why",
                _("Why it is due then"),
                "deadlines/explained.html",
                panels.explained,
                icon="help",
            ),
        ),
        verbs=(
            Verb(
                "excuse",
                _("Excuse"),
                "clocks.excuse",
                services.excuse_by_id,
                icon="flag",
                fields=(
                    Field("reason", type="text", label=_("Reason"), required=True, max_length=200),
                ),
            ),
        ),
        templates={"record": "deadlines/clock.html"},
        views={"api:explain": "guanxi.deadlines.api.ClockExplained"},
    )
)
