"""`manage.py import_file`: the importer without a browser."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.utils import timezone, translation

from guanxi.kernel.actor import Actor, Channel, get_actor, system_actor
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.files import keep_generated
from guanxi.kernel.management.base import DataCommand
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.errors_file import write_errors_file
from guanxi.surfaces.importing.mapping import Choices, exact, guess, targets, type_named
from guanxi.surfaces.importing.reading import UnreadableFile
from guanxi.surfaces.models import Import
from guanxi.surfaces.records import RecordType, record_types

COUNTS = ("created", "updated", "unchanged", "duplicates", "forbidden", "invalid")


class Command(DataCommand):
    """Read a CSV or XLSX file into the records of a type, as the pages do it."""

    help = (
        "Import a CSV (any usual encoding, also .gz) or XLSX file. Columns are chosen with --map; "
        "without it they are guessed from their names. Rows that cannot be taken are written to a "
        "file with the reason, ready to be mended and imported again. A second import of the same "
        "file changes nothing. Runs as the system unless --as names somebody."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to import, how to read it, in whose name."""
        known = ", ".join(sorted(t.plural for t in record_types() if t.is_importable))
        parser.add_argument("type", help=f"record type: {known}")
        parser.add_argument("file", type=Path, help="the file to import")
        several: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}
        column = "read a column into a field (customer.external_id=customer_id)"
        parser.add_argument("--map", metavar="FIELD=COLUMN", help=column, **several)
        value = "give every row this value (currency=GBP)"
        parser.add_argument("--set", metavar="FIELD=VALUE", help=value, **several)
        missing = "create records that rows refer to (customer)"
        parser.add_argument("--create-missing", metavar="TYPE", help=missing, **several)
        parser.add_argument("--as", dest="user", metavar="USER", help="act with a user's rights")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import in this process and tell what became of the rows."""
        actor = _actor(options["user"])
        record_type = type_named(options["type"])
        if record_type is None or not record_type.is_importable:
            raise CommandError(f"there is nothing called {options['type']} to import")
        with translation.override(actor.locale):
            try:
                source = self._import(record_type, actor, options)
                answer = _answer(source, is_preview=options["dry_run"])
            except UnreadableFile as error:
                raise CommandError(str(error)) from error
            except RuleViolation as error:
                reasons = [violation.text for violation in error.violations]
                raise CommandError("\n".join(reasons)) from error
            except Denied as error:
                raise CommandError(f"{options['user']} may not do this: {error}") from error
        self._tell(answer, is_json=options["json"])

    def _import(self, record_type: RecordType, actor: Actor, options: dict[str, Any]) -> Import:
        accepted = _taken(options["file"])
        source = services.create_import(record_type, accepted, actor=actor, at=timezone.now())
        choices = _choices(source, record_type, actor, options)
        services.choose_columns(source.pk, choices, actor=actor, at=timezone.now())
        source = Import.objects.select_related("file").get(pk=source.pk)
        acting = actor.through(Channel.IMPORT).within(str(source.pk))
        run = services.run_preview if options["dry_run"] else services.run_import
        run(source, actor=acting, progress=self._progress(options), clock=timezone.now)
        return source

    def _progress(self, options: dict[str, Any]) -> Any:
        shown = options["verbosity"] > 1 and not options["json"]

        def progress(done: int, total: int) -> None:
            if shown:
                self.stderr.write(f"{done} / {total}")

        return progress

    def _tell(self, answer: dict[str, Any], *, is_json: bool) -> None:
        if is_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for name, value in answer.items():
            self.stdout.write(f"{name}: {'' if value is None else value}")


def _actor(username: str | None) -> Actor:
    if username is None:
        return system_actor("import_file", Channel.COMMAND)
    users = get_user_model()._default_manager
    user = users.filter(**{get_user_model().USERNAME_FIELD: username}).first()
    if user is None:
        raise CommandError(f"there is no user {username}")
    return get_actor(user.pk, Channel.COMMAND)


def _taken(path: Path) -> Any:
    try:
        return keep_generated(path, path.name, "application/octet-stream")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def _pairs(written: list[str], option: str) -> dict[str, str]:
    pairs = {}
    for each in written:
        name, separator, value = each.partition("=")
        if not separator or not name:
            raise CommandError(f"{option} takes FIELD=…, not {each!r}")
        pairs[name] = value
    return pairs


def _choices(
    source: Import, record_type: RecordType, actor: Actor, options: dict[str, Any]
) -> Choices:
    """With --map only these columns and those called exactly as a field; else what is guessed."""
    offered, headers = targets(record_type, actor), source.about["headers"]
    mapped = _pairs(options["map"], "--map")
    constants = _pairs(options["set"], "--set")
    if mapped:
        fields = {offered[n].field.name for n in (*mapped, *constants) if n in offered}
        free = {
            name: column
            for name, column in exact(headers, offered).items()
            if column not in mapped.values() and offered[name].field.name not in fields
        }
        mapping = free | mapped
    else:
        mapping = {n: c for n, c in guess(headers, offered).items() if n not in constants}
    missing = [_missing_type(word) for word in options["create_missing"]]
    return Choices(mapping, constants, tuple(missing))


def _missing_type(word: str) -> str:
    record_type = type_named(word)
    if record_type is None:
        raise CommandError(f"there is nothing called {word} to create")
    return record_type.key


def _answer(source: Import, *, is_preview: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {name: source.counts.get(name, 0) for name in COUNTS}
    answer["errors_file"] = None
    if source.errors_file_id is not None:
        folder = settings.DATA_DIR / "imports"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{source.pk.hex}-errors.csv"
        write_errors_file(source, target, is_preview=is_preview)
        answer["errors_file"] = str(target)
    return answer
