"""`manage.py explain_access USER PERMISSION TYPE ID`: why somebody may or may not."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from guanxi.kernel.access import explain_access, permissions
from guanxi.kernel.actor import Channel
from guanxi.kernel.management.base import DataCommand
from guanxi.people import queries
from guanxi.people.models import User
from guanxi.people.usernames import normal_username
from guanxi.surfaces.records import RecordType, record_types


class Command(DataCommand):
    """Say step by step whether a user may do something with one record, and why."""

    help = (
        "Explain access: USER PERMISSION TYPE ID, for example "
        "`explain_access wang customers.change customers 17`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what the command reads."""
        parser.add_argument("user", help="user name")
        parser.add_argument("permission", help="for example customers.view")
        parser.add_argument("type", help="record type: customers or customers.customer")
        parser.add_argument("id", type=int)
        parser.add_argument("--json", action="store_true", help="print the steps as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print every step of the decision."""
        user = User.objects.filter(username=normal_username(options["user"])).first()
        if user is None:
            raise CommandError(f"there is no user {options['user']}")
        if options["permission"] not in permissions():
            raise CommandError(f"there is no permission {options['permission']}")
        record_type = _record_type(options["type"])
        instance = record_type.model._base_manager.filter(pk=options["id"]).first()
        if instance is None:
            raise CommandError(f"there is no {record_type.key} {options['id']}")
        actor = queries.build_actor(user, channel=Channel.COMMAND)
        steps = [
            {
                "step": "active",
                "ok": actor.user_id is not None,
                "detail": ", ".join(queries.list_role_codes(user)),
            },
            {"step": "password", "ok": not user.must_change_password, "detail": ""},
            *explain_access(actor, options["permission"], instance),
        ]
        is_allowed = steps[-1]["step"] == "allowed" and bool(steps[-1]["ok"])
        if options["json"]:
            self.stdout.write(
                json.dumps({"allowed": is_allowed, "steps": steps}, ensure_ascii=False)
            )
            return
        for step in steps:
            mark = "yes" if step["ok"] else "no "
            self.stdout.write(f"{mark}  {step['step']:<14} {step['detail']}".rstrip())
        self.stdout.write("allowed" if is_allowed else "not allowed")


def _record_type(name: str) -> RecordType:
    found = next((t for t in record_types() if name in (t.key, t.plural)), None)
    if found is None:
        raise CommandError(f"there is no record type {name}")
    return found
