"""What people are told of approvals."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.notifications.declarations import Kind, declare_kind

ASKED: Final = declare_kind(
    Kind(
        "approvals.asked",
        label=_("Waiting for my approval"),
        title=_("%(who)s asks for your approval: %(record)s"),
        icon="check",
    )
).code
DECIDED: Final = declare_kind(
    Kind(
        "approvals.decided",
        label=_("My request is decided"),
        title=_("%(who)s decided on your request: %(record)s"),
        icon="check-circle",
    )
).code
REMINDED: Final = declare_kind(
    Kind(
        "approvals.reminded",
        label=_("Reminder of an approval"),
        title=_("Still waiting for your approval: %(record)s"),
        icon="clock",
    )
).code
RETURNED: Final = declare_kind(
    Kind(
        "approvals.returned",
        label=_("My request was returned"),
        title=_("%(who)s returned your request: %(record)s"),
        icon="arrow-left",
    )
).code
VOIDED: Final = declare_kind(
    Kind(
        "approvals.voided",
        label=_("My signature became void"),
        title=_("What you signed was changed and is asked for anew: %(record)s"),
        icon="alert-circle",
    )
).code
