"""`manage.py create_user`: give somebody an account, the first administrator included."""

from __future__ import annotations

import getpass
import json
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.management.base import DataCommand
from guanxi.people import services
from guanxi.people.models import Role
from guanxi.people.services.users import FirstPassword


class Command(DataCommand):
    """Create a user with roles; the password is asked for, read from a pipe, or made."""

    help = "Create a user. Without --make-password the first password is read from the terminal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what the command reads."""
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="full name (default: the user name)")
        parser.add_argument("--email", default="")
        parser.add_argument("--role", action="append", default=[], help="role code, repeatable")
        parser.add_argument(
            "--make-password", action="store_true", help="make a password and print it once"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Create the user as the system."""
        _check_roles(options["role"])
        password = self._password(make=options["make_password"])
        values = {"username": options["username"], "name": options["name"] or options["username"]}
        if options["email"]:
            values["email"] = options["email"]
        try:
            user = services.create_user(
                values,
                first=FirstPassword(password),
                roles=options["role"],
                actor=system_actor("create_user", Channel.COMMAND),
                at=timezone.now(),
            )
        except RuleViolation as error:
            raise CommandError(" ".join(v.text for v in error.violations)) from error
        made = {"id": user.pk, "username": user.username, "roles": options["role"]}
        if options["make_password"]:
            made["password"] = password
        self.stdout.write(json.dumps(made, ensure_ascii=False) if options["json"] else _say(made))

    def _password(self, *, make: bool) -> str:
        if make:
            return secrets.token_urlsafe(9) + "-7Kx"
        if sys.stdin.isatty():
            return getpass.getpass("First password: ")
        return sys.stdin.readline().rstrip("\n")


def _check_roles(codes: list[str]) -> None:
    services.load_standard_roles_if_none(at=timezone.now())
    known = set(Role.objects.filter(archived_at=None).values_list("code", flat=True))
    unknown = sorted(set(codes) - known)
    if unknown:
        raise CommandError(f"no role {', '.join(unknown)}; there are {', '.join(sorted(known))}")


def _say(made: dict[str, Any]) -> str:
    password = f", password {made['password']}" if "password" in made else ""
    return f"user {made['username']} ({made['id']}){password}"
