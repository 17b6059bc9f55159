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
        from guanxi.deadlines.declarations import clock_kinds

        autodiscover_modules("clocks")
        from guanxi.deadlines.panels import CLOCK_PANEL
        from guanxi.surfaces.records import declare_panel

        for key in sorted({kind.record_key for kind in clock_kinds()}):
            declare_panel(key, CLOCK_PANEL)
