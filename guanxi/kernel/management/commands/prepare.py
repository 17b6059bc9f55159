"""Makes the data ready to serve; `manage.py up` does so while its web process loads."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from guanxi.kernel import bootstrap
from guanxi.kernel.supervisor import PREPARED_VARIABLE


class Command(BaseCommand):
    """Check the settings, migrate, bring demo company, standards and static files."""

    help = "Makes the data ready to serve: checks, migrations, the first demo data, static files."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Refuse with a reason, or tell whoever waits; the hold on the data goes with it."""
        told = os.environ.get(PREPARED_VARIABLE)
        try:
            lock = bootstrap.hold_data_folder(
                settings.DATA_DIR, os.getppid() if told else os.getpid()
            )
            bootstrap.require_sound_settings()
            bootstrap.migrate(self.say)
            bootstrap.fill_new_database(self.say)
            bootstrap.bring_standards(self.say)
            bootstrap.collect_static_files()
        except bootstrap.NotReady as error:
            raise CommandError(str(error)) from error
        if told:
            with socket.socket(fileno=int(told)) as parent:
                socket.send_fds(parent, [welcome().encode()], [lock.fileno()])

    def say(self, words: str) -> None:
        """Tell the person at the terminal what takes a while."""
        self.stdout.write(words)
        self.stdout.flush()


def welcome() -> str:
    """Where the data is, and the demo sign-ins where there are any."""
    lines = [f"  data          {settings.DATA_DIR}"]
    if settings.DEMO:
        lines += ["", *demo_sign_ins(settings.DATA_DIR / "demo-signins.json")]
    if not get_user_model()._default_manager.exists():
        command = ".venv/bin/python manage.py create_user --help"
        lines += ["", f"  Nobody can sign in yet: {command}"]
    return "\n".join(lines)


def demo_sign_ins(path: Path) -> list[str]:
    """The demo company's sign-ins as `manage.py demo` kept them, a line each."""
    if not path.exists():
        return []
    kept = json.loads(path.read_text("utf-8"))
    return [
        f"  {each['username']:<16}{each['title']} {each['name']}  {kept['password']}"
        for each in kept["sign_ins"]
    ]
