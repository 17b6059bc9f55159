"""Django registration of the packs app; finds the sections that domains declare."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PacksConfig(AppConfig):
    """Brings the company's standards as files, without undoing what was edited here."""

    name = "guanxi.packs"
    label = "packs"
    verbose_name = _("Standard packs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each domain names its sections in its module `packs`."""
        autodiscover_modules("packs")
