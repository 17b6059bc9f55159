"""The deadlines that customers have."""

from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Customer
from guanxi.deadlines.declarations import ClockKind, declare_clock


def _owner(customer: Customer) -> int | None:
    return customer.owner_id


def _department(customer: Customer) -> int | None:
    return customer.department_id


def _team(customer: Customer) -> int | None:
    return customer.team_id


#: From the request for other key values until they are written or refused (CUS-7).
UPDATE = declare_clock(
    ClockKind(
        "customers.update",
        "customers.changerequest",
        _("Update after a change"),
        owner=lambda change: change.requester_id,
        department=lambda change: change.customer.department_id,
        team=lambda change: change.customer.team_id,
    )
)

#: From the collection of a customer until it is in the books (CUS-5).
ENTER = declare_clock(
    ClockKind(
        "customers.enter",
        "customers.customer",
        _("Enter after collection"),
        owner=_owner,
        department=_department,
        team=_team,
    )
)
