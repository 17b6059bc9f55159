"""Django registration of the deletions app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeletionsConfig(AppConfig):
    """Nothing is deleted but by request, confirmation and thirty days in the bin."""

    name = "guanxi.deletions"
    label = "deletions"
    verbose_name = _("Deletions")
    default_auto_field = "django.db.models.BigAutoField"
