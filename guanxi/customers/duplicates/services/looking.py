"""Looking up whether a customer exists already, while it is typed (CUS-12, B05).

Of a customer that the asker may not see only a masked name, the department and whose care it is
in are told, and a handle by which nothing but a request can be made. Every such answer is on
record, and a person gets so many in ten minutes; after that nothing is looked up at all, so that
a refusal tells nothing either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from guanxi.customers.duplicates import messages, queries
from guanxi.customers.duplicates.access import mask_name, standing_of
from guanxi.customers.duplicates.choices import REASONS
from guanxi.customers.duplicates.matching import Likeness, Reason
from guanxi.customers.models import Customer
from guanxi.kernel.access import is_guarded, row_level, visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Message, TooMany
from guanxi.kernel.events import Seen, record_access
from guanxi.kernel.models import AccessEntry

MOST_SHOWN: Final = 5
MOST_STRANGE: Final = 3
LOOKED_UP: Final = "look_alike"
_BY_REACH: Final = frozenset({Reason.PHONE, Reason.CONTACT, Reason.EMAIL, Reason.DOMAIN})
_WINDOW: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Own:
    """A look-alike that the asker may see."""

    customer: Customer
    likeness: Likeness

    @property
    def reasons(self) -> list[str]:
        """Why it looks like the one typed."""
        return [str(REASONS[reason]) for reason in self.likeness.reasons]


@dataclass(frozen=True)
class Strange:
    """All that may be told of a look-alike that the asker may not see."""

    masked_name: str
    department: str
    standing: Message
    handle: str


@dataclass(frozen=True)
class Alike:
    """What looks like the customer that is typed."""

    own: list[Own]
    strange: list[Strange]


def look_up(typed: Mapping[str, str], *, actor: Actor, at: datetime) -> Alike:
    """The look-alikes of what is typed so far."""
    refuse_probing(actor, at)
    likeness, own, strangers = _found(typed, actor)
    for customer in strangers:
        seen = Seen(LOOKED_UP, "customers.customer", str(customer.pk), customer.pk)
        record_access(seen, actor=actor, at=at)
    shown = sorted(own, key=lambda c: (-likeness[c.pk].percent, c.pk))[:MOST_SHOWN]
    return Alike(
        [Own(customer, likeness[customer.pk]) for customer in shown],
        [
            Strange(
                mask_name(customer.name),
                customer.department.name if customer.department else "",
                standing_of(customer, at),
                handle_of(customer.pk, actor),
            )
            for customer in strangers
        ],
    )


def find_strange(typed: Mapping[str, str], handle: str, *, actor: Actor) -> Customer | None:
    """The customer behind a handle, found anew by what was typed: the handle leads nowhere."""
    _likeness, _own, strangers = _found(typed, actor)
    same = (c for c in strangers if constant_time_compare(handle_of(c.pk, actor), handle))
    return next(same, None)


def refuse_probing(actor: Actor, at: datetime) -> None:
    """Refuse whoever has been told of too many customers of colleagues lately."""
    told = AccessEntry.objects.filter(
        actor_user_id=actor.user_id, action=LOOKED_UP, at__gt=at - _WINDOW
    )
    if told.count() >= settings.DUPLICATE_HITS_PER_TEN_MINUTES:
        raise TooMany(int(_WINDOW.total_seconds()), messages.MANY_LOOKED_UP)


def _found(
    typed: Mapping[str, str], actor: Actor
) -> tuple[dict[int, Likeness], list[Customer], list[Customer]]:
    found = queries.find_alike(queries.typed_profile(typed))
    likeness = {each.customer_id: each.likeness for each in found}
    rows = Customer.objects.filter(pk__in=likeness).select_related("owner", "department", "pool")
    seen = visible(actor, "customers.view", rows) if likeness else rows.none()
    own = [customer for customer in seen if not _gives_away(customer, likeness[customer.pk], actor)]
    hidden = [pk for pk in likeness if pk not in {customer.pk for customer in own}][:MOST_STRANGE]
    by_id = rows.in_bulk(hidden) if hidden else {}
    return likeness, own, [by_id[pk] for pk in hidden]


def _gives_away(customer: Customer, likeness: Likeness, actor: Actor) -> bool:
    """Whether it is alike by contact data that the customer shows nobody as it stands (CUS-14)."""
    if row_level(actor, Customer, "contact") is None or not is_guarded(customer, "contact"):
        return False
    return bool(_BY_REACH.intersection(likeness.reasons))


def handle_of(customer_id: int, actor: Actor) -> str:
    """A word for a customer that means something to this person's request alone."""
    return salted_hmac("guanxi.duplicates", f"{actor.user_id}:{customer_id}").hexdigest()


# The form of a new customer -----------------------------------------------------------------------
def find_duplicates(actor: Actor, typed: Mapping[str, str], at: datetime) -> list[dict[str, str]]:
    """What the form of a new customer says while its name, code or number is being typed."""
    alike = look_up(typed, actor=actor, at=at)
    return [_line(each, actor) for each in alike.own] + [
        _strange_line(each, typed) for each in alike.strange
    ]


def _line(each: Own, actor: Actor) -> dict[str, str]:
    customer = each.customer
    why = gettext(", ").join(each.reasons[:3])
    parts = [why, customer.number, str(customer.owner or customer.pool or "")]
    url = f"/customers/{customer.pk}/"
    is_free = customer.pool is not None and actor.can("customers.claim")
    return {
        "label": customer.name,
        "url": url,
        "claim": f"{url}claim/" if is_free else "",
        "why": gettext(" · ").join(part for part in parts if part),
    }


def _strange_line(each: Strange, typed: Mapping[str, str]) -> dict[str, str]:
    parts = [each.department, str(each.standing)]
    asked = {"name": typed.get("name", ""), "credit_code": typed.get("credit_code", "")}
    return {
        "label": each.masked_name,
        "why": gettext(" · ").join(part for part in parts if part),
        "ask": f"/customers/ask/?{urlencode({**asked, 'hit': each.handle})}",
    }
