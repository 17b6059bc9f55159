"""What people are told of complaints."""

from django.utils.translation import gettext_lazy as _

from guanxi.notifications.declarations import Kind, declare_kind

ASSIGNED = declare_kind(
    Kind(
        "complaints.assigned",
        label=_("Somebody gave you a complaint"),
        title=_("%(who)s gave you complaint %(record)s"),
        icon="megaphone",
        urgent=True,
    )
)
