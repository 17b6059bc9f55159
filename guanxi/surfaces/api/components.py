"""The JSON schemas of records: what is read, what may be written, made from the declared fields."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import UUIDField

from guanxi.surfaces.fields import TEXTUAL, Field
from guanxi.surfaces.parsing import MAX_INTEGER, MAX_TEXT
from guanxi.surfaces.records import RecordType

Schema = dict[str, Any]
INSTANT: Schema = {"type": "string", "format": "date-time"}
TEXT: Schema = {"type": "string"}
_PLAIN: dict[str, Schema] = {
    "integer": {"type": "integer"},
    "money": {"type": "integer", "description": "Minor units of the currency."},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": INSTANT,
}


def ref(name: str) -> Schema:
    """A pointer to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def nothing_else(properties: dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    """An object with these properties and no others."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = list(required)
    return {**schema, "required": needed} if needed else schema


def component_name(record_type: RecordType) -> str:
    """The name of a record type's components."""
    return record_type.model.__name__


def has_random_ids(record_type: RecordType) -> bool:
    """Whether records of the type are known by random ids in place of numbers."""
    return isinstance(record_type.model._meta.pk, UUIDField)


def record_components(record_type: RecordType, fields: Sequence[Field]) -> dict[str, Schema]:
    """The components of one record type: a record, a page of them, what is sent to write one."""
    name = component_name(record_type)
    writable = {f.name: _described(f, write_schema(f)) for f in fields if not f.readonly}
    needed = [f.name for f in fields if f.required and not f.readonly]
    return {
        name: _record(record_type, fields),
        f"{name}Page": _page(name),
        f"{name}New": nothing_else(writable, needed),
        f"{name}Changes": {**nothing_else(writable), "minProperties": 0},
    }


def _record(record_type: RecordType, fields: Sequence[Field]) -> Schema:
    is_uuid = has_random_ids(record_type)
    own: dict[str, Schema] = {
        "id": {"type": "string", "format": "uuid"} if is_uuid else {"type": "integer"},
        "version": {"type": "integer", "description": "What If-Match wants; 0 where none is kept."},
        "archived_at": _or_null(INSTANT),
        **{f.name: _described(f, read_schema(f)) for f in fields},
        "currency": {"type": ["string", "null"], "description": "ISO 4217 code of the amounts."},
        "_masked": {
            "type": "array",
            "items": TEXT,
            "description": "Fields that are shown masked; hidden ones are absent.",
        },
    }
    if not any(f.type == "money" and f.currency_path for f in fields):
        own.pop("currency")
    return {
        "type": "object",
        "properties": own,
        "required": ["id", "version", "archived_at", "_masked"],
        "title": str(record_type.label),
    }


def _page(name: str) -> Schema:
    return {
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": ref(name)},
            "next": {"type": ["string", "null"], "format": "uri"},
            "previous": {"type": ["string", "null"], "format": "uri"},
            "count": {"type": ["integer", "null"]},
            "count_is_exact": {"type": "boolean"},
        },
        "required": ["results", "next", "previous", "count", "count_is_exact"],
    }


_READ: dict[str, Schema] = {
    **dict.fromkeys(TEXTUAL, TEXT),
    "multichoice": {"type": "array", "items": TEXT},
    "decimal": {"type": ["string", "number"]},
    "ref": ref("Reference"),
    "refs": {"type": "array", "items": ref("Reference")},
}
_BOUNDS: Schema = {"minimum": -MAX_INTEGER, "maximum": MAX_INTEGER}
_WRITE: dict[str, Schema] = {
    "integer": {**_PLAIN["integer"], **_BOUNDS},
    "money": {**_PLAIN["money"], **_BOUNDS},
    "decimal": {"type": ["number", "string"], "pattern": r"^-?\d{1,16}(\.\d{1,10})?$", **_BOUNDS},
    "ref": ref("ReferenceTo"),
    "refs": {"type": "array", "items": ref("ReferenceTo"), "maxItems": 500},
}


# One field ----------------------------------------------------------------------------------------
def read_schema(field: Field) -> Schema:
    """What a field looks like in an answer; in a group it may come masked, as a text."""
    schema = _or_null(_read(field))
    return {"anyOf": [schema, TEXT]} if field.group and schema.get("type") != _OPTIONAL else schema


_OPTIONAL = ["string", "null"]


def _read(field: Field) -> Schema:
    if field.type == "choice":
        return {"type": "string", "enum": [*_values(field), ""]}
    return _READ.get(field.type) or _PLAIN.get(field.type, {})


def _values(field: Field) -> list[str]:
    return [value for value, _label in field.choices]


def write_schema(field: Field) -> Schema:
    """What may be sent for a field; null means "no value" where a value is not required."""
    schema = _write(field)
    return schema if field.required else _or_null(schema)


