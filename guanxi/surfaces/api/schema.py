"""The OpenAPI 3.1 description of the API, made from the declared fields and verbs."""

from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import get_language, gettext
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from guanxi.surfaces.api.base import ApiView
from guanxi.surfaces.api.components import Schema, record_components, ref, shared_components
from guanxi.surfaces.api.errors import MEDIA_TYPE, TITLES
from guanxi.surfaces.api.operations import Operation, describe
from guanxi.surfaces.models import CustomField
from guanxi.surfaces.records import record_types

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
    is_uuid = path.startswith(("/api/v1/views/", "/api/v1/attachments/"))
    schema: Schema = (
        {"type": "string", "format": "uuid"} if is_uuid else {"type": "integer", "minimum": 1}
    )
    return [{"name": "id", "in": "path", "required": True, "schema": schema}]


def _in_headers(found: Operation) -> list[Schema]:
    text: Schema = {"type": "string"}
    headers: list[Schema] = []
    if found.needs_version:
        headers.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "schema": {**text, "pattern": '^"[0-9]{1,9}"$'},
                "description": gettext('The version that you read, for example "3".'),
            }
        )
    if found.is_once:
        headers.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {**text, "pattern": "^[!-~]{1,100}$"},
                "description": gettext("Makes a repeated request have one effect for 24 hours."),
            }
        )
    return headers


def _responses(found: Operation) -> Schema:
    responses: Schema = {str(status): said for status, said in found.answers.items()}
    for status in sorted({*found.faults, *ALWAYS}):
        said: Schema = {
            "description": str(TITLES[status]),
            "content": {MEDIA_TYPE: {"schema": ref("Problem")}},
        }
        if status in {429, 503}:
            said["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
        responses[str(status)] = said
    return responses


class Generator(SchemaGenerator):
    """The whole description, with custom fields or only with what the code declares."""

    def __init__(self, *, with_custom: bool = True) -> None:
        super().__init__()
        self.with_custom = with_custom

    def get_schema(self, request: Any = None, public: bool = True) -> Schema:
        """Paths from the addresses, components from the declarations."""
        schema: Schema = super().get_schema(request, public)
        components = shared_components()
        for each in record_types():
            fields = each.all_fields() if self.with_custom else each.declared()
            components |= record_components(each, list(fields.values()))
        schema["components"] = {
            "schemas": dict(sorted(components.items())),
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
