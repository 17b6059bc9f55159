"""The people app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import provide_actors


class PeopleConfig(AppConfig):
    """Who works here, what they may do and how they sign in."""

    name = "guanxi.people"
    label = "people"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Jobs that run in a person's name ask here for that person's present rights."""
        from guanxi.people.queries import get_actor

        provide_actors(lambda user_id, channel: get_actor(user_id, channel=channel))
