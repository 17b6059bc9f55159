"""Django registration of the notifications app; finds the kinds that domains declare."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Tells people what waits for them: in the bell and by mail."""

    name = "guanxi.notifications"
    label = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each domain names its kinds in its module `notifications`."""
        autodiscover_modules("notifications")
