"""What every record type must do, as tests that a type inherits with a few lines.

    class TestTag(RecordSuite):
        key = "customers.tag"
        new = {"name": "急"}
        change = ("description", "today")

The suite needs the fixtures `company`, `callers` and `enter`, and `settings` and `tmp_path`.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion, VersionMissing
from guanxi.kernel.files import keep_generated, open_stored
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Event
from guanxi.surfaces.exporting import services as exports
from guanxi.surfaces.importing import services as imports
from guanxi.surfaces.importing.mapping import Choices
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import Export, Import
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services import (
    archive_record,
    change_record,
    create_record,
    parse_values,
    restore_record,
)

Values = Mapping[str, Any] | Callable[[Any], Mapping[str, Any]]


class RecordSuite:
    """List, scope, create, edit, archive, API, export, import and statement count of one type."""

    key: ClassVar[str]
    #: What makes a new record: raw values, or a function of the company that gives them.
    new: ClassVar[Values]
    #: A field that may be changed in place, and a value for it.
    change: ClassVar[tuple[str, Any]]
    #: Who may do everything with records of the type, and who may not even see them.
    keeper: ClassVar[str] = "administrator"
    outsider: ClassVar[str | None] = "hr"
    is_archivable: ClassVar[bool] = True
    is_written_by_api: ClassVar[bool] = True
    #: A list of fifty rows costs no more statements than this.
    statements: ClassVar[int] = 6

    # Steps ----------------------------------------------------------------------------------------
    @property
    def type(self) -> RecordType:
        """The record type."""
        return get_record_type(self.key)

    def actor(self, company: Any, name: str = "") -> Actor:
        """The keeper, or somebody else, having just given the password."""
        found: Actor = company.actor(name or self.keeper, authenticated_at=timezone.now())
        return found

    def raw(self, company: Any) -> dict[str, Any]:
        """The raw values of a new record."""
        given = type(self).new
        return dict(given(company) if callable(given) else given)

    def made(self, company: Any, **changes: Any) -> Any:
        """A new record, made by the service."""
        actor = self.actor(company)
        values = parse_values(self.type, self.raw(company) | changes, actor=actor)
        return create_record(self.type, values, actor=actor, at=timezone.now())

    def listing(self, company: Any, name: str = "") -> Listing:
        """The list as somebody reads it."""
        return Listing(self.type, self.actor(company, name), at=timezone.now())

    def ids(self, company: Any, name: str = "", **request: Any) -> set[Any]:
        """The ids of everything that somebody finds."""
        pages = self.listing(company, name).iterate(ListRequest(**request))
        return {row.pk for page in pages for row in page}

    def events(self, record: Any) -> list[str]:
        """What happened to a record, in order."""
        rows = Event.objects.filter(subject_type=self.key, subject_id=str(record.pk))
        return list(rows.order_by("pk").values_list("kind", flat=True))

    # Create ---------------------------------------------------------------------------------------
    def test_a_new_record_is_listed_read_and_written_down(self, company: Any) -> None:
        """Created once: in the list, readable, with one event that names who."""
        record = self.made(company)
        assert record.pk in self.ids(company)
        row = self.listing(company).read(record.pk)
        assert row.version == 1
        assert self.events(record) == ["record.created"]
        event = Event.objects.get(subject_type=self.key, subject_id=str(record.pk))
        assert event.actor_user_id == company.users[self.keeper].pk

    def test_what_is_required_is_named_when_it_is_missing(self, company: Any) -> None:
        """Every required field that is not given is reported, and nothing is written."""
        needed = {f.name for f in self.type.fields if f.required and not f.readonly}
        if not needed:
            return
        before = self.type.model._base_manager.count()
        actor = self.actor(company)
        found = refused(lambda: create_record(self.type, {}, actor=actor, at=timezone.now()))
        assert isinstance(found, RuleViolation)
        assert {v.field for v in found.violations} == needed
        assert self.type.model._base_manager.count() == before

    # Scope ----------------------------------------------------------------------------------------
    def test_an_outsider_finds_and_does_nothing(self, company: Any) -> None:
        """Without the right there is no list, no record, no change, and nobody can tell why."""
        if self.outsider is None:
            return
        record, actor = self.made(company), self.actor(company, self.outsider)
        assert self.ids(company, self.outsider) == set()
        assert self.listing(company, self.outsider).count(ListRequest(), exact=True) == (0, True)
        for act in (
            lambda: self.listing(company, self.outsider or "").read(record.pk),
            lambda: self.save(record.pk, actor, 1),
            lambda: archive_record(self.type, record.pk, version=1, actor=actor, at=timezone.now()),
            lambda: create_record(self.type, {}, actor=actor, at=timezone.now()),
        ):
            assert refusal(act) in {"NotFound", "Denied"}
        assert self.events(record) == ["record.created"]

    # Change ---------------------------------------------------------------------------------------
    def save(self, pk: Any, actor: Actor, version: int | None) -> Any:
        """Change the one field."""
        name, raw = self.change
        values = parse_values(self.type, {name: raw}, actor=actor)
        return change_record(self.type, pk, values, version=version, actor=actor, at=timezone.now())

    def test_a_change_counts_up_and_is_written_down_with_old_and_new(self, company: Any) -> None:
        """Version, time, event; the same change again is none."""
        record, actor = self.made(company), self.actor(company)
        before = self.listing(company).read(record.pk).values[self.change[0]]
        changed = self.save(record.pk, actor, 1)
        assert changed.version == 2
        assert self.events(record) == ["record.created", "record.changed"]
        row = self.listing(company).read(record.pk)
        assert row.values[self.change[0]] != before
        event = Event.objects.filter(subject_type=self.key, kind="record.changed").get()
        kept = dict(event.data.get("changes", {}))
        kept |= event.detail.values if hasattr(event, "detail") else {}
        assert set(kept) == {self.change[0]}
        assert self.save(record.pk, actor, 2).version == 2

    def test_a_change_says_which_version_it_was_made_from(self, company: Any) -> None:
        """None and one that never was are refused; of an old one the same value writes nothing."""
        record, actor = self.made(company), self.actor(company)
        self.save(record.pk, actor, 1)
        assert refusal(lambda: self.save(record.pk, actor, None)) == "VersionMissing"
        for never in (0, 99):
            assert refusal(partial(self.save, record.pk, actor, never)) == "StaleVersion"
        assert self.save(record.pk, actor, 1).version == 2
        assert self.events(record).count("record.changed") == 1

    def test_a_version_of_which_nothing_is_told_is_refused_with_the_difference(
        self, company: Any
    ) -> None:
        """Where no event tells what changed meanwhile, the second editor compares by hand (G01)."""
        record, actor = self.made(company), self.actor(company)
        self.type.model._base_manager.filter(pk=record.pk).update(version=2)
        error = refused(lambda: self.save(record.pk, actor, 1))
        assert isinstance(error, StaleVersion)
        assert [d.field for d in error.differences] == [self.change[0]]
        assert not error.differences[0].is_base_known
        assert self.events(record) == ["record.created"]

    def test_an_archived_record_leaves_the_list_and_comes_back(self, company: Any) -> None:
        """Nothing is deleted."""
        if not self.is_archivable:
            return
        record, actor = self.made(company), self.actor(company)
        archive_record(self.type, record.pk, version=1, actor=actor, at=timezone.now())
        assert record.pk not in self.ids(company)
        assert record.pk in self.ids(company, archived=True)
        restore_record(self.type, record.pk, version=2, actor=actor, at=timezone.now())
        assert record.pk in self.ids(company)
        assert self.events(record) == ["record.created", "record.archived", "record.restored"]

    # API ------------------------------------------------------------------------------------------
    def test_a_program_reads_what_a_person_reads(self, company: Any, callers: Any) -> None:
        """The API's list and record show the list's rows and fields."""
        record = self.made(company)
        caller = callers(self.keeper)
        listed = caller.get(f"{self.type.plural}/", size="200")
        assert listed.status_code == 200
        assert record.pk in {as_id(row["id"]) for row in listed.json()["results"]}
        read = caller.get(f"{self.type.plural}/{record.pk}/")
        assert read.headers["ETag"] == '"1"'
        assert set(self.listing(company).fields) <= set(read.json())
        if self.outsider is not None:
            assert callers(self.outsider).get(f"{self.type.plural}/{record.pk}/").status_code in {
                403,
                404,
            }

    def test_a_program_creates_and_changes_with_a_version(self, company: Any, callers: Any) -> None:
        """201 with an address, 428 without a version, 409 with an old one."""
        if not self.is_written_by_api:
            return
        caller, (name, raw) = callers(self.keeper), self.change
        path = f"{self.type.plural}/"
        body = json.loads(json.dumps(self.raw(company), default=str))
        made = caller.post(path, body)
        assert made.status_code == 201, made.content
        path = made.headers["Location"]
        assert caller.patch(path, {name: raw}).status_code == 428
        assert caller.patch(path, {name: raw}, 7).status_code == 409
        changed = caller.patch(path, {name: raw}, 1)
        assert (changed.status_code, changed.json()["version"]) == (200, 2)
        refused = caller.patch(path, {"no_such_field": 1}, 2)
        assert refused.json()["errors"][0]["field"] == "no_such_field"

    # Pages ----------------------------------------------------------------------------------------
    def test_its_pages_open(self, company: Any, enter: Any) -> None:
        """List, record, form and history answer for the keeper."""
        record, client = self.made(company), enter(self.keeper)
        base = f"/{self.type.plural}/"
        for path in (base, f"{base}?view=", f"{base}{record.pk}/", f"{base}{record.pk}/history/"):
            assert client.get(path).status_code == 200, path
        assert client.get(f"{base}{record.pk}/edit/").status_code == 200

    # Out and in -----------------------------------------------------------------------------------
    def exported(self, company: Any, record: Any, columns: str) -> list[dict[str, str]]:
        """The rows of a CSV of this one record."""
        actor, at = self.actor(company), timezone.now()
        wish = exports.Wish({"columns": columns}, (record.pk,), "csv")
        export = exports.create_export(self.type, wish, actor=actor, at=at)
        work()
        export = Export.objects.get(pk=export.pk)
        assert export.state == "done", export.message
        with open_stored(export.file_id) as stream:  # type: ignore[arg-type]
            text = stream.read().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    def test_it_is_taken_out_and_brought_in_again_unchanged(
        self, company: Any, settings: Any, tmp_path: Path
    ) -> None:
        """An export holds the record; importing the same file changes nothing."""
        actor = self.actor(company)
        if not actor.can(self.type.allows("export")):
            return
        settings.FILES_DIR = tmp_path / "files"
        record = self.made(company)
        names = self._carried(actor)
        if isinstance(record.pk, int):
            rows = self.exported(company, record, ",".join(names))
            assert len(rows) >= 1
            self._bring_in(company, rows, actor, tmp_path)
        after: Any = self.type.model._base_manager.get(pk=record.pk)
        assert after.version == 1

    def _carried(self, actor: Actor) -> list[str]:
        """The fields that a file carries in both directions."""
        keys = {name for key in self.type.import_keys for name in key}
        fields = (f for f in self.type.fields if f.column and f.is_clear(actor))
        return [f.name for f in fields if f.name in keys or (f.importable and not f.readonly)]

    def _bring_in(
        self, company: Any, rows: list[dict[str, str]], actor: Actor, folder: Path
    ) -> None:
        if not (self.type.is_importable and actor.can(self.type.allows("import"))):
            return
        path = folder / "again.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerow(rows[0])
        at = timezone.now()
        accepted = keep_generated(path, path.name, "text/csv")
        source = imports.create_import(self.type, accepted, actor=actor, at=at)
        chosen = Choices(source.mapping, {}, ())
        imports.choose_columns(source.pk, chosen, actor=actor, at=at)
        imports.start_preview(source.pk, actor=actor, at=at)
        work()
        checked = Import.objects.get(pk=source.pk)
        counts = {name: n for name, n in checked.counts.items() if n}
        assert counts == {"unchanged": 1}, (counts, checked.about, checked.mapping)

    # Cost -----------------------------------------------------------------------------------------
    def test_a_list_costs_the_same_for_few_rows_and_many(self, company: Any) -> None:
        """No statement per row."""
        self.made(company)
        spent = []
        for size in (1, 50):
            with CaptureQueriesContext(connection) as queries:
                self.listing(company).page(ListRequest(size=size))
            spent.append(len(queries))
        assert max(spent) <= self.statements
        # Where rows without a value come last, a page that the others do not fill asks once more.
        assert spent[1] - spent[0] <= 1


def refused(act: Callable[[], Any]) -> Exception | None:
    """The refusal that an act meets, or nothing."""
    try:
        act()
    except (Denied, NotFound, StaleVersion, VersionMissing, RuleViolation) as error:
        return error
    return None


def refusal(act: Callable[[], Any]) -> str:
    """The name of the refusal that an act meets, or nothing."""
    found = refused(act)
    return type(found).__name__ if found else ""


def as_id(value: Any) -> Any:
    """An id of JSON as the database gives it."""
    from uuid import UUID

    return UUID(value) if isinstance(value, str) and len(value) == 36 else value


def work() -> None:
    """Let the worker do what waits."""
    while execute_due(at=timezone.now() + timedelta(seconds=1)):
        pass
