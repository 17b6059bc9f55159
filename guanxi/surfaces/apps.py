"""Django registration of the surfaces band."""

from django.apps import AppConfig


class SurfacesConfig(AppConfig):
    """Makes the surfaces app known to Django."""

    name = "guanxi.surfaces"
    label = "surfaces"
