"""What people are told of tickets."""

from django.utils.translation import gettext_lazy as _

from guanxi.notifications.declarations import Kind, declare_kind

ASSIGNED = declare_kind(
    Kind(
        "tickets.assigned",
        label=_("A ticket was assigned to you"),
        title=_("“%(record)s” is yours now"),
        icon="user-check",
    )
)
MENTIONED = declare_kind(
    Kind(
        "tickets.mentioned",
        label=_("Somebody mentioned you on a ticket"),
        title=_("%(who)s mentioned you on “%(record)s”"),
        icon="message-square",
    )
)
HEARD = declare_kind(
    Kind(
        "tickets.heard",
        label=_("A customer answered on your ticket"),
        title=_("The customer answered on “%(record)s”"),
        icon="message-circle",
    )
)
EMERGENCY = declare_kind(
    Kind(
        "tickets.emergency",
        label=_("Emergency"),
        title=_("Emergency: “%(record)s”"),
        urgent=True,
        icon="alert-triangle",
    )
)
UNDELIVERED = declare_kind(
    Kind(
        "tickets.undelivered",
        label=_("A reply could not be delivered"),
        title=_("The reply on “%(record)s” did not reach the customer"),
        urgent=True,
        icon="alert-circle",
    )
)
