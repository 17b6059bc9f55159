"""Writes the demo company: in bulk, but every record with its event and its search words."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Protocol

from django.db import transaction
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from guanxi.customers.demo.companies import HERE, Draft, Inventor
from guanxi.customers.demo.history import Chronicler
from guanxi.customers.demo.organisation import COMPANY, REGION_DEPARTMENTS
from guanxi.customers.demo.services import large
from guanxi.customers.demo.services.approvals import add_approvals
from guanxi.customers.demo.services.book import Book
from guanxi.customers.demo.services.extras import add_custom_fields, add_marks, add_views
from guanxi.customers.demo.services.pools import add_pools
from guanxi.customers.demo.services.staff import Staff, hire_staff
from guanxi.customers.demo.services.tags import load_standard_tags
from guanxi.customers.events import DemoLoaded
from guanxi.customers.models import Customer, Tag
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record
from guanxi.kernel.models import Event
from guanxi.people.models import User
from guanxi.people.queries import get_organisation

__all__ = [
    "LARGE",
    "SIZES",
    "DemoSummary",
    "Part",
    "Staff",
    "declare_part",
    "is_demo_loaded",
    "is_empty",
    "load_demo",
    "load_large_demo",
    "load_standard_tags",
]

SIZES: Final = {"small": 200, "standard": 2000}
LARGE: Final = 1_000_000
SEED: Final = 20261121
_NOT_EMPTY = _(
    "The database already holds other users or customers. Set GUANXI_DEMO=1 to add the demo "
    "company to them, or use an empty data folder."
)
_NOT_EMPTY_FOR_LARGE = _(
    "The database already holds users or customers. The large company needs an empty one: its "
    "history cannot be taken out again."
)
_TOO_FEW = _("The large company has at least 1 000 customers.")


class Part(Protocol):
    """What a domain above adds to the demo company."""

    def __call__(
        self, staff: Staff, drafts: Sequence[Draft], *, actor: Actor, at: datetime
    ) -> None:
        """Write it down, with the company's people and customers at hand."""


_parts: list[Part] = []


def declare_part(add: Part) -> None:
    """Let a domain add to the demo company from its own module `demo_company`."""
    _parts.append(add)


@dataclass(frozen=True)
class DemoSummary:
    """How much of everything the demo company has."""

    company: str
    users: int
    customers: int
    contacts: int
    orders: int
    payments: int
    interactions: int
    attachments: int

    def as_dict(self) -> dict[str, str | int]:
        """The figures by name."""
        return asdict(self)


def is_demo_loaded() -> bool:
    """Whether the demo company is in this database already."""
    return Event.objects.filter(kind=DemoLoaded.kind).exists()


def is_empty() -> bool:
    """Whether nobody works here yet and there is no customer."""
    return not User.objects.exists() and not Customer.objects.exists()


@transaction.atomic
def load_demo(
    size: str, *, password: str, may_mix: bool, actor: Actor, at: datetime
) -> DemoSummary:
    """Put the demo company into the database, whole or not at all."""
    if not may_mix and not is_empty():
        raise RuleViolation("not_empty", _NOT_EMPTY)
    summary, _staff, _tags = _found(SIZES[size], password, actor, at)
    _say(size, summary.customers, actor, at)
    return summary


def load_large_demo(
    count: int, *, password: str, actor: Actor, at: datetime, progress: large.Progress
) -> DemoSummary:
    """Put a company of so many customers into an empty database, whole or not at all."""
    if not is_empty():
        raise RuleViolation("not_empty", _NOT_EMPTY_FOR_LARGE)
    if count < large.FEWEST:
        raise RuleViolation("too_few", _TOO_FEW)
    with large.whole_or_not():
        with transaction.atomic():
            first, staff, tags = _found(SIZES["small"], password, actor, at)
        more = large.grow(
            count - first.customers, staff, tags, actor=actor, at=at, progress=progress
        )
        known = first.as_dict()
        numbers = {n: more.get(n, 0) + v for n, v in known.items() if isinstance(v, int)}
        _say("large", count, actor, at)
    large.settle(progress)
    return DemoSummary(company=first.company, **numbers)


def _found(
    count: int, password: str, actor: Actor, at: datetime
) -> tuple[DemoSummary, Staff, dict[str, Tag]]:
    """The company with so many customers, written like the services would."""
    chance = random.Random(SEED)  # noqa: S311  the same company every time, nothing secret
    staff = hire_staff(password, chance, actor=actor, at=at)
    tags = load_standard_tags(actor=actor, at=at)
    add_custom_fields(actor=actor, at=at)
    drafts = invent(count, staff, chance, at)
    book = Book(drafts, staff, tags, chance, actor=actor, at=at)
    book.write()
    add_views(staff, at=at)
    add_marks(staff, drafts, at=at)
    add_pools(staff, drafts, actor=actor, at=at)
    add_approvals(staff, drafts, actor=actor, at=at)
    autodiscover_modules("demo_company")
    for add in _parts:
        add(staff, drafts, actor=actor, at=at)
    summary = DemoSummary(
        company=COMPANY,
        users=len(staff.users),
        customers=len(drafts),
        contacts=sum(len(d.contacts) for d in drafts),
        orders=sum(len(d.orders) for d in drafts),
        payments=sum(len(d.payments) for d in drafts),
        interactions=sum(len(d.talk) for d in drafts),
        attachments=book.attachments,
    )
    return summary, staff, tags


def _say(size: str, customers: int, actor: Actor, at: datetime) -> None:
    happened = DemoLoaded(size, SEED, customers)
    record(happened, subject=get_organisation(), actor=actor, at=at)


def invent(count: int, staff: Staff, chance: random.Random, at: datetime) -> list[Draft]:
    """So many customers with their history; the first sign-in of sales has more than others."""
    inventor = Inventor(chance, at.astimezone(HERE).date())
    chronicler = Chronicler(chance, at)
    drafts = []
    for _number in range(count):
        owner = chance.choices(staff.sellers, staff.weights)[0]
        draft = inventor.draft(owner, staff.region_of[owner.pk])
        chronicler.tell(draft)
        drafts.append(draft)
    assert set(staff.region_of.values()) <= set(REGION_DEPARTMENTS)  # noqa: S101
    return sorted(drafts, key=lambda d: d.customer.created_at)
