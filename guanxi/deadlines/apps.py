"""Django registration of the deadlines app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class DeadlinesConfig(AppConfig):
    """Calendars, policies and the clocks that run under them."""

    name = "guanxi.deadlines"
    label = "deadlines"
    verbose_name = _("Deadlines")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear which deadlines the records of the domains have."""
        autodiscover_modules("clocks")
