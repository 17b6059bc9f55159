"""`manage.py mails`: which mails were given up and why, and trying them once more."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from guanxi.kernel.management.base import DataCommand
from guanxi.notifications import queries
from guanxi.notifications.services.mails import retry_parked


class Command(DataCommand):
    """Lists the mails that were given up, or tries them again."""

    help = "List the mails that were given up, with the reason; --retry sends them once more."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to try again."""
        parser.add_argument("--retry", action="store_true", help="try them once more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """One line each: id, receiver, tries, reason."""
        for mail in queries.list_parked():
            reason = " ".join(mail.error.split())[:200]
            self.stdout.write(f"{mail.pk}  {mail.user.username}  {mail.attempts}  {reason}")
        if options["retry"]:
            count = retry_parked(at=timezone.now())
            self.stdout.write(f"{count} will be tried once more.")
