"""Reads about customers that are not plain lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Self, TypeVar
from uuid import UUID

from django.db.models import Count, Model, QuerySet, Sum

from guanxi.customers.access import attachment_kinds
from guanxi.customers.choices import OrderStatus
from guanxi.customers.models import Attachment, Contact, Customer, Order, Payment
from guanxi.customers.stages import STAGES
from guanxi.kernel.access import get_visible, may_be_opened, opening_columns, visible
from guanxi.kernel.actor import Actor
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.records import get_record_type

M = TypeVar("M", bound=Model)
MOST_CONTACTS: Final = 60
MOST_FILES: Final = 8
MOST_FILES_SHELVED: Final = 500
LATEST: Final = 5


def get_labels(wanted: Mapping[str, set[int]], actor: Actor) -> dict[tuple[str, int], str]:
    """The names of referenced records by (record type, id): one query per type that occurs.

    Colleagues, departments and tags are known to everybody; a customer's things in scope only.
    """
    found: dict[tuple[str, int], str] = {}
    for key, ids in wanted.items():
        record_type = get_record_type(key)
        rows = record_type.model._base_manager.filter(pk__in=ids)
        if record_type.customer_path:
            rows = visible(actor, record_type.allows("view"), rows)
        names = titles_of(record_type, rows, actor)
        found |= {(key, pk): name for pk, name in names.items()}
    return found


# What belongs to an opened customer ---------------------------------------------------------------
class OpenedId(int):
    """The id of a customer that was found in the reader's scope just now."""

    is_by_share: bool

    def __new__(cls, pk: int, *, is_by_share: bool = False) -> Self:
        """With whether it may have come into sight by a share, which may carry less."""
        opened = super().__new__(cls, pk)
        opened.is_by_share = is_by_share
        return opened


def get_opened(pk: int, actor: Actor) -> tuple[Customer, OpenedId]:
    """A customer in the reader's scope, or NotFound."""
    customer = get_visible(actor, "customers.view", Customer.objects.all(), pk=pk)
    row = {column: getattr(customer, column) for column in opening_columns(Customer)}
    return customer, OpenedId(customer.pk, is_by_share=may_be_opened(actor, Customer, row))


def list_merged_ids(customer_id: int) -> list[int]:
    """The customers that were merged into one: their history is its own."""
    rows = Customer.objects.filter(merged_into_id=customer_id)
    return list(rows.values_list("pk", flat=True))


def covers(code: str, customer_id: OpenedId, actor: Actor) -> bool:
    """Whether a right covers this customer; one as wide as seeing customers surely does."""
    if not customer_id.is_by_share and _is_as_wide(code, actor):
        return True
    customers = Customer.objects.filter(pk=customer_id)
    return actor.can(code) and visible(actor, code, customers).exists()


def _is_as_wide(code: str, actor: Actor) -> bool:
    seeing, reach = actor.reach("customers.view"), actor.reach(code)
    return seeing is not None and reach is not None and reach >= seeing


def _within(code: str, rows: QuerySet[M], actor: Actor, customer_id: OpenedId) -> QuerySet[M]:
    """The reader's part of an opened customer's rows; a narrower scope is asked again."""
    is_whole = not customer_id.is_by_share and _is_as_wide(code, actor)
    return rows if is_whole else visible(actor, code, rows)


# Beside the timeline: only the columns that are shown ---------------------------------------------
class ContactRow(NamedTuple):
    """A contact as the page shows it."""

    pk: int
    name: str
    position: str
    unit: str
    phone: str
    other_phone: str
    wechat: str
    email: str
    decision_role: str
    attitude: str
    influence: int
    reports_to_id: int | None
    is_primary: bool
    is_do_not_disturb: bool
    do_not_disturb_rule: str


class OrderRow(NamedTuple):
    """An order as the page shows it."""

    pk: int
    number: str
    placed_at: datetime
    product: str
    amount_minor: int
    currency: str
    kind: str
    status: str


class PaymentRow(NamedTuple):
    """A payment as the page shows it."""

    pk: int
    number: str
    paid_on: date
    method: str
    amount_minor: int
    currency: str


class FileRow(NamedTuple):
    """A file as the page shows it."""

    pk: UUID
    title: str
    kind: str
    year: int
    paper_location: str
    file__mime: str
    file__size: int


@dataclass(frozen=True)
class CurrencyTotal:
    """How many orders or payments there are in one currency, and their sum."""

    currency: str
    count: int
    total_minor: int


