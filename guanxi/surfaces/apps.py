"""Django registration of the surfaces band; finds every domain's declarations."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SurfacesConfig(AppConfig):
    """Loads rights, events, reactions, jobs and record types of all domains, in that order."""

    name = "guanxi.surfaces"
    label = "surfaces"

    def ready(self) -> None:
        """Every model is loaded by now, so declarations may name them."""
        for module in ("access", "events", "record", "reactions", "jobs", "blank_forms", "desk"):
            autodiscover_modules(module)
