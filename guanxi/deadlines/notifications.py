"""What people are told of deadlines."""

from django.utils.translation import gettext_lazy as _

from guanxi.notifications.declarations import Kind, declare_kind

SOON = declare_kind(
    Kind(
        "deadlines.soon",
        label=_("A deadline comes near"),
        title=_("%(record)s: %(what)s is due %(due_at)s"),
        icon="clock",
    )
)
OVERDUE = declare_kind(
    Kind(
        "deadlines.overdue",
        label=_("A deadline is missed"),
        title=_("%(record)s: %(what)s was due %(due_at)s"),
        urgent=True,
        icon="alert-triangle",
    )
)
