"""Exports over the API: ask for a list as a file, follow it, take it once."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel.access import own
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.models import Run
from guanxi.surfaces.api.base import SIGNED_IN, ApiView, once
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.exporting import services
from guanxi.surfaces.models import Export
from guanxi.surfaces.records import RecordType, get_record_type, get_record_type_by_plural

_PARTS = frozenset({"type", "format", "query", "ids"})
MOST = 100


class ExportBase(ApiView):
    """What the addresses of exports share."""

    def document(self, export: Export) -> dict[str, Any]:
        """An export as JSON."""
        run = Run.objects.filter(pk=export.run_id).first() if export.run_id else None
        return {
            "id": str(export.pk),
            "type": get_record_type(export.record_key).plural,
            "format": export.file_format,
            "state": export.state,
            "columns": export.columns,
            "rows": export.row_count,
            "progress": {
                "done": run.progress_done if run else 0,
                "total": run.progress_total if run else 0,
            },
            "message": export.message,
            "created_at": export.created_at,
            "finished_at": export.finished_at,
            "expires_at": export.expires_at,
        }

    def found(self, pk: Any) -> Export:
        """One's own export, or none."""
        export = own(self.actor, Export.objects.filter(pk=pk)).first()
        if export is None:
            raise NotFound
        return export


class ExportList(ExportBase):
    """GET one's own exports, POST a new one."""

    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    def get(self, request: Request) -> Response:
        """The newest hundred of one's own exports."""
        del request
        self.query(frozenset())
        found = own(self.actor, Export.objects.all()).order_by("-created_at")[:MOST]
        return Response({"results": [self.document(export) for export in found]})

    @once
    def post(self, request: Request) -> Response:
        """Write a list to a file: `type`, `format` (csv, xlsx), `query` as of the list, `ids`."""
        del request
        record_type, wish = self._wish()
        export = services.create_export(record_type, wish, actor=self.actor, at=self.at)
        location = self.absolute(f"/api/v1/exports/{export.pk}/")
        return Response(self.document(export), 202, headers={"Location": location})

    def _wish(self) -> tuple[RecordType, services.Wish]:
        given = self.body(_PARTS)
        plural, query, ids = given.get("type"), given.get("query", {}), given.get("ids", [])
        record_type = get_record_type_by_plural(plural) if isinstance(plural, str) else None
        if record_type is None:
            raise RuleViolation("not_a_choice", _("There is no such record type."), "type")
        if not isinstance(query, dict) or not all(isinstance(v, str) for v in query.values()):
            raise RuleViolation("not_an_object", _("An object of texts is expected."), "query")
        if not isinstance(ids, list) or not all(type(i) is int and 0 < i < 2**63 for i in ids):
            raise RuleViolation("not_a_list", _("A list of record ids is expected."), "ids")
        return record_type, services.Wish(query, tuple(ids), str(given.get("format", "xlsx")))


class ExportDetail(ExportBase):
    """GET how far an export has come."""

    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN}

    def get(self, request: Request, pk: Any) -> Response:
        """The export."""
        del request
        return Response(self.document(self.found(pk)))


class ExportCancel(ExportBase):
    """POST to stop the writing."""

    needs: ClassVar[Mapping[str, str]] = {"POST": SIGNED_IN}

    @once
    def post(self, request: Request, pk: Any) -> Response:
        """Stop it; no part of the file is offered."""
        del request
        services.cancel_export(pk, actor=self.actor, at=self.at)
        return Response(self.document(self.found(pk)))


class ExportDownload(ExportBase):
    """POST to take the file, once."""

    needs: ClassVar[Mapping[str, str]] = {"POST": SIGNED_IN}
    is_repeatable = True

    def post(self, request: Request, pk: Any) -> Any:
        """The file; the same person with the same rights as when it was asked for."""
        del request
        stored = services.download_export(pk, actor=self.actor, at=self.at)
        return hand_out(stored)
