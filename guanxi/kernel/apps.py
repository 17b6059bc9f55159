"""Django registration of the kernel band."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Makes the kernel app known to Django."""

    name = "guanxi.kernel"
    label = "kernel"
