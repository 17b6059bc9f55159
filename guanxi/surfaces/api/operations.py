"""What each address does, as the description of the API says it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from guanxi.surfaces import services
from guanxi.surfaces.api import saved_views, views, whole
from guanxi.surfaces.api.base import ApiView
from guanxi.surfaces.api.components import (
    TEXT,
    Schema,
    component_name,
    nothing_else,
    ref,
    write_schema,
)
from guanxi.surfaces.records import RecordType

WRITE_FAULTS = (400, 403, 413, 415, 422, 429)
ETAG: Schema = {"ETag": {"description": "The version, for If-Match.", "schema": TEXT}}
LOCATION: Schema = {"Location": {"schema": {"type": "string", "format": "uri"}}}


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    name: str
    summary: str
    tag: str
    answers: dict[int, Any]
    faults: tuple[int, ...] = ()
    body: Schema | None = None
    body_type: str = "application/json"
    is_body_required: bool = True
    needs_version: bool = False
    is_once: bool = False
    parameters: list[Schema] = field(default_factory=list)
    permission: str = ""


Describe = Callable[[Any], Operation]
_DESCRIPTIONS: dict[tuple[type[ApiView], str], Describe] = {}


def describes(view: type[ApiView], method: str) -> Callable[[Describe], Describe]:
    """Register what says how a method of a kind of address is described."""

    def register(describe: Describe) -> Describe:
        _DESCRIPTIONS[view, method] = describe
        return describe

    return register


def describe(view: ApiView, method: str) -> Operation:
    """The description of one method of one address."""
    for kind in type(view).__mro__:
        if (kind, method) in _DESCRIPTIONS:
            return _DESCRIPTIONS[kind, method](view)
    raise LookupError(f"{type(view).__name__} {method} is not described")


def answer(schema: Schema | None, words: str, headers: Schema | None = None) -> Schema:
    """A good answer with its body."""
    said: Schema = {"description": words}
    if schema is not None:
        said["content"] = {"application/json": {"schema": schema}}
    return {**said, "headers": headers} if headers else said


def stem(record_type: RecordType) -> str:
    """How the operations of a record type begin: `customers_`."""
    return record_type.plural.replace("-", "_")


def in_query(name: str, schema: Schema, words: str) -> Schema:
    """A parameter of the address."""
    return {"name": name, "in": "query", "schema": schema, "description": words}


# Record types -------------------------------------------------------------------------------------
@describes(views.RecordList, "GET")
def _list(view: views.RecordList) -> Operation:
    kind = view.record_type
    return Operation(
        f"{stem(kind)}_list",
        gettext("One page of the list"),
        kind.plural,
        {200: answer(ref(f"{component_name(kind)}Page"), gettext("A page."))},
        (400, 403, 404, 429),
        parameters=[*_paging(kind), *_filters(kind)],
        permission=view.permission("GET"),
    )


def _paging(kind: RecordType) -> list[Schema]:
    sorts = [n for f in kind.fields if f.sortable for n in (f.name, f"-{f.name}")]
    return [
        in_query(
            "q", {**TEXT, "maxLength": 200}, gettext("Search words, pinyin initials, digits.")
        ),
        in_query("view", {**TEXT, "format": "uuid"}, gettext("A saved view to apply.")),
        in_query("where", TEXT, gettext("A condition as JSON; see the condition language.")),
        in_query("sort", {**TEXT, "enum": [*sorts, "id", "-id"]}, gettext("“-” turns it round.")),
        in_query("columns", TEXT, gettext("Names of fields, separated by commas.")),
        in_query("size", {"type": "integer", "minimum": 1, "maximum": 200}, gettext("Page size.")),
        in_query("after", TEXT, gettext("The mark of the next page, taken from `next`.")),
        in_query("before", TEXT, gettext("The mark of the previous page, from `previous`.")),
        in_query(
            "archived", {**TEXT, "enum": ["true", "false"]}, gettext("Archived ones instead.")
        ),
        in_query(
            "count",
            {**TEXT, "enum": list(views.COUNTS)},
            gettext("Whether to count: up to 1000 (capped), exactly, or not at all."),
        ),
    ]


def _filters(kind: RecordType) -> list[Schema]:
    words = gettext("Filter; %(name)s__%(op)s for the operators %(all)s.")
    return [
        in_query(
            f.name,
            TEXT,
            words % {"name": f.name, "op": f.operators[-1], "all": ", ".join(f.operators)},
        )
        for f in kind.fields
        if f.filterable
    ]


@describes(views.RecordList, "POST")
def _create(view: views.RecordList) -> Operation:
    kind = view.record_type
    made = answer(ref(component_name(kind)), gettext("Created."), {**LOCATION, **ETAG})
    return Operation(
        f"{stem(kind)}_create",
        gettext("Create a record"),
        kind.plural,
        {201: made},
        WRITE_FAULTS,
        body=ref(f"{component_name(kind)}New"),
        is_once=True,
        permission=view.permission("POST"),
    )


@describes(views.RecordDetail, "GET")
def _read(view: views.RecordDetail) -> Operation:
    kind = view.record_type
    return Operation(
        f"{stem(kind)}_read",
        gettext("One record with every field that you see"),
        kind.plural,
        {200: answer(ref(component_name(kind)), gettext("The record."), ETAG)},
        (404, 429),
        permission=view.permission("GET"),
    )


@describes(views.RecordDetail, "PATCH")
def _change(view: views.RecordDetail) -> Operation:
    kind = view.record_type
    return Operation(
        f"{stem(kind)}_change",
        gettext("Change the named fields"),
        kind.plural,
        _changed(kind),
        (*WRITE_FAULTS, 404, 409, 428),
        body=ref(f"{component_name(kind)}Changes"),
        needs_version=True,
        is_once=True,
        permission=view.permission("PATCH"),
    )


def _changed(kind: RecordType) -> dict[int, Any]:
    return {
        200: answer(ref(component_name(kind)), gettext("The record as it now is."), ETAG),
        204: answer(None, gettext("Done; you may no longer see the record.")),
    }


@describes(views.RecordDetail, "DELETE")
def _delete(view: views.RecordDetail) -> Operation:
    return _archiving(view, "delete", gettext("Archive the record; nothing is ever deleted"))


@describes(views.RecordArchive, "POST")
def _archive(view: views.RecordArchive) -> Operation:
    if view.is_restore:
        return _archiving(view, "restore", gettext("Bring the record back into daily lists"))
    return _archiving(view, "archive", gettext("Take the record out of daily lists"))


def _archiving(view: views.RecordView, name: str, summary: str) -> Operation:
    kind = view.record_type
    return Operation(
        f"{stem(kind)}_{name}",
        summary,
        kind.plural,
        _changed(kind),
        (*WRITE_FAULTS, 404, 409, 428),
        needs_version=True,
        is_once=True,
        permission=kind.allows("archive"),
    )


@describes(views.RecordVerb, "POST")
def _verb(view: views.RecordVerb) -> Operation:
    kind, verb = view.record_type, view.verb
    needed = [f.name for f in verb.fields if f.required]
    needed += sorted(services.must_be_given(verb) - set(needed))
    body = {f.name: {**write_schema(f), "title": str(f.label)} for f in verb.fields}
    return Operation(
        f"{stem(kind)}_{verb.name}",
        str(verb.label),
        kind.plural,
        _changed(kind),
        (*WRITE_FAULTS, 404, 409, 428),
        body=nothing_else(body, needed),
        is_body_required=bool(needed),
        needs_version=services.is_versioned(verb),
        is_once=True,
        permission=verb.permission,
    )


@describes(views.RecordReveal, "POST")
def _reveal(view: views.RecordReveal) -> Operation:
    kind = view.record_type
    body = {"field": {**TEXT, "minLength": 1}, "reason": {**TEXT, "minLength": 4}}
    shown: Schema = {
        "type": "object",
        "properties": {"field": TEXT, "value": {}},
        "required": ["field", "value"],
    }
    return Operation(
        f"{stem(kind)}_reveal",
        gettext("Show one masked value in clear; goes into the access log"),
        kind.plural,
        {200: answer(shown, gettext("The clear value."))},
        (400, 403, 404, 413, 415, 429),
        body=nothing_else(body, ["field", "reason"]),
        permission=kind.reveal,
    )


@describes(views.RecordHistory, "GET")
def _history(view: views.RecordHistory) -> Operation:
    kind = view.record_type
    page: Schema = {
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": ref("HistoryEntry")},
            "next": {"type": ["string", "null"], "format": "uri"},
        },
        "required": ["results", "next"],
    }
    size: Schema = {"type": "integer", "minimum": 1, "maximum": 200}
    return Operation(
        f"{stem(kind)}_history",
        gettext("What happened to the record, newest first"),
        kind.plural,
        {200: answer(page, gettext("Events with their changes."))},
        (400, 404, 429),
        parameters=[
            in_query(
                "before", {"type": "integer", "minimum": 1}, gettext("Events before this one.")
            ),
            in_query("size", size, gettext("Page size.")),
        ],
        permission=view.permission("GET"),
    )


# Saved views --------------------------------------------------------------------------------------
_VIEWS = "views"


@describes(saved_views.SavedViewList, "GET")
def _views_list(_view: ApiView) -> Operation:
    found: Schema = {
        "type": "object",
        "properties": {"results": {"type": "array", "items": ref("SavedView")}},
        "required": ["results"],
    }
    return Operation(
        "views_list",
        gettext("The saved views that you may use"),
        _VIEWS,
        {200: answer(found, gettext("Saved views."))},
        (400, 429),
        parameters=[in_query("type", TEXT, gettext("Only those of one record type."))],
    )


@describes(saved_views.SavedViewList, "POST")
def _views_create(_view: ApiView) -> Operation:
    return Operation(
        "views_create",
        gettext("Keep a condition, sort and columns under a name"),
        _VIEWS,
        {201: answer(ref("SavedView"), gettext("Created."), {**LOCATION, **ETAG})},
        WRITE_FAULTS,
        body=ref("SavedViewNew"),
        is_once=True,
    )


@describes(saved_views.SavedViewDetail, "GET")
def _views_read(_view: ApiView) -> Operation:
    return Operation(
        "views_read",
        gettext("One saved view"),
        _VIEWS,
        {200: answer(ref("SavedView"), gettext("The saved view."), ETAG)},
        (404, 429),
    )


@describes(saved_views.SavedViewDetail, "PATCH")
def _views_change(_view: ApiView) -> Operation:
    return Operation(
        "views_change",
        gettext("Change one of your own views"),
        _VIEWS,
        {200: answer(ref("SavedView"), gettext("The view as it now is."), ETAG)},
        (*WRITE_FAULTS, 404, 409, 428),
        body=ref("SavedViewChanges"),
        needs_version=True,
        is_once=True,
    )


@describes(saved_views.SavedViewDetail, "DELETE")
def _views_delete(_view: ApiView) -> Operation:
    return Operation(
        "views_delete",
        gettext("Take one of your own views away"),
        _VIEWS,
        {204: answer(None, gettext("Gone."))},
        (*WRITE_FAULTS, 404, 409, 428),
        needs_version=True,
        is_once=True,
    )


# Everything else ----------------------------------------------------------------------------------
_WHOLE = "general"


@describes(whole.Me, "GET")
def _me(_view: ApiView) -> Operation:
    names = ("id", "label", "locale", "time_zone", "department", "teams", "token", "permissions")
    shown: Schema = {"type": "object", "required": [*names, "levels"]}
    return Operation(
        "me", gettext("Who you are here and what you may do"), _WHOLE, {200: answer(shown, "")}
    )


@describes(whole.Search, "GET")
def _search(_view: ApiView) -> Operation:
    hit = {"type": TEXT, "id": {}, "title": TEXT, "customer": {}, "url": TEXT}
    found: Schema = {
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": {"type": "object", "properties": hit}}
        },
        "required": ["results"],
    }
    return Operation(
        "search",
        gettext("Records of every type that a few characters find"),
        _WHOLE,
        {200: answer(found, gettext("At most six of each type."))},
        (400, 429),
        parameters=[
            {
                **in_query(
                    "q", {**TEXT, "minLength": 1, "maxLength": 200}, gettext("What to find.")
                ),
                "required": True,
            },
            in_query("type", TEXT, gettext("Only one record type.")),
        ],
    )


@describes(whole.Index, "GET")
def _index(_view: ApiView) -> Operation:
    return Operation(
        "index",
        gettext("The lists that you may open"),
        _WHOLE,
        {200: answer({"type": "object", "additionalProperties": TEXT}, "")},
    )
