"""Makes an enciphered backup of everything while the product runs."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from guanxi.kernel.backup import container, services
from guanxi.kernel.management.base import DataCommand


class Command(DataCommand):
    """Write, read again, keep; the exit code is 1 when there is no good backup."""

    help = "Makes an enciphered backup of database, files and keys, online, and checks it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and with which key."""
        parser.add_argument("--to", type=Path, help="folder (default GUANXI_BACKUP_DIR)")
        parser.add_argument("--key-file", type=Path, help="default GUANXI_BACKUP_KEY_FILE")
        parser.add_argument("--json", action="store_true", help="say what was made as JSON")

    def handle(self, *, to: Path | None, key_file: Path | None, **options: Any) -> None:
        """Make one backup."""
        folder = to or (Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None)
        if folder is None:
            raise CommandError("say where to: --to FOLDER, or GUANXI_BACKUP_DIR")
        try:
            secret = container.key_of(key_file)
        except container.NoKey as error:
            raise CommandError(str(error)) from error
        row = services.begin_backup(folder, at=timezone.now())
        try:
            manifest = services.write_and_check(row, secret)
        except Exception as error:
            services.fail_backup(row, f"{type(error).__name__}: {error}", at=timezone.now())
            raise CommandError(f"no backup was made: {error}") from error
        services.end_backup(row, manifest, at=timezone.now())
        if options["json"]:
            facts = {"path": row.path, "size": row.size, "rows": row.rows, "files": row.files}
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(f"{row.path}: {row.rows} rows, {row.files} files, {row.size} bytes")
        if row.error:
            self.stderr.write(f"note: {row.error}")
