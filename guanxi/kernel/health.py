"""Looks at an installation: what is wrong with it, and what to do about it (`doctor`)."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from guanxi.kernel import broker
from guanxi.kernel.models import Run, RunState
from guanxi.kernel.vitals import BACKLOG, FREE_BYTES, Vitals, read_vitals

State = Literal["good", "warning", "bad"]
OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 15
CLOCKS_APART = 30
SHORTEST_SECRET = 32


@dataclass(frozen=True)
class Finding:
    """What one check saw, and what to do where that is not good."""

    check: str
    state: State
    words: str
    remedy: str = ""


def examine(at: datetime) -> list[Finding]:
    """Every check in turn; those that ask the database only when it answers."""
    findings = [finding for check in WITHOUT_DATABASE for finding in check()]
    database = list(check_database())
    findings += database
    if not any(finding.state == "bad" for finding in database):
        vitals = read_vitals(at)
        findings += [finding for check in WITH_DATABASE for finding in check(vitals)]
    return findings


def check_python() -> Iterator[Finding]:
    """The interpreter and its knowledge of the world's clocks."""
    version = ".".join(map(str, sys.version_info[:3]))
    state: State = "good" if sys.version_info >= OLDEST_PYTHON else "bad"
    yield Finding("python", state, version, "" if state == "good" else "Install Python 3.11.")
    try:
        ZoneInfo(settings.TIME_ZONE)
    except ZoneInfoNotFoundError:
        yield Finding("time zones", "bad", "no time zone data", "Install the package tzdata.")


def check_settings() -> Iterator[Finding]:
    """What must not be so in production."""
    if settings.DEBUG:
        yield Finding("debug", "warning", "GUANXI_DEBUG is on", "Never so where others sign in.")
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        words = f"the secret key has {len(settings.SECRET_KEY)} characters"
        yield Finding("secret key", "bad", words, "Unset GUANXI_SECRET_KEY; a good one is made.")


def check_data_folder() -> Iterator[Finding]:
    """Room and rights where everything is kept."""
    folder: Path = settings.DATA_DIR
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("data folder", "bad", f"{folder} cannot be written", "Correct its owner.")
        return
    free = shutil.disk_usage(folder).free
    words = f"{folder}, {free / 1024**3:.1f} GB free"
    if free < FREE_BYTES:
        yield Finding("data folder", "warning", words, "Make room: below 1 GB imports may fail.")
    else:
        yield Finding("data folder", "good", words)


def check_files() -> Iterator[Finding]:
    """The front-end files and translations that set-up makes."""
    package = settings.BASE_DIR / "guanxi"
    if not (package / "assets" / "vendor").is_dir():
        yield Finding("front end", "bad", "the front-end files are missing", "Run `make setup`.")
    catalogues = list(package.glob("*/locale/*/LC_MESSAGES/django.po"))
    if not all(path.with_suffix(".mo").exists() for path in catalogues):
        yield Finding("translations", "bad", "not compiled", "Run `make setup`.")


def check_database() -> Iterator[Finding]:
    """That it answers, is of a kind we know, and has this version's shape."""
    try:
        connection.ensure_connection()
        plan = pending_migrations()
    except DatabaseError as error:
        words = f"{connection.vendor} does not answer: {str(error).strip()}"
        yield Finding("database", "bad", words, "Start it, or correct GUANXI_DATABASE_URL.")
        return
    yield check_sqlite() if connection.vendor == "sqlite" else check_postgresql()
    if plan:
        words = f"{len(plan)} steps are missing, the first is {plan[0]}"
        yield Finding("migrations", "bad", words, "Stop the product and run `manage.py migrate`.")


def pending_migrations() -> list[str]:
    """The migrations that this version needs and the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def check_sqlite() -> Finding:
    """The file is whole, and written ahead so that readers and the writer do not wait."""
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        verdict = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        return Finding("database", "bad", f"SQLite: {verdict}", "Put the last backup in place.")
    if mode not in {"wal", "memory"}:
        return Finding("database", "warning", f"SQLite in mode {mode}", "Use a local disk.")
    return Finding("database", "good", f"SQLite, {settings.DATABASES['default']['NAME']}")


def check_postgresql() -> Finding:
    """New enough, in UTF-8, with a locale that sees Chinese letters."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10000
        cursor.execute(
            "SELECT pg_encoding_to_char(encoding), datctype FROM pg_database "
            "WHERE datname = current_database()"
        )
        encoding, kind = cursor.fetchone()
    words = f"PostgreSQL {version}, {encoding}, {kind}"
    if version < OLDEST_POSTGRESQL or encoding != "UTF8":
        return Finding("database", "bad", words, "Use PostgreSQL 15 or newer with UTF8.")
    if kind in {"C", "POSIX"}:
        return Finding("database", "warning", words, "Create the database with locale C.UTF-8.")
    return Finding("database", "good", words)


