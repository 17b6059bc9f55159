"""Django registration of the insight app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """Who the customers are, what they are worth, who is leaving: computed outside of requests."""

    name = "guanxi.insight"
    label = "insight"
    verbose_name = _("Insight")
    default_auto_field = "django.db.models.BigAutoField"
