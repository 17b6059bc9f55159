"""Django registration of the customers band."""

from importlib import import_module
from typing import Final

from django.apps import AppConfig

_OF_PARTS: Final = (
    "duplicates.access",
    "duplicates.events",
    "duplicates.record",
    "duplicates.jobs",
    "duplicates.desk",
    "sampling.access",
    "sampling.events",
    "sampling.record",
    "sampling.jobs",
    "sampling.desk",
)


class CustomersConfig(AppConfig):
    """Makes the customers app known to Django."""

    name = "guanxi.customers"
    label = "customers"

    def ready(self) -> None:
        """Load what the parts with a folder of their own declare."""
        for module in _OF_PARTS:
            import_module(f"{self.name}.{module}")
