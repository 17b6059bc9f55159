"""What people are told about customers."""

from django.utils.translation import gettext_lazy as _

from guanxi.notifications.declarations import Kind, declare_kind

declare_kind(
    Kind(
        "customers.transferred",
        label=_("Customer given to me"),
        title=_("%(who)s gave you the customer %(record)s"),
        icon="arrow-right",
    )
)