def list_contacts(customer_id: OpenedId, actor: Actor) -> list[ContactRow]:
    """The contacts of a customer, the main one first, then by influence."""
    rows = Contact.objects.filter(customer_id=customer_id, archived_at=None)
    rows = _within("contacts.view", rows, actor, customer_id).order_by(
        "-is_primary", "-influence", "pk"
    )
    return [ContactRow(*row) for row in rows.values_list(*ContactRow._fields)[:MOST_CONTACTS]]


def list_orders(customer_id: OpenedId, actor: Actor) -> list[OrderRow]:
    """The last orders of a customer."""
    rows = _orders(customer_id, actor).order_by("-placed_at", "-pk")
    return [OrderRow(*row) for row in rows.values_list(*OrderRow._fields)[:LATEST]]


def list_payments(customer_id: OpenedId, actor: Actor) -> list[PaymentRow]:
    """The last payments of a customer."""
    rows = _payments(customer_id, actor).order_by("-paid_on", "-pk")
    return [PaymentRow(*row) for row in rows.values_list(*PaymentRow._fields)[:LATEST]]


def list_files(customer_id: OpenedId, actor: Actor, *, kind: str = "", most: int) -> list[FileRow]:
    """The files of a customer that the reader may know of, as they are filed (CUS-10)."""
    rows = Attachment.objects.filter(customer_id=customer_id, archived_at=None)
    rows = _within("attachments.view", rows, actor, customer_id).filter(attachment_kinds(actor))
    rows = (rows.filter(kind=kind) if kind else rows).order_by(
        "-year", "kind", "-created_at", "-pk"
    )
    return [FileRow(*row) for row in rows.values_list(*FileRow._fields)[:most]]


def sum_orders(
    customer_id: OpenedId, actor: Actor, latest: Sequence[OrderRow]
) -> list[CurrencyTotal]:
    """Orders per currency, of which these are the latest; cancelled ones do not count."""
    if len(latest) < LATEST:
        return _sums_of(row for row in latest if row.status != OrderStatus.CANCELLED)
    return _sums(_orders(customer_id, actor).exclude(status=OrderStatus.CANCELLED))


def sum_payments(
    customer_id: OpenedId, actor: Actor, latest: Sequence[PaymentRow]
) -> list[CurrencyTotal]:
    """Payments per currency, of which these are the latest."""
    return _sums_of(latest) if len(latest) < LATEST else _sums(_payments(customer_id, actor))


def _orders(customer_id: OpenedId, actor: Actor) -> QuerySet[Order]:
    rows = Order.objects.filter(customer_id=customer_id, archived_at=None)
    return _within("orders.view", rows, actor, customer_id)


def _payments(customer_id: OpenedId, actor: Actor) -> QuerySet[Payment]:
    rows = Payment.objects.filter(customer_id=customer_id, archived_at=None)
    return _within("payments.view", rows, actor, customer_id)


def _sums(rows: QuerySet[Any]) -> list[CurrencyTotal]:
    sums = rows.order_by().values_list("currency").annotate(Count("pk"), Sum("amount_minor"))
    return _in_order([CurrencyTotal(code, count, total or 0) for code, count, total in sums])


def _sums_of(rows: Iterable[OrderRow | PaymentRow]) -> list[CurrencyTotal]:
    """What the database would sum, of rows that are all there are."""
    amounts: dict[str, list[int]] = {}
    for row in rows:
        amounts.setdefault(row.currency, []).append(row.amount_minor)
    return _in_order([CurrencyTotal(code, len(each), sum(each)) for code, each in amounts.items()])


def _in_order(totals: list[CurrencyTotal]) -> list[CurrencyTotal]:
    return sorted(totals, key=lambda each: (-each.count, each.currency))


# Data to fix --------------------------------------------------------------------------------------
#: So many of one's customers are looked through, those changed last: no more are fixed in a day.
LOOKED_THROUGH: Final = 200


def list_lacking(actor: Actor, most: int) -> list[tuple[int, str, Sequence[str]]]:
    """One's own customers that lack what their stage asks for, with the fields that are blank."""
    needs = {need for stage in STAGES.order for need in STAGES.needed(stage)}
    names = {need.field for need in needs} | {need.only[0] for need in needs if need.only}
    mine = Customer.objects.filter(owner_id=actor.user_id or 0, archived_at=None)
    mine = visible(actor, "customers.change", mine.filter(stage__in=STAGES.order))
    latest = mine.order_by("-updated_at", "-pk").values("pk", "name", "stage", *sorted(names))
    found = (
        (row["pk"], row["name"], STAGES.lacking(row, row["stage"]))
        for row in latest[:LOOKED_THROUGH]
    )
    return [each for each in found if each[2]][:most]
