"""Django registration of the kernel band."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Makes the kernel app known to Django, and its regular work to the worker."""

    name = "guanxi.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Load the chores that belong to the kernel itself."""
        from guanxi.kernel.audit import chores as audit  # noqa: F401
        from guanxi.kernel.backup import chores as backup  # noqa: F401
        from guanxi.kernel.backup import events  # noqa: F401
