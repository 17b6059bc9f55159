"""The OpenAPI 3.1 description of the API, made from the declared fields and verbs."""

from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import get_language, gettext
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from guanxi.surfaces.api.base import ApiView
from guanxi.surfaces.api.components import (
    Schema,
    has_random_ids,
    record_components,
    ref,
    shared_components,
)
from guanxi.surfaces.api.errors import MEDIA_TYPE, TITLES
from guanxi.surfaces.api.file_operations import file_components
from guanxi.surfaces.api.import_operations import import_components
from guanxi.surfaces.api.operations import Operation, describe
from guanxi.surfaces.models import CustomField
from guanxi.surfaces.records import get_record_type_by_plural, record_types

ALWAYS = (401, 500, 503)


class RecordSchema(AutoSchema):
    """Describes an address by its own words, without serializers."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema:
        """The operation object of one method."""
        del path_regex, path_prefix, registry
        assert isinstance(self.view, ApiView)  # noqa: S101  nothing else is an address of the API
        found = describe(self.view, method)
        parameters = [*_in_path(path), *_in_headers(found), *found.parameters]
        operation: Schema = {
            "operationId": found.name,
            "summary": found.summary,
            "tags": [found.tag],
            "responses": _responses(found),
        }
        if parameters:
            operation["parameters"] = parameters
        if found.permission:
            operation["x-permission"] = found.permission
        if found.body is not None:
            content = {found.body_type: {"schema": found.body}}
            operation["requestBody"] = {"content": content, "required": found.is_body_required}
        return operation


def _in_path(path: str) -> list[Schema]:
    if "{id}" not in path:
        return []
    found = get_record_type_by_plural(path.removeprefix("/api/v1/").partition("/")[0])
    is_random = found is None or has_random_ids(found)
    return [_shared("parameters", "RandomId" if is_random else "Id")]


def _in_headers(found: Operation) -> list[Schema]:
    wanted = {"IfMatch": found.needs_version, "IdempotencyKey": found.is_once}
    return [_shared("parameters", name) for name, is_wanted in wanted.items() if is_wanted]


def _responses(found: Operation) -> Schema:
    good: Schema = {str(status): said for status, said in found.answers.items()}
    bad = {
        str(status): _shared("responses", f"Problem{status}")
        for status in sorted({*found.faults, *ALWAYS})
    }
    return good | bad


def _shared(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _parameters() -> Schema:
    number: Schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    in_path: Schema = {"name": "id", "in": "path", "required": True}
    return {
        "Id": {**in_path, "schema": number},
        "RandomId": {**in_path, "schema": {"type": "string", "format": "uuid"}},
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
            "description": gettext('The version that you read, for example "3".'),
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
            "description": gettext("Makes a repeated request have one effect for 24 hours."),
        },
    }


def _problems() -> Schema:
    """The refusals that an operation may name."""
    retry: Schema = {"Retry-After": {"schema": {"type": "string"}}}
    return {
        f"Problem{status}": {
            "description": str(title),
            "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
            **({"headers": retry} if status in {429, 503} else {}),
        }
        for status, title in TITLES.items()
    }


class Generator(SchemaGenerator):
    """The whole description, with custom fields or only with what the code declares."""

    def __init__(self, *, with_custom: bool = True) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.with_custom = with_custom

    def get_schema(self, request: Any = None, public: bool = True) -> Schema:
        """Paths from the addresses, components from the declarations."""
        schema: Schema = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        components = shared_components() | file_components() | import_components()
        for each in record_types():
            fields = each.all_fields() if self.with_custom else each.declared()
            components |= record_components(each, list(fields.values()))
        schema["components"] = {
            "schemas": dict(sorted(components.items())),
            "parameters": _parameters(),
            "responses": _problems(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": gettext("API token")},
                "session": {"type": "apiKey", "in": "cookie", "name": "guanxi"},
            },
        }
        schema["security"] = [{"token": []}, {"session": []}]
        schema["tags"] = [
            {"name": each.plural, "description": str(each.label_plural)} for each in record_types()
        ]
        schema["info"]["description"] = gettext(
            "Lists page by keyset, changes name the version that they were made from, refusals are "
            "problem documents. Times are UTC, amounts are in minor units, nothing is ever deleted."
        )
        return schema


def describe_api() -> Schema:
    """The description in the reader's language, custom fields included; made once per change."""
    known = CustomField.objects.aggregate(count=Count("id"), last=Max("updated_at"))
    return _generated(get_language() or "", f"{known['count']} {known['last']}")


@lru_cache(maxsize=8)
def _generated(language: str, stamp: str) -> Schema:
    del language, stamp  # They are the key.
    return Generator().get_schema()
