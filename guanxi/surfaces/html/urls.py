"""Addresses of the pages that every record type gets, and of those beside them."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.urls.converters import StringConverter

from guanxi.surfaces.html import (
    builder,
    bulk,
    drafts,
    edit,
    exports,
    happened,
    happenings,
    home,
    imports,
    inline,
    list_settings,
    list_tabs,
    lists,
    palette,
    pickers,
    record_verbs,
    records,
    system,
    who_saw,
)
from guanxi.surfaces.models import MarkKind
from guanxi.surfaces.records import RecordType, panels_of, record_types


class Key:
    """The key of a record: a number that the database can hold, or a random id."""

    regex = "[0-9]{1,18}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"

    def to_python(self, value: str) -> int | str:
        """A number as a number."""
        return int(value) if value.isdigit() else value

    def to_url(self, value: int | str) -> str:
        """A key as it stands in an address."""
        return str(value)


class Name(StringConverter):
    """The name of a field or verb."""

    regex = "[a-z][a-z0-9_]{0,59}"


register_converter(Key, "key")
register_converter(Name, "name")


def record_patterns(record_type: RecordType) -> URLResolver:
    """The pages of one record type; a domain's own view may stand in for any of them."""
    plural, known = record_type.plural, {"record_type": record_type}

    def at(route: str, name: str, view: Any, **more: Any) -> URLPattern:
        own = record_type.views.get(name, view)
        made: URLPattern = path(route, own, {**known, **more}, name=f"{plural}-{name}")
        return made

    verbs = [
        at(f"<key:pk>/{v.name}/", v.name, record_verbs.perform, verb_name=v.name)
        for v in record_type.verbs
        if v.is_listed
    ]
    has_later = any(panel.is_later for panel in panels_of(record_type))
    later = [at("<key:pk>/panels/<slug:panel_key>/", "panel", records.panel)] if has_later else []
    pages = [
        at("", "list", lists.show_list),
        at("new/", "new", edit.create),
        at("count/", "count", lists.exact_count),
        at("totals/", "totals", lists.totals),
        at("tabs/", "tabs", list_tabs.tabs_with_counts),
        at("filter/", "filter", builder.show_builder),
        at("filter/row/", "filter-row", builder.show_row),
        at("columns/", "columns", list_settings.columns),
        at("settings/", "settings", list_settings.keep_width),
        at("views/", "views", list_settings.views),
        at("views/new/", "view-new", list_settings.new_view),
        at("views/<uuid:view_id>/", "view-edit", list_settings.edit_view),
        at("views/<uuid:view_id>/drop/", "view-drop", list_settings.drop_view),
        at("views/<uuid:view_id>/pin/", "view-pin", list_settings.keep_view, how="pin"),
        at("views/<uuid:view_id>/open/", "view-open", list_settings.keep_view, how="open"),
        at("options/", "options", pickers.options),
        at("duplicates/", "duplicates", edit.duplicates),
        at("bulk/", "bulk", bulk.choose),
        at("bulk/preview/", "bulk-preview", bulk.preview),
        at("bulk/start/", "bulk-start", bulk.start),
        at("<key:pk>/", "record", records.show),
        at("<key:pk>/edit/", "edit", edit.edit),
        at("<key:pk>/peek/", "peek", records.peek),
        at("<key:pk>/card/", "card", records.card),
        at("<key:pk>/next/", "next", records.beside, is_next=True),
        at("<key:pk>/previous/", "previous", records.beside, is_next=False),
        at("<key:pk>/archive/", "archive", edit.archive),
        at("<key:pk>/restore/", "restore", edit.restore),
        at("<key:pk>/cell/<name:name>/", "cell", inline.cell),
        at("<key:pk>/fact/<name:name>/", "fact", inline.fact),
        at("<key:pk>/history/", "history", happenings.show_history),
        at("<key:pk>/history/<name:name>/", "field-history", happenings.field_history),
        at("<key:pk>/reveal/<name:name>/", "reveal", happenings.reveal),
        at("<key:pk>/mark/favourite/", "favourite", records.mark, kind=MarkKind.FAVOURITE),
        at("<key:pk>/mark/follow/", "follow", records.mark, kind=MarkKind.FOLLOW),
        *later,
        *verbs,
    ]
    return path(f"{plural}/", include(pages))


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.show_desk, name="desk"),
    path("following/", home.following, name="following"),
    path("shortcuts/", home.shortcuts, name="shortcuts"),
    path("search/", palette.search_page, name="search"),
    path("palette/", palette.palette, name="palette"),
    path("live/", happened.happened, name="live"),
    path("drafts/", drafts.show_drafts, name="drafts"),
    path("drafts/keep/", drafts.keep, name="draft-keep"),
    path("drafts/<uuid:draft_id>/drop/", drafts.drop, name="draft-drop"),
    path("editing/", drafts.editing, name="editing"),
    path("exports/", exports.show_exports, name="exports"),
    path("exports/new/", exports.new_export, name="export-new"),
    path("exports/<uuid:export_id>/cancel/", exports.cancel, name="export-cancel"),
    path("exports/<uuid:export_id>/download/", exports.download, name="export-download"),
    path("imports/", imports.show_imports, name="imports"),
    path("imports/new/", imports.new_import, name="import-new"),
    path("imports/forms/<slug:key>.xlsx", imports.blank_form, name="import-form"),
    path("imports/sheets/<slug:plural>.xlsx", imports.column_sheet, name="import-sheet"),
    path("imports/<uuid:import_id>/", imports.show_import, name="import"),
    path("imports/<uuid:import_id>/columns/", imports.choose_columns, name="import-columns"),
    path("imports/<uuid:import_id>/start/", imports.step, {"verb": "start"}, name="import-start"),
    path(
        "imports/<uuid:import_id>/cancel/", imports.step, {"verb": "cancel"}, name="import-cancel"
    ),
    path("imports/<uuid:import_id>/undo/", imports.step, {"verb": "undo"}, name="import-undo"),
    path("imports/<uuid:import_id>/errors/", imports.errors_file, name="import-errors"),
    path("system/", system.show_system, name="system"),
    path("health/", system.health, name="health"),
    path("health/worker/", system.health, {"part": "worker"}, name="health-worker"),
    path("metrics", system.metrics, name="metrics"),
    path("who-saw/", who_saw.who_saw, name="who-saw"),
    path("undo/<int:event_id>/", edit.undo, name="undo"),
    path("runs/<uuid:run_id>/", bulk.show_run, name="run"),
    path("runs/<uuid:run_id>/cancel/", bulk.run_verb, {"verb": "cancel"}, name="run-cancel"),
    path("runs/<uuid:run_id>/undo/", bulk.run_verb, {"verb": "undo"}, name="run-undo"),
    *map(record_patterns, record_types()),
]