def check_worker(vitals: Vitals) -> Iterator[Finding]:
    """That somebody delivers events and executes runs, and is not far behind."""
    last = vitals.worker_at
    if vitals.is_worker_silent:
        words = f"last heard {last:%Y-%m-%d %H:%M:%S} UTC" if last else "never heard"
        yield Finding("worker", "warning", words, "Start `manage.py up` or `manage.py worker`.")
    else:
        yield Finding("worker", "good", "alive")
    if vitals.late:
        words = f"{vitals.late} reactions are late"
        yield Finding("backlog", "warning", words, "Look at the worker.")
    waiting = Run.objects.filter(state=RunState.QUEUED, due_at__lt=vitals.at - BACKLOG).count()
    if waiting:
        yield Finding("runs", "warning", f"{waiting} runs wait too long", "Look at the worker.")


def check_broker(vitals: Vitals) -> Iterator[Finding]:
    """Where a broker wakes Celery workers: that it answers, and that somebody listens."""
    del vitals
    if not settings.BROKER:
        return
    where = broker.address_without_password()
    try:
        found = broker.ask_broker()
    except Exception as error:  # noqa: BLE001  whatever the network raises is an answer here
        yield Finding(
            "broker", "warning", f"{where} does not answer: {error}",
            "Start RabbitMQ, or correct GUANXI_BROKER; meanwhile only `manage.py worker` works.",
        )  # fmt: skip
        return
    words = f"{where}: {found['workers']} workers listen, {found['waiting']} messages wait"
    if found["workers"]:
        yield Finding("broker", "good", words)
    else:
        yield Finding("broker", "warning", words, "Start guanxi-celery on a host or two.")


def check_parked(vitals: Vitals) -> Iterator[Finding]:
    """Reactions that failed for good and wait for a person."""
    if vitals.parked:
        words = f"{vitals.parked} reactions failed for good"
        yield Finding("parked", "warning", words, "Read their errors, then deliver them again.")
    for name, states in vitals.queues.items():
        if states.get("parked"):
            words = f"{states['parked']} were given up"
            yield Finding(name, "warning", words, f"`manage.py {name}` tells why, --retry tries.")


def check_backups(vitals: Vitals) -> Iterator[Finding]:
    """That there is a good backup of the last day, and that nothing is held after a restore."""
    row = vitals.backup
    last = f"last good one {row.started_at:%Y-%m-%d %H:%M} UTC" if row else "there is none"
    if not vitals.is_backup_wanted:
        yield Finding(
            "backup", "warning", f"not every night; {last}",
            "Set GUANXI_BACKUP_DIR and GUANXI_BACKUP_KEY_FILE.",
        )  # fmt: skip
    elif vitals.is_backup_late:
        yield Finding("backup", "bad", last, "Run `manage.py backup` and read what it says.")
    else:
        yield Finding("backup", "good", last)
    if vitals.held:
        words = f"{vitals.held} pieces of work are held after a restore"
        yield Finding("held", "warning", words, "Run `manage.py release_outbound`.")


def check_trail(vitals: Vitals) -> Iterator[Finding]:
    """That the audit trail is being sealed."""
    number = vitals.seal.number if vitals.seal else 0
    if vitals.is_sealing_late:
        yield Finding("audit trail", "warning", f"not sealed since seal {number}", "Read the log.")
    else:
        yield Finding("audit trail", "good", f"{number} seals; `manage.py verify` reads them all")


def check_production(vitals: Vitals) -> Iterator[Finding]:
    """What a server that others reach needs; said only where one is set up (a site address)."""
    if not settings.IS_SECURE:
        if "127.0.0.1" not in settings.SITE_URL and "localhost" not in settings.SITE_URL:
            words = f"{settings.SITE_URL} is not HTTPS: passwords and cookies travel in clear"
            yield Finding("https", "bad", words, "Serve it behind nginx with a certificate.")
        return
    if not settings.TRUSTED_PROXIES:
        yield Finding(
            "proxy", "warning", "no proxy is trusted, so every address looks like the proxy's",
            "Set GUANXI_TRUSTED_PROXIES to nginx's address.",
        )  # fmt: skip
    host = urlsplit(settings.SITE_URL).hostname or ""
    if host not in settings.ALLOWED_HOSTS:
        yield Finding("hosts", "bad", f"{host} is not allowed", "Add it to GUANXI_ALLOWED_HOSTS.")
    if connection.vendor == "sqlite":
        yield Finding(
            "engine", "warning", "SQLite serves one host only",
            "For several web hosts: `manage.py move --to postgresql://…`.",
        )  # fmt: skip
    yield from check_clock(vitals.at)


def check_clock(at: datetime) -> Iterator[Finding]:
    """That this host and the database agree about the time."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs((cursor.fetchone()[0] - at).total_seconds())
    if apart > CLOCKS_APART:
        words = f"{apart:.0f} s apart from the database's"
        yield Finding("clock", "warning", words, "Run a time service (chrony) on both.")


WITHOUT_DATABASE: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_settings,
    check_data_folder,
    check_files,
)
WITH_DATABASE: tuple[Callable[[Vitals], Iterator[Finding]], ...] = (
    check_worker,
    check_broker,
    check_parked,
    check_backups,
    check_trail,
    check_production,
)
