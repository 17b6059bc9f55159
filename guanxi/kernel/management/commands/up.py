"""Starts the whole product from one command."""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from guanxi.kernel import bootstrap
from guanxi.kernel.supervisor import PLAN_VARIABLE, Plan

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not bound to


class Command(BaseCommand):
    """Make the data ready, then run web, worker and live updates under one parent."""

    help = "Starts web, worker and live updates, after checks, migrations and the first demo data."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen; the environment says so too (GUANXI_HOST, PORT)."""
        environment = os.environ
        parser.add_argument("--host", default=environment.get("GUANXI_HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=environment.get("PORT") or "8000")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        """Refuse with a reason, or never come back."""
        try:
            lock = bootstrap.hold_data_folder(settings.DATA_DIR)
            for number in (port, port + 1):
                bootstrap.require_free_port(host, number)
            bootstrap.require_sound_settings()
            bootstrap.migrate(self.say)
            bootstrap.fill_new_database(self.say)
            bootstrap.bring_standards(self.say)
            bootstrap.collect_static_files()
        except bootstrap.NotReady as error:
            raise CommandError(str(error)) from error
        plan = make_plan(host, port)
        connections.close_all()
        # This process, now full of Django, becomes the small supervisor; the lock stays held.
        os.set_inheritable(lock.fileno(), True)
        command = [sys.executable, "-m", "guanxi.kernel.supervisor"]
        environment = {**os.environ, PLAN_VARIABLE: plan.to_json()}
        os.chdir(settings.BASE_DIR)
        os.execve(sys.executable, command, environment)  # noqa: S606  our own module

    def say(self, words: str) -> None:
        """Tell the person at the terminal what takes a while."""
        self.stdout.write(words)
        self.stdout.flush()


def make_plan(host: str, port: int) -> Plan:
    """The three processes, their surroundings, and the words for the terminal."""
    reachable = ANYWHERE.get(host, host)
    address = f"http://{f'[{reachable}]' if ':' in reachable else reachable}"
    environment = {
        "PORT": str(port),
        "GUANXI_LIVE_URL": os.environ.get("GUANXI_LIVE_URL") or f"{address}:{port + 1}",
    }
    workers = os.environ.get("GUANXI_WEB_WORKERS") or "1"
    web = ["--workers", workers, "--blocking-threads", "4", "--log-level", "warning"]
    # A page may finish when asked to stop; a stream of live updates never would.
    web += ["--workers-kill-timeout", "8"]
    live = ["--log-level", "error", "--workers-kill-timeout", "1"]
    return Plan(
        commands={
            "web": [*granian("wsgi", host, port), *web, "guanxi.config.wsgi:application"],
            "worker": [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"],
            "live": [*granian("asgi", host, port + 1), *live, "guanxi.config.asgi:application"],
        },
        host=reachable,
        port=port,
        live_port=port + 1,
        environment=environment,
        welcome=welcome(f"{address}:{port}/"),
    )


def granian(interface: str, host: str, port: int) -> list[str]:
    """The server's command, without what the product does not use."""
    listen = ["--host", host, "--port", str(port), "--no-ws", "--no-access-log"]
    return [sys.executable, "-m", "granian", "--interface", interface, *listen]


def welcome(address: str) -> str:
    """The address, the demo sign-ins where there are any, and how to stop."""
    lines = ["", f"  Guanxi 关系   {address}", f"  data          {settings.DATA_DIR}"]
    if settings.DEMO:
        lines += ["", *demo_sign_ins(settings.DATA_DIR / "demo-signins.json")]
    if not get_user_model()._default_manager.exists():
        command = ".venv/bin/python manage.py create_user --help"
        lines += ["", f"  Nobody can sign in yet: {command}"]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])


def demo_sign_ins(path: Path) -> list[str]:
    """The demo company's sign-ins as `manage.py demo` kept them, a line each."""
    if not path.exists():
        return []
    kept = json.loads(path.read_text("utf-8"))
    return [
        f"  {each['username']:<16}{each['title']} {each['name']}  {kept['password']}"
        for each in kept["sign_ins"]
    ]
