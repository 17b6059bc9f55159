"""The description of the API for programs and for people; both only for who is signed in (L11)."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.surfaces.api.base import SIGNED_IN, ApiView
from guanxi.surfaces.api.guide import CHAPTERS, PROBLEMS
from guanxi.surfaces.api.schema import describe_api
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.requests import actor_of, answer, signed_in
from guanxi.surfaces.records import RecordType, get_record_type_by_plural, record_types

METHODS = ("get", "post", "patch", "delete")


class SchemaView(ApiView):
    """GET the OpenAPI 3.1 document."""

    schema = None
    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN}

    def get(self, request: Request) -> Response:
        """The document in the caller's language."""
        del request
        return Response(describe_api(), content_type="application/vnd.oai.openapi+json")


@require_GET
@signed_in
def show_guide(request: HttpRequest) -> HttpResponse:
    """How the API is used, what its refusals mean, which record types it offers."""
    root = request.build_absolute_uri("/api/v1/")
    limits = {"rate": settings.API_REQUESTS_PER_MINUTE, "burst": settings.API_BURST}
    context = {
        "chapters": [
            {
                "key": chapter.key,
                "title": chapter.title,
                "lines": [_filled(line, limits) for line in chapter.lines],
                "example": chapter.example.format(root=root),
            }
            for chapter in CHAPTERS
        ],
        "problems": [
            {"code": code, "status": status, "words": _parts(str(words))}
            for code, status, words in PROBLEMS
        ],
        "types": _types(actor_of(request)),
        "others": _operations(describe_api(), ("views", "imports", "exports", "general")),
    }
    return answer(request, "surfaces/api/guide.html", context)


def _filled(line: Any, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _parts(str(line) % values if "%(" in str(line) else str(line))


def _parts(text: str) -> list[dict[str, Any]]:
    """A text taken apart at its `…`: every second part is code."""
    pieces = enumerate(text.split("`"))
    return [{"text": piece, "is_code": number % 2 == 1} for number, piece in pieces if piece]


@require_GET
@signed_in
def show_type(request: HttpRequest, plural: str) -> HttpResponse:
    """The operations and fields of one record type."""
    record_type = get_record_type_by_plural(plural)
    if record_type is None:
        raise NotFound
    context = {
        "type": record_type,
        "types": _types(actor_of(request)),
        "operations": _operations(describe_api(), (plural,)),
        "fields": list(_fields(record_type, actor_of(request))),
    }
    return answer(request, "surfaces/api/type.html", context)


def _types(actor: Actor) -> list[dict[str, Any]]:
    return [
        {"plural": each.plural, "label": each.label_plural, "icon": each.icon}
        for each in record_types()
        if actor.can(each.allows("view"))
    ]


def _operations(api: Mapping[str, Any], tags: Iterable[str]) -> list[dict[str, Any]]:
    """The operations with one of the tags, in the order of the addresses."""
    wanted = set(tags)
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation["summary"],
            "permission": operation.get("x-permission", ""),
            "needs_version": {"$ref": "#/components/parameters/IfMatch"}
            in operation.get("parameters", []),
            "body": _body(operation),
        }
        for path, methods in api["paths"].items()
        for method in METHODS
        if (operation := methods.get(method)) and wanted & set(operation["tags"])
    ]


def _body(operation: Mapping[str, Any]) -> list[str]:
    """The names that an operation's own body has; records' fields are listed apart."""
    content = operation.get("requestBody", {}).get("content", {})
    schemas = [part["schema"] for part in content.values()]
    return [name for schema in schemas for name in schema.get("properties", {})]


def _fields(record_type: RecordType, actor: Actor) -> Iterable[dict[str, Any]]:
    for field in record_type.all_fields().values():
        yield {
            "field": field,
            "level": _level(field, actor),
            "operators": field.operators if field.filterable and field.is_clear(actor) else (),
        }


def _level(field: Field, actor: Actor) -> str:
    return actor.level(field.group).label if field.group else ""
