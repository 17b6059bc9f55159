"""Saved views over the API: list, create, read, change, take away."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.surfaces import services
from guanxi.surfaces.api.base import SIGNED_IN, ApiView, once
from guanxi.surfaces.api.values import check_types
from guanxi.surfaces.api.views import version_of
from guanxi.surfaces.fields import Field
from guanxi.surfaces.models import SavedView, Visibility
from guanxi.surfaces.records import (
    RecordType,
    get_record_type,
    get_record_type_by_plural,
    record_types,
)
from guanxi.surfaces.segments import list_views, read_view

_PARTS = (
    Field("type", type="text"),
    Field("name", type="text"),
    Field("condition", type="json"),
    Field("visibility", type="choice", choices=tuple(Visibility.choices)),
    Field("is_segment", type="boolean"),
    Field("sort", type="text"),
    Field("columns", type="json"),
    Field("frozen", type="text"),
)
_NAMES = frozenset(part.name for part in _PARTS)


class SavedViewBase(ApiView):
    """What the addresses of saved views share."""

    def document(self, view: SavedView) -> dict[str, Any]:
        """A saved view as JSON."""
        return {
            "id": str(view.pk),
            "version": view.version,
            "type": get_record_type(view.record_key).plural,
            "name": view.name,
            "condition": view.condition,
            "visibility": view.visibility,
            "is_segment": view.is_segment,
            "sort": view.sort,
            "columns": view.columns,
            "frozen": view.frozen,
            "is_own": view.owner_id == self.actor.user_id,
            "created_at": view.created_at,
            "updated_at": view.updated_at,
        }

    def answer(self, view: SavedView, status: int = 200, **headers: str) -> Response:
        """A saved view with its version."""
        return Response(
            self.document(view), status, headers={"ETag": f'"{view.version}"', **headers}
        )

    def require_writing(self, record_type: RecordType) -> None:
        """A token that may only read the records of a type keeps no views of them (A17)."""
        scopes = getattr(self.request.auth, "scopes", None)
        area = record_type.permission.rpartition(".")[2]
        if scopes is not None and scopes.get(area, scopes.get("*")) != "write":
            raise Denied("views.change")

    def parts(self) -> dict[str, Any]:
        """What was sent, each part of its JSON type."""
        given = self.body(_NAMES)
        check_types(_PARTS, given)
        columns = given.get("columns") or []
        if not isinstance(columns, list) or not all(isinstance(c, str) for c in columns):
            raise RuleViolation("not_a_list", _("A list of column names is expected."), "columns")
        return {name: value for name, value in given.items() if value is not None}


class SavedViewList(SavedViewBase):
    """GET the views that the caller may use, POST a new one."""

    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    def get(self, request: Request) -> Response:
        """Every usable view, by type and name; `type` narrows to one record type."""
        del request
        query = self.query(frozenset({"type"}))
        types = [t for t in record_types() if query.get("type") in {None, t.plural}]
        keys = [t.key for t in types if self.actor.can(t.allows("view"))]
        found = list_views(self.actor, keys)
        return Response({"results": [self.document(view) for view in found]})

    @once
    def post(self, request: Request) -> Response:
        """Keep a condition, sort and columns under a name."""
        del request
        given = self.parts()
        record_type = self._type(given.pop("type", ""))
        self.require_writing(record_type)
        spec = services.ViewSpec(**_spec(given, {"name": ""}))
        view = services.create_view(record_type, spec, actor=self.actor, at=self.at)
        return self.answer(view, 201, Location=self.absolute(f"/api/v1/views/{view.pk}/"))

    def _type(self, plural: Any) -> RecordType:
        found = get_record_type_by_plural(plural)
        if found is None:
            raise RuleViolation("not_a_choice", _("There is no such record type."), "type")
        return found


class SavedViewDetail(SavedViewBase):
    """GET, PATCH and DELETE one saved view; only its owner changes it."""

    needs: ClassVar[Mapping[str, str]] = {
        "GET": SIGNED_IN,
        "PATCH": SIGNED_IN,
        "DELETE": SIGNED_IN,
    }

    def get(self, request: Request, pk: Any) -> Response:
        """The view, when the caller may use it."""
        del request
        return self.answer(self._view(pk))

    @once
    def patch(self, request: Request, pk: Any) -> Response:
        """Change the named parts of the version that was read."""
        del request
        view = self._own(pk)
        version, given = version_of(self.request), self.parts()
        kind = get_record_type(view.record_key).plural
        if given.pop("type", kind) != kind:
            raise RuleViolation("readonly", _("This field cannot be set."), "type")
        changed = services.change_view(
            str(pk),
            view.record_key,
            services.ViewSpec(**_spec(given, self.document(view))),
            version=version,
            actor=self.actor,
            at=self.at,
        )
        return self.answer(changed)

    @once
    def delete(self, request: Request, pk: Any) -> Response:
        """Take the view away."""
        del request
        view, version = self._own(pk), version_of(self.request)
        services.archive_view(
            str(pk), view.record_key, version=version, actor=self.actor, at=self.at
        )
        return Response(status=204)

    def _view(self, pk: Any) -> SavedView:
        view = read_view(self.actor, str(pk))
        if not self.actor.can(get_record_type(view.record_key).allows("view")):
            raise NotFound
        return view

    def _own(self, pk: Any) -> SavedView:
        view = self._view(pk)
        self.require_writing(get_record_type(view.record_key))
        return view


def _spec(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a view: what was sent, else what it had."""
    spec = {name: before[name] for name in _NAMES - {"type"} if name in before} | dict(given)
    if "columns" in spec:
        spec["columns"] = tuple(spec["columns"])
    return spec
