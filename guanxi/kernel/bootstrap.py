"""Makes the data folder ready to serve: checks, migrations, demo company, static files."""

import fcntl
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import Error, run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor


class NotReady(Exception):
    """Why the product refuses to serve, and what to do about it."""


def hold_data_folder(folder: Path, holder: int | None = None) -> IO[str]:
    """Take the data folder for this process (or its parent); a second one there is refused."""
    lock = (folder / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        raise NotReady(
            f"Guanxi already runs on {folder} (process {lock.read().strip()}). "
            "Stop it first, or name another folder with GUANXI_DATA."
        ) from None
    lock.truncate(0)
    lock.write(str(holder or os.getpid()))
    lock.flush()
    return lock


def require_sound_settings() -> None:
    """Refuse settings that Django's system checks find broken."""
    errors = [message for message in run_checks() if message.level >= Error("").level]
    if errors:
        raise NotReady("The settings are not sound:\n" + "\n".join(map(str, errors)))


def migrate(say: Callable[[str], object]) -> None:
    """Bring the database to this version, or refuse and say how to go on."""
    try:
        executor = MigrationExecutor(connection)
        require_known_migrations(executor)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            say("Bringing the database to this version …")
            call_command("migrate", interactive=False, verbosity=0)
    except NotReady:
        raise
    except Exception as error:  # whatever a migration raises, nothing may be served on it
        raise NotReady(
            f"The database could not be brought to this version, so nothing was started.\n"
            f"  {type(error).__name__}: {str(error).strip()}\n"
            f"`.venv/bin/python manage.py migrate` shows the step that fails. To go back, put the "
            f"backup of {settings.DATA_DIR} in place and start the version it belongs to."
        ) from error


def require_database(say: Callable[[str], object]) -> None:
    """Make a database where there is none yet; refuse one of another version and say what to do."""
    executor = MigrationExecutor(connection)
    if not executor.loader.applied_migrations:
        return migrate(say)
    require_known_migrations(executor)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(
            "The database is of an older version. `make run` brings it to this one, or, without "
            "starting anything, `.venv/bin/python manage.py migrate`."
        )
    return None


def require_known_migrations(executor: MigrationExecutor) -> None:
    """Refuse a database that a newer version has already changed."""
    known = executor.loader.disk_migrations
    ours = {config.label for config in apps.get_app_configs()}
    newer = sorted(
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in ours and (app, name) not in known and not is_replaced(executor, app, name)
    )
    if newer:
        raise NotReady(
            f"The database is of a newer version (it has {', '.join(newer)}). "
            "Start that version, or put an older backup in place."
        )


def is_replaced(executor: MigrationExecutor, app: str, name: str) -> bool:
    """Whether a squashed migration stands for this one."""
    return any(
        (app, name) in squashed.replaces for squashed in executor.loader.disk_migrations.values()
    )


def fill_new_database(say: Callable[[str], object]) -> None:
    """Load the demo company where there is nobody yet, whole or not at all."""
    if not settings.DEMO or get_user_model()._default_manager.exists():
        return
    say("Loading the demo company, once (GUANXI_DEMO=0 starts empty) …")
    with transaction.atomic():
        call_command("demo", verbosity=0)


def bring_standards(say: Callable[[str], object]) -> None:
    """Add what this version's standard pack brings anew; what is here stays as it was edited."""
    told = io.StringIO()
    try:
        call_command("pack", "apply", additions=True, if_new=True, stdout=told)
    except CommandError as error:
        say(f"The standard pack was not applied: {error} `manage.py pack diff` tells more.")


def collect_static_files() -> None:
    """Copy and compress the static files, unless that was done from the same ones."""
    if settings.DEBUG:
        return
    stamp, made_from = settings.DATA_DIR / "static.made-from", static_fingerprint()
    if stamp.exists() and stamp.read_text() == made_from and settings.STATIC_ROOT.is_dir():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(made_from)


def static_fingerprint() -> str:
    """What the static files are, by name, size and time."""
    digest = hashlib.sha256()
    left_out = cast(StaticFilesConfig, apps.get_app_config("staticfiles")).ignore_patterns
    for finder in get_finders():
        for name, storage in finder.list(left_out):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
