"""What people call what is stored: records for a reader, and codes of types, events, channels."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext

from guanxi.kernel.access import groups
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import event_kinds
from guanxi.surfaces.records import RecordType, get_record_type, record_types


def titles_of(record_type: RecordType, rows: QuerySet[Any], actor: Actor) -> dict[Any, str]:
    """What records that a reader may know of are called for them, by id: one query.

    A title that the reader does not see clear, or that is blank, is the type and the id.
    """
    field = record_type.declared().get(record_type.title_field)
    is_clear = field is None or field.is_clear(actor)
    path = record_type.title_field
    if field is not None and field.ref:
        path = f"{path}__{get_record_type(field.ref).title_field}"
    label = str(record_type.label)
    return {
        pk: str(title) if is_clear and title not in (None, "") else f"{label} {pk}"
        for pk, title in rows.values_list("pk", path)
    }


def title_in(record_type: RecordType, values: Mapping[str, Any]) -> str:
    """What a record is called whose values a list has read for its reader."""
    title = values.get(record_type.title_field)
    return str(title["label"] if isinstance(title, dict) else title or "")


def every_type() -> Mapping[str, str]:
    """Everything that events tell of: the record types, and what else has a name."""
    named = {
        model._meta.label_lower: str(model._meta.verbose_name)
        for model in apps.get_models()
        if "verbose_name" in model._meta.original_attrs and model.__module__.startswith("guanxi.")
    }
    own = {"surfaces.savedview": gettext("Saved view")}
    return {**named, **own, **{t.key: str(t.label) for t in record_types()}}


def customised_types() -> Mapping[str, str]:
    """The record types that may have custom fields."""
    return {t.key: str(t.label) for t in record_types() if t.has_custom_fields}


def field_groups() -> Mapping[str, str]:
    """The groups of fields that roles see clear, masked or not at all."""
    return {name: str(group.label) for name, group in groups().items()}


def what_happened() -> Mapping[str, str]:
    """What happened, as timelines say it."""
    return {kind: str(cls.said) for kind, cls in event_kinds().items() if cls.said}


def ways_of_access() -> Mapping[str, str]:
    """The ways in which somebody sees what is guarded, or tries to."""
    return {
        "view": gettext("opened"),
        "reveal": gettext("revealed"),
        "print": gettext("printed"),
        "download": gettext("downloaded"),
        "export": gettext("exported"),
        "look_alike": gettext("was told of a look-alike"),
        "refused": gettext("was refused"),
        "sign_in_failed": gettext("failed to sign in"),
    }


def channels() -> Mapping[str, str]:
    """The ways in which somebody acts."""
    return {
        "web": gettext("on the web"),
        "api": gettext("by API"),
        "import": gettext("by import"),
        "job": gettext("by a job"),
        "command": gettext("by command"),
        "system": gettext("by the system"),
    }


def by_what_way(channel: str) -> str:
    """The way in which somebody acted, where it was not on a page."""
    return "" if channel == "web" else channels().get(channel, "")
