"""Lets go, or drops, what is held after a restore."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from guanxi.kernel.backup.services import release_outbound
from guanxi.kernel.management.base import DataCommand


class Command(DataCommand):
    """Nothing that the former machine may have sent goes out twice without a person's word."""

    help = "Releases the deliveries and runs that a restore holds (--drop: they were done before)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to let go or to drop."""
        parser.add_argument("--drop", action="store_true", help="do none of it, it was done before")

    def handle(self, *, drop: bool, **options: Any) -> None:
        """Release or drop."""
        count = release_outbound(at=timezone.now(), is_dropped=drop)
        self.stdout.write(f"{count} pieces of work {'dropped' if drop else 'released'}")
