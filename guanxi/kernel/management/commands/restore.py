"""Puts a backup in place."""

import shutil
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from guanxi.kernel import bootstrap
from guanxi.kernel.backup import container
from guanxi.kernel.backup.reading import read_backup
from guanxi.kernel.backup.restoring import (
    LaidOut,
    NotRestored,
    is_empty,
    put_in_place,
    require_known_version,
)
from guanxi.kernel.backup.writing import Manifest, secret_mark
from guanxi.kernel.management.base import holding_data

REFUSED = (
    container.BadBackup,
    container.NoKey,
    NotRestored,
    bootstrap.NotReady,
    DatabaseError,
    OSError,
)


class Command(BaseCommand):
    """Check all of the backup first; touch nothing when anything is wrong with it."""

    help = "Puts a backup in place; refuses a database in use unless told, holds what is unsent."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, with which key, and whether what is there may be replaced."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--key-file", type=Path, help="default GUANXI_BACKUP_KEY_FILE")
        parser.add_argument(
            "--replace", action="store_true", help="put it in place of a database in use"
        )

    def handle(self, *, path: Path, key_file: Path | None, replace: bool, **options: Any) -> None:
        """Restore, or say why nothing was changed."""
        folder = Path(tempfile.mkdtemp(prefix="restore-", dir=settings.DATA_DIR))
        try:
            with holding_data():
                if not replace and not is_empty():
                    raise NotRestored("there are users in the database; --replace puts it aside")
                manifest = read_backup(path, container.key_of(key_file), into=folder)
                self.stdout.write(
                    f"The backup of {manifest.made_at} is whole: {manifest.rows} rows."
                )
                require_known_version(manifest)
                backup = LaidOut(manifest, folder)
                former = put_in_place(backup, at=timezone.now(), say=self.stdout.write)
        except REFUSED as error:
            raise CommandError(f"nothing was changed: {error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._say_what_is_next(manifest, former)

    def _say_what_is_next(self, manifest: Manifest, former: str) -> None:
        self.stdout.write(f"Restored: {manifest.rows} rows, {len(manifest.files)} files.")
        if former:
            self.stdout.write(f"The former database is kept: {former}")
        file = Path(settings.DATA_DIR) / "secret_key"
        kept = file.read_text().strip() if "secret_key" in manifest.others else ""
        if manifest.secret not in {secret_mark(kept), secret_mark(settings.SECRET_KEY)}:
            self.stdout.write(
                "Set GUANXI_SECRET_KEY to that of the former machine, or second factors and "
                "sign-in links do not open."
            )
        self.stdout.write(
            "What was not yet sent or done is held: `manage.py release_outbound` lets it go."
        )