def _write(field: Field) -> Schema:
    if field.type in TEXTUAL:
        shortest = {"minLength": 1} if field.required else {}
        return {"type": "string", "maxLength": field.max_length or MAX_TEXT, **shortest}
    if field.type == "choice":
        return {"type": "string", "enum": _values(field) + ([] if field.required else [""])}
    if field.type == "multichoice":
        return {"type": "array", "items": {"type": "string", "enum": _values(field)}}
    return _WRITE.get(field.type) or _PLAIN.get(field.type, {"type": ["object", "array"]})


def _or_null(schema: Schema) -> Schema:
    if not schema:
        return schema
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    nullable = {**schema, "type": [*kinds, "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable


def _described(field: Field, schema: Schema) -> Schema:
    """The schema with the field's own words: its label, help, choices and group."""
    said: Schema = {"title": str(field.label)}
    words = [str(field.help)] if field.help else []
    words += [schema["description"]] if "description" in schema else []
    if field.choices and len(field.choices) <= 40:
        words.append(", ".join(f"{value}: {label}" for value, label in field.choices))
    if words:
        said["description"] = " ".join(words)
    if field.group:
        said["x-group"] = field.group
    return {**schema, **said}


# Shared -------------------------------------------------------------------------------------------
def shared_components() -> dict[str, Schema]:
    """Components that no record type owns."""
    number: Schema = {"type": "integer"}
    return {
        "Reference": {
            "type": "object",
            "properties": {"id": {"type": ["integer", "string"]}, "label": _or_null(TEXT)},
            "required": ["id", "label"],
        },
        "ReferenceTo": {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
                nothing_else(
                    {"id": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}, "label": {}},
                    ["id"],
                ),
            ]
        },
        "Problem": _problem(number),
        "Change": {
            "type": "object",
            "properties": {
                "field": TEXT,
                "label": TEXT,
                "old": {},
                "new": {},
                "is_masked": {"type": "boolean"},
            },
            "required": ["field", "label", "old", "new", "is_masked"],
        },
        "HistoryEntry": _history_entry(number),
        "SavedView": _saved_view(number),
        "SavedViewNew": nothing_else(_view_parts(), ["type", "name"]),
        "SavedViewChanges": nothing_else(_view_parts()),
    }


def _problem(number: Schema) -> Schema:
    fault: Schema = {
        "type": "object",
        "properties": {"field": _or_null(TEXT), "code": TEXT, "message": TEXT},
        "required": ["field", "code", "message"],
    }
    difference: Schema = {
        "type": "object",
        "properties": {
            "field": TEXT,
            "label": TEXT,
            "base": {},
            "base_is_known": {"type": "boolean"},
            "mine": {},
            "theirs": {},
            "changed_by": TEXT,
            "changed_at": _or_null(INSTANT),
        },
        "required": ["field", "label", "base", "base_is_known", "mine", "theirs"],
    }
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": TEXT,
            "status": number,
            "code": TEXT,
            "detail": TEXT,
            "errors": {"type": "array", "items": fault},
            "version": number,
            "differences": {"type": "array", "items": difference},
            "permission": TEXT,
            "request_id": TEXT,
        },
        "required": ["type", "title", "status", "code"],
    }


def _history_entry(number: Schema) -> Schema:
    actor = {
        "type": "object",
        "properties": {"id": {"type": ["integer", "null"]}, "label": TEXT},
        "required": ["id", "label"],
    }
    return {
        "type": "object",
        "properties": {
            "id": number,
            "kind": TEXT,
            "at": INSTANT,
            "actor": actor,
            "channel": TEXT,
            "changes": {"type": "array", "items": ref("Change")},
            "facts": {"type": "object"},
        },
        "required": ["id", "kind", "at", "actor", "channel", "changes", "facts"],
    }


def _view_parts() -> dict[str, Schema]:
    return {
        "type": TEXT,
        "name": {"type": "string", "minLength": 1, "maxLength": 60},
        "condition": {"type": ["object", "null"]},
        "visibility": {"type": "string", "enum": ["private", "shared", "department"]},
        "is_segment": {"type": ["boolean", "null"]},
        "sort": {"type": ["string", "null"]},
        "columns": {"type": ["array", "null"], "items": TEXT},
        "frozen": {"type": ["string", "null"]},
    }


def _saved_view(number: Schema) -> Schema:
    properties: dict[str, Schema] = {
        "id": {"type": "string", "format": "uuid"},
        "version": number,
        **_view_parts(),
        "is_own": {"type": "boolean"},
        "created_at": INSTANT,
        "updated_at": INSTANT,
    }
    return {"type": "object", "properties": properties, "required": list(properties)}
