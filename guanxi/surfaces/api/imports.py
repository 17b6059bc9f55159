"""Imports over the API: send a file, say what its columns are, check, import, take back."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel import files as store
from guanxi.kernel.access import own, require
from guanxi.kernel.errors import BadRequest, NotFound, RuleViolation
from guanxi.kernel.models import Run
from guanxi.surfaces.api.base import SIGNED_IN, ApiView, once
from guanxi.surfaces.api.parsers import read_json
from guanxi.surfaces.api.uploads import TakesFile
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.drafts import Outcome
from guanxi.surfaces.importing.mapping import Choices
from guanxi.surfaces.importing.reading import UnreadableFile
from guanxi.surfaces.models import Import
from guanxi.surfaces.records import RecordType, get_record_type, get_record_type_by_plural

MOST = 100
_CHOICES = ("mapping", "constants", "create_missing")


class ImportBase(ApiView):
    """What the addresses of imports share."""

    def document(self, source: Import) -> dict[str, Any]:
        """An import as JSON."""
        run = Run.objects.filter(pk=source.run_id).first() if source.run_id else None
        about = source.about
        return {
            "id": str(source.pk),
            "type": get_record_type(source.record_key).plural,
            "filename": source.filename,
            "state": source.state,
            "columns": about["headers"],
            "encoding": about["encoding"],
            "notices": about["notices"],
            "mapping": source.mapping,
            "constants": source.constants,
            "create_missing": [get_record_type(key).plural for key in source.create_missing],
            "counts": {outcome.value: source.counts.get(outcome.value, 0) for outcome in Outcome},
            "problems": about.get("examples", []),
            "has_errors_file": source.errors_file_id is not None,
            "undo": about.get("undo"),
            "progress": {
                "done": run.progress_done if run else 0,
                "total": run.progress_total if run else source.total_rows,
            },
            "message": source.message,
            "created_at": source.created_at,
            "finished_at": source.finished_at,
        }

    def found(self, pk: Any) -> Import:
        """One's own import, or none (A12)."""
        source = own(self.actor, Import.objects.filter(pk=pk)).first()
        if source is None:
            raise NotFound
        require(self.actor, get_record_type(source.record_key).allows("import"))
        return source


class ImportList(TakesFile, ImportBase):
    """GET one's own imports, POST a file."""

    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    def get(self, request: Request) -> Response:
        """The newest hundred of one's own imports."""
        del request
        self.query(frozenset())
        found = own(self.actor, Import.objects.all()).order_by("-created_at")[:MOST]
        return Response({"results": [self.document(source) for source in found]})

    @once
    def post(self, request: Request) -> Response:
        """Take a file in; the columns are guessed unless `mapping` says what they are."""
        given = self.body(frozenset({"type", "file", *_CHOICES}))
        del request
        source = self._take(_type(given.get("type")))
        chosen = {name: _read_json(name, given[name]) for name in _CHOICES if name in given}
        if chosen:
            choices = read_choices(source, chosen)
            services.choose_columns(source.pk, choices, actor=self.actor, at=self.at)
            source = self.found(source.pk)
        location = self.absolute(f"/api/v1/imports/{source.pk}/")
        return Response(self.document(source), 201, headers={"Location": location})

    def _take(self, record_type: RecordType) -> Import:
        require(self.actor, record_type.allows("import"))
        accepted = self.accepted(kinds=store.TABLES)
        try:
            return services.create_import(record_type, accepted, actor=self.actor, at=self.at)
        except UnreadableFile as error:
            store.discard(accepted.id)
            raise RuleViolation(error.code, str(error), "file") from error


def _type(plural: Any) -> RecordType:
    record_type = get_record_type_by_plural(plural) if isinstance(plural, str) else None
    if record_type is None or not record_type.is_importable:
        raise RuleViolation("not_a_choice", _("There is no such record type."), "type")
    return record_type


def _read_json(name: str, written: Any) -> Any:
    try:
        return read_json(written.encode()) if isinstance(written, str) else written
    except (BadRequest, RuleViolation) as error:
        raise RuleViolation("bad_json", _("This is not JSON."), name) from error


def read_choices(source: Import, given: Mapping[str, Any]) -> Choices:
    """The choices that a body names; the others stay as they are."""
    mapping = given.get("mapping", source.mapping)
    constants = given.get("constants", source.constants)
    for name, value in (("mapping", mapping), ("constants", constants)):
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise RuleViolation("not_an_object", _("An object of texts is expected."), name)
    if "create_missing" not in given:
        return Choices(mapping, constants, tuple(source.create_missing))
    plurals = given["create_missing"]
    if not isinstance(plurals, list) or not all(isinstance(p, str) for p in plurals):
        raise RuleViolation(
            "not_a_list", _("A list of record types is expected."), "create_missing"
        )
    found = [(p, get_record_type_by_plural(p)) for p in plurals]
    return Choices(mapping, constants, tuple(t.key if t else p for p, t in found))


class ImportDetail(ImportBase):
    """GET an import, PATCH what its columns are."""

    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN, "PATCH": SIGNED_IN}

    def get(self, request: Request, pk: Any) -> Response:
        """The import."""
        del request
        return Response(self.document(self.found(pk)))

    @once
    def patch(self, request: Request, pk: Any) -> Response:
        """Say which column becomes which field."""
        del request
        source, given = self.found(pk), self.body(frozenset(_CHOICES))
        choices = read_choices(source, given)
        services.choose_columns(source.pk, choices, actor=self.actor, at=self.at)
        return Response(self.document(self.found(pk)))


class ImportStep(ImportBase):
    """POST to check, start, stop or take back."""

    needs: ClassVar[Mapping[str, str]] = {"POST": SIGNED_IN}
    step = ""

    @once
    def post(self, request: Request, pk: Any) -> Response:
        """Queue the step; follow it by reading the import."""
        del request
        service = {
            "preview": services.start_preview,
            "start": services.start_import,
            "cancel": services.cancel_import,
            "undo": services.start_undo,
        }[self.step]
        source = service(self.found(pk).pk, actor=self.actor, at=self.at)
        return Response(self.document(source), 202)


class ImportErrors(ImportBase):
    """GET the rows that were not taken."""

    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN}

    def get(self, request: Request, pk: Any) -> Any:
        """A CSV file with the reasons in its last column."""
        del request
        stored = self.found(pk).errors_file
        if stored is None:
            raise NotFound
        return hand_out(stored)
