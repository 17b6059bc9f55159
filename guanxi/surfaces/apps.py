"""Django registration of the surfaces band; finds every domain's declarations."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SurfacesConfig(AppConfig):
    """Loads the declarations of all domains: rights, events, record types first, then the rest."""

    name = "guanxi.surfaces"
    label = "surfaces"

    def ready(self) -> None:
        """Every model is loaded by now, so declarations may name them."""
        for module in ("access", "events", "record", "reactions", "jobs"):
            autodiscover_modules(module)
        for module in ("blank_forms", "papers", "desk"):
            autodiscover_modules(module)
