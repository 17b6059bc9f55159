"""What people are told of their to-dos and promises."""

from django.utils.translation import gettext_lazy as _

from guanxi.notifications.declarations import Kind, declare_kind

ASSIGNED = declare_kind(
    Kind(
        "commitments.assigned",
        label=_("Somebody gave you something to do"),
        title=_("%(who)s gave you “%(record)s”, due %(due_at)s"),
        icon="check-circle",
    )
)
DUE_SOON = declare_kind(
    Kind(
        "commitments.due_soon",
        label=_("To-do or promise due soon"),
        title=_("“%(record)s” is due %(due_at)s"),
        icon="clock",
    )
)
OVERDUE = declare_kind(
    Kind(
        "commitments.overdue",
        label=_("To-do or promise overdue"),
        title=_("“%(record)s” was due %(due_at)s"),
        icon="alert-circle",
    )
)
