"""`manage.py create_token USER`: an API token, printed once."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.management.base import DataCommand
from guanxi.people import services
from guanxi.people.models import User
from guanxi.people.services.tokens import NewToken
from guanxi.people.usernames import normal_username


class Command(DataCommand):
    """Issue a token in a user's name, never beyond that user's rights."""

    help = "Issue an API token for a user and print its key, which is shown only this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what the command reads."""
        parser.add_argument("user", help="user name")
        parser.add_argument("--name", default="command")
        parser.add_argument("--days", type=int, default=90, help="1 to 366 (default 90)")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            metavar="TYPE:read|write",
            help="for example customers:read; repeatable; default *:write",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Issue the token as the system."""
        user = User.objects.filter(username=normal_username(options["user"])).first()
        if user is None:
            raise CommandError(f"there is no user {options['user']}")
        wanted = NewToken(options["name"], _scopes(options["scope"]), options["days"])
        try:
            token, key = services.issue_token(
                user.pk,
                wanted,
                actor=system_actor("create_token", Channel.COMMAND),
                at=timezone.now(),
            )
        except RuleViolation as error:
            raise CommandError(error.text) from error
        if not options["json"]:
            self.stdout.write(key)
            return
        made = {
            "token": key,
            "id": token.pk,
            "user": user.username,
            "name": token.name,
            "scopes": token.scopes,
            "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        }
        self.stdout.write(json.dumps(made, ensure_ascii=False))


def _scopes(written: list[str]) -> dict[str, str]:
    scopes: dict[str, str] = {}
    for part in written:
        area, _colon, scope = part.partition(":")
        scopes[area] = scope or "read"
    return scopes or {"*": "write"}
