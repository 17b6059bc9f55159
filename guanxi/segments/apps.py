"""Django registration of the segments app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    """What customers are worth: value models, monthly ratings, tiers in effect and why."""

    name = "guanxi.segments"
    label = "segments"
    verbose_name = _("Customer value")
    default_auto_field = "django.db.models.BigAutoField"
