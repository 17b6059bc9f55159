"""Django registration of the segments app."""

from importlib import import_module
from typing import Final

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

_OF_PARTS: Final = ("lifecycle.access", "lifecycle.events", "lifecycle.record")


class SegmentsConfig(AppConfig):
    """What customers are worth: value models, monthly ratings, tiers in effect and why."""

    name = "guanxi.segments"
    label = "segments"
    verbose_name = _("Customer value")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load what the parts with a folder of their own declare."""
        for module in _OF_PARTS:
            import_module(f"{self.name}.{module}")
