"""The addresses of the API: the same set for every registered record type."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path, re_path, register_converter
from django.utils.module_loading import import_string

from guanxi.surfaces.api import docs, exports, imports, saved_views, views, whole
from guanxi.surfaces.api.beside import patterns_beside
from guanxi.surfaces.api.components import has_random_ids
from guanxi.surfaces.records import RecordType, record_types

app_name = "api"


class RecordId:
    """A whole number that a database id can be."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """The id."""
        return int(value)

    def to_url(self, value: Any) -> str:
        """The id as text."""
        return str(value)


register_converter(RecordId, "record_id")


def routes(record_type: RecordType) -> Iterator[URLPattern]:
    """The addresses of a record type; `views["api:<name>"]` of it replaces or adds one."""
    plural = record_type.plural
    kind = "uuid" if has_random_ids(record_type) else "record_id"
    for name, (view, options) in _addresses(record_type).items():
        yield path(
            f"{plural}/{_tail(name, kind, view)}",
            view.as_view(record_type=record_type, **options),
            name=f"{plural}-{name}",
        )


def _tail(name: str, kind: str, view: Any) -> str:
    if name == "list":
        return ""
    if getattr(view, "is_of_all", False):
        return f"{name}/"
    return f"<{kind}:pk>/" if name == "detail" else f"<{kind}:pk>/{name}/"


def _addresses(record_type: RecordType) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Each address by name: its view and the view's options."""
    found: dict[str, tuple[Any, dict[str, Any]]] = {"list": (views.RecordList, {})}
    if not is_edited(record_type):
        found["list"] = (views.ReadOnlyList, {})
        found["detail"] = (views.ReadOnlyDetail, {})
        return found | _verbs(record_type) | _own(record_type)
    if not record_type.is_creatable:
        found["list"] = (views.ReadOnlyList, {})
    found["detail"] = (views.RecordDetail, {})
    found["archive"] = (views.RecordArchive, {})
    found["restore"] = (views.RecordArchive, {"is_restore": True})
    found["history"] = (views.RecordHistory, {})
    if record_type.reveal:
        found["reveal"] = (views.RecordReveal, {})
    return found | _verbs(record_type) | _own(record_type)


def _verbs(record_type: RecordType) -> dict[str, tuple[Any, dict[str, Any]]]:
    return {verb.name: (views.RecordVerb, {"verb": verb}) for verb in record_type.verbs}


def _own(record_type: RecordType) -> dict[str, tuple[Any, dict[str, Any]]]:
    """The addresses that the type names itself."""
    named = {n.partition(":")[2]: v for n, v in record_type.views.items() if n.startswith("api:")}
    return {name: (import_string(view), {}) for name, view in named.items()}


def is_edited(record_type: RecordType) -> bool:
    """Whether records of the type have versions, hence can be changed and archived."""
    return record_type.has_column("version")


urlpatterns: list[URLPattern] = [
    *(route for each in record_types() for route in routes(each)),
    path("views/", saved_views.SavedViewList.as_view(), name="views-list"),
    path("views/<uuid:pk>/", saved_views.SavedViewDetail.as_view(), name="views-detail"),
    path("exports/", exports.ExportList.as_view(), name="exports-list"),
    path("exports/<uuid:pk>/", exports.ExportDetail.as_view(), name="exports-detail"),
    path("exports/<uuid:pk>/cancel/", exports.ExportCancel.as_view(), name="exports-cancel"),
    path("exports/<uuid:pk>/download/", exports.ExportDownload.as_view(), name="exports-download"),
    path("imports/", imports.ImportList.as_view(), name="imports-list"),
    path("imports/<uuid:pk>/", imports.ImportDetail.as_view(), name="imports-detail"),
    path("imports/<uuid:pk>/errors/", imports.ImportErrors.as_view(), name="imports-errors"),
    *(
        path(
            f"imports/<uuid:pk>/{step}/",
            imports.ImportStep.as_view(step=step),
            name=f"imports-{step}",
        )
        for step in ("preview", "start", "cancel", "undo")
    ),
    *patterns_beside(),
    path("search/", whole.Search.as_view(), name="search"),
    path("me/", whole.Me.as_view(), name="me"),
    path("schema/", docs.SchemaView.as_view(), name="schema"),
    path("docs/", docs.show_guide, name="docs"),
    path("docs/<slug:plural>/", docs.show_type, name="docs-type"),
    path("", whole.Index.as_view(), name="index"),
    re_path(r"^[\s\S]*$", whole.Nowhere.as_view(), name="nowhere"),
]
