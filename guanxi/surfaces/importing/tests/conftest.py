"""Helpers of the import tests: a file goes in, the worker does the rest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from guanxi.kernel.actor import Actor, Channel, system_actor
from guanxi.kernel.files import keep_generated
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Run, RunState
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.mapping import Choices
from guanxi.surfaces.models import Import
from guanxi.surfaces.records import get_record_type

SYSTEM = system_actor("tests", Channel.COMMAND)
COUNTS = ("created", "updated", "unchanged", "duplicates", "forbidden", "invalid")


def counted(**numbers: int) -> dict[str, int]:
    """The counts of an import, zero where nothing is said."""
    return dict.fromkeys(COUNTS, 0) | numbers


def rows_of(label: str) -> Any:
    """Every stored row of a model: these tests may not import the bands above."""
    return apps.get_model(label).objects.all()


class Importing:
    """Imports as the pages do: take in, choose, check, start; the worker in between."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0

    def take(self, key: str, content: str | bytes | Path, actor: Actor = SYSTEM) -> Import:
        """A file with its guessed columns."""
        path = content if isinstance(content, Path) else self._written(content)
        accepted = keep_generated(path, path.name, "text/csv")
        return services.create_import(
            get_record_type(key), accepted, actor=actor, at=timezone.now()
        )

    def _written(self, content: str | bytes) -> Path:
        self.number += 1
        path = self.folder / f"file{self.number}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def choose(self, source: Import, actor: Actor = SYSTEM, **choices: Any) -> Import:
        """Other columns than the guessed ones."""
        chosen = Choices(
            choices.get("mapping", source.mapping),
            choices.get("constants", source.constants),
            tuple(choices.get("create_missing", source.create_missing)),
        )
        return services.choose_columns(source.pk, chosen, actor=actor, at=timezone.now())

    def work(self, source: Import) -> Import:
        """Let the worker do what waits, and read the import again."""
        while execute_due(at=timezone.now()):
            pass
        source = Import.objects.select_related("file", "errors_file").get(pk=source.pk)
        assert Run.objects.get(pk=source.run_id).state == RunState.DONE, source.message
        return source

    def check(self, source: Import, actor: Actor = SYSTEM) -> Import:
        """The preview."""
        services.start_preview(source.pk, actor=actor, at=timezone.now())
        return self.work(source)

    def start(self, source: Import, actor: Actor = SYSTEM) -> Import:
        """The import after its preview."""
        services.start_import(source.pk, actor=actor, at=timezone.now())
        return self.work(source)

    def undo(self, source: Import, actor: Actor = SYSTEM) -> Import:
        """Take it back."""
        services.start_undo(source.pk, actor=actor, at=timezone.now())
        return self.work(source)

    def whole(
        self, key: str, content: str | bytes | Path, actor: Actor = SYSTEM, **choices: Any
    ) -> Import:
        """From file to records; the preview foretells the counts."""
        source = self.take(key, content, actor)
        if choices:
            self.choose(source, actor, **choices)
        checked = self.check(source, actor)
        foretold = dict(checked.counts)
        done = self.start(checked, actor)
        assert done.counts == foretold
        return done


@pytest.fixture
def importing(settings, tmp_path: Path) -> Importing:
    settings.FILES_DIR = tmp_path / "files"
    settings.DATA_DIR = tmp_path
    return Importing(tmp_path)


Whole = Callable[..., Import]
