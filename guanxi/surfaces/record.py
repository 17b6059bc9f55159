"""The faces of the surfaces' own records: custom fields, document templates, events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.models import AccessEntry, Event
from guanxi.surfaces import naming, papers, value_indexes
from guanxi.surfaces.access import VIEW_SYSTEM
from guanxi.surfaces.custom_fields import check_definition
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.navigation import Page, declare_page
from guanxi.surfaces.models import CustomField, DocumentTemplate
from guanxi.surfaces.packs import declare_records
from guanxi.surfaces.records import Hooks, ListDefaults, Panel, RecordType, Section, register


def _index_of(actor: Actor, row: Model, at: datetime) -> Mapping[str, Any]:
    """How far the index is that lists sorted by a custom field need."""
    del actor, at
    assert isinstance(row, CustomField)  # noqa: S101
    state = value_indexes.state_of(row)
    return {"state": state.value, "is_waiting": state in value_indexes.UNDONE}


CUSTOM_FIELDS = register(
    RecordType(
        key="surfaces.customfield",
        model=CustomField,
        plural="custom-fields",
        permission="custom_fields",
        label=_("Custom field"),
        label_plural=_("Custom fields"),
        icon="sliders",
        nav_group="settings",
        nav_order=90,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", section="basics"),
            Field("name_en", section="basics"),
            Field("record_key", section="basics", named=naming.customised_types),
            Field(
                "slug",
                section="basics",
                help=_("Its name in the API and in files: small letters, digits and _."),
            ),
            Field("kind", section="basics"),
            Field(
                "choices",
                section="basics",
                column=False,
                filterable=False,
                help=_("Needed for choices; in a form one per line: value, or value = label."),
            ),
            Field("group", section="basics", named=naming.field_groups),
            Field("is_required", section="basics"),
            Field("position", section="basics", sortable=True),
            Field("help", section="basics"),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(Section("basics", _("Basics")),),
        panels=(
            Panel("index", _("Sorting"), "surfaces/panels/index.html", _index_of, icon="list"),
        ),
        listing=ListDefaults(
            ("name", "record_key", "slug", "kind", "is_required", "position"), sort="position"
        ),
        hooks=Hooks(check=check_definition),
    )
)

DOCUMENT_TEMPLATES = register(
    RecordType(
        key="surfaces.documenttemplate",
        model=DocumentTemplate,
        plural="document-templates",
        permission="document_templates",
        label=_("Document template"),
        label_plural=_("Document templates"),
        icon="file-text",
        nav_group="settings",
        nav_order=91,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", section="basics", sortable=True),
            Field("paper", section="basics", named=papers.paper_names),
            Field(
                "body",
                section="basics",
                column=False,
                help=_(
                    "Words in braces stand for values. A line that begins with “# ” is a heading; "
                    "a paragraph of which no word has a value is left out."
                ),
            ),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(Section("basics", _("Basics")),),
        panels=(
            Panel(
                "words",
                _("How it reads"),
                "surfaces/panels/words.html",
                papers.words_of,
                icon="eye",
            ),
        ),
        listing=ListDefaults(("name", "paper", "updated_at"), sort="name"),
        search={"": ("name",)},
        hooks=Hooks(check=papers.check_template),
    )
)
declare_records("document_templates", "surfaces.documenttemplate", ("paper", "body"), order=65)

EVENTS = register(
    RecordType(
        key="kernel.event",
        model=Event,
        plural="events",
        label=_("Event"),
        label_plural=_("Audit trail"),
        icon="history",
        nav_group="settings",
        nav_order=95,
        title_field="kind",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("at", label=_("Time"), readonly=True, sortable=True),
            Field("kind", label=_("What"), readonly=True, named=naming.what_happened),
            Field("actor_label", label=_("Who"), readonly=True),
            Field("actor_user_id", label=_("User id"), type="integer", readonly=True),
            Field("channel", label=_("Channel"), readonly=True, named=naming.channels),
            Field(
                "subject_type",
                label=_("Record type"),
                readonly=True,
                named=naming.every_type,
            ),
            Field("subject_id", label=_("Record"), type="text", readonly=True),
            Field("subject_label", label=_("Record name"), readonly=True, group="private"),
            Field("customer_id", label=_("Customer"), type="integer", readonly=True),
            Field("request_id", label=_("Request"), readonly=True),
        ),
        listing=ListDefaults(
            ("at", "actor_label", "kind", "subject_type", "subject_id", "channel"), sort="-at"
        ),
    )
)

ACCESSES = register(
    RecordType(
        key="kernel.accessentry",
        model=AccessEntry,
        plural="accesses",
        permission="events",
        label=_("Access"),
        label_plural=_("Access log"),
        icon="eye",
        nav_group="settings",
        nav_order=96,
        title_field="action",
        has_custom_fields=False,
        is_creatable=False,
        is_importable=False,
        fields=(
            Field("at", label=_("Time"), readonly=True, sortable=True),
            Field("action", label=_("What"), readonly=True, named=naming.ways_of_access),
            Field("actor_label", label=_("Who"), readonly=True),
            Field("actor_user_id", label=_("User id"), type="integer", readonly=True),
            Field("channel", label=_("Channel"), readonly=True, named=naming.channels),
            Field(
                "subject_type",
                label=_("Record type"),
                readonly=True,
                named=naming.every_type,
            ),
            Field("subject_id", label=_("Record"), type="text", readonly=True),
            Field("customer_id", label=_("Customer"), type="integer", readonly=True),
            Field("fields", label=_("Fields"), type="json", readonly=True, filterable=False),
            Field("reason", label=_("Reason"), readonly=True, group="private"),
            Field("request_id", label=_("Request"), readonly=True),
        ),
        listing=ListDefaults(
            ("at", "actor_label", "action", "subject_type", "subject_id", "channel"), sort="-at"
        ),
    )
)
declare_page(Page(_("State of the installation"), "/system/", "database", VIEW_SYSTEM))
declare_page(Page(_("Who saw a customer"), "/who-saw/", "eye", "events.view"))
