"""Django registration of the commitments app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommitmentsConfig(AppConfig):
    """To-dos, promises to customers, recurring work and the calendar."""

    name = "guanxi.commitments"
    label = "commitments"
    verbose_name = _("Commitments")
    default_auto_field = "django.db.models.BigAutoField"
