"""The deadline of a promise: what was said to a customer holds at the moment that was said."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.commitments.models import Commitment
from guanxi.deadlines.declarations import ClockKind, declare_clock


def _department(promise: Commitment) -> int | None:
    return promise.owner.department_id


#: From the promise until the customer was told that it is kept (VIS-6).
PROMISE: Final = declare_clock(
    ClockKind(
        "commitments.promise",
        "commitments.commitment",
        _("Keep a promise to a customer"),
        owner=lambda promise: promise.owner_id,
        department=_department,
        moment=lambda promise: promise.due_at,
    )
).name
