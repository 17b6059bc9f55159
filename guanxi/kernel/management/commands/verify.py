"""Says whether the audit trail, the files and a backup are what they were."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from guanxi.kernel.audit import archive, signing
from guanxi.kernel.audit.checking import Verdict, check_trail
from guanxi.kernel.audit.chores import seal_trail
from guanxi.kernel.backup.container import BadBackup, NoKey, key_of
from guanxi.kernel.backup.reading import is_backup, read_backup
from guanxi.kernel.management.base import DataCommand


class Command(DataCommand):
    """Read everything again; the exit code is 1 and the spot is named when something is broken."""

    help = "Checks the audit trail (or the archives and backups named) and names what is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to check in place of this installation."""
        parser.add_argument(
            "paths", nargs="*", type=Path, help="backups, archives of the audit trail"
        )
        parser.add_argument("--key-file", type=Path, help="default GUANXI_BACKUP_KEY_FILE")
        parser.add_argument(
            "--seal", action="store_true", help="seal what is not sealed yet, before checking"
        )

    def handle(self, *, paths: list[Path], key_file: Path | None, **options: Any) -> None:
        """Check, say what was checked, fail when something is broken."""
        if options["seal"]:
            while seal_trail(timezone.now()):
                continue
        backups = [path for path in paths if is_backup(path)]
        for path in backups:
            self._check_backup(path, key_file)
        if backups and len(backups) == len(paths):
            return
        archives = [path for path in paths if path not in backups]
        verdicts = [archive.check_archive(path) for path in archives] or [check_trail()]
        for verdict in verdicts:
            self._say(verdict)
        flaws = [str(flaw) for verdict in verdicts for flaw in verdict.flaws]
        if flaws:
            raise CommandError("broken:\n  " + "\n  ".join(flaws))

    def _check_backup(self, path: Path, key_file: Path | None) -> None:
        try:
            found = read_backup(path, key_of(key_file))
        except (BadBackup, NoKey) as error:
            raise CommandError(f"{path}: {error}") from error
        self.stdout.write(
            f"{path}: whole; {found.rows} rows, {len(found.files)} files of {found.made_at}, "
            f"version {found.version}"
        )
        for kind in ("missing", "damaged"):
            if names := getattr(found, kind):
                self.stdout.write(f"  {kind} when it was made: {len(names)} files, {names[0]} …")

    def _say(self, verdict: Verdict) -> None:
        words = f"{verdict.rows} rows under {verdict.seals} seals, {verdict.anchors} anchors"
        later = f"; {verdict.unsealed} rows wait for their seal" if verdict.unsealed else ""
        self.stdout.write(f"audit trail: {words}{later}")
        self.stdout.write(f"public key: {signing.public_key()}")
