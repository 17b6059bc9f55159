"""What every piece of the large company must know: how much of what, whose, and which ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guanxi.customers.demo.large.sheets import Sheet

PIECE: Final = 5000
#: How many of each come on one customer.
CONTACTS, ORDERS, PAYMENTS, TALKS, EVENTS = 1.3, 5.0, 0.4, 1.0, 10.0
#: Two customers of the first sign-in of sales have very much history: a share of all customers.
WHALES: Final = (0.1, 0.01)
BOOKS: Final = 0.05
"""The share of all customers that one single owner has."""

SHEETS: Final = {
    sheet.label: sheet
    for sheet in (
        Sheet(
            "customers.Customer",
            (
                "id", "number", "external_id", "kind", "name", "name_sort",
                "short_name", "credit_code", "industry", "headcount", "revenue_minor",
                "founded_on", "province", "city", "registered_address", "business_scope",
                "website", "phone", "email", "owner_id", "team_id", "department_id", "stage",
                "tier", "first_cooperated_on", "products", "needs", "decision_chain",
                "purchase_cycle", "focus", "preferred_channel", "is_do_not_disturb", "source",
                "lawful_basis", "collected_at", "filled_by", "filled_on", "order_count",
                "total_minor", "last_order_on", "next_contact_at", "last_contact_at", "version",
                "created_at", "updated_at", "created_by_id", "custom",
            ),
        ),
        Sheet(
            "customers.Contact",
            (
                "id", "customer_id", "name", "position", "unit", "phone", "email", "wechat",
                "birthday", "decision_role", "attitude", "influence", "reports_to_id",
                "is_primary", "preferred_channel", "style", "created_at", "updated_at",
                "created_by_id",
            ),
        ),
        Sheet(
            "customers.Order",
            (
                "id", "number", "customer_id", "kind", "status", "placed_at", "amount_minor",
                "product", "created_at", "updated_at", "created_by_id",
            ),
        ),
        Sheet(
            "customers.Payment",
            (
                "id", "number", "customer_id", "order_id", "paid_on", "amount_minor", "method",
                "notes", "created_at", "updated_at", "created_by_id",
            ),
        ),
        Sheet(
            "customers.Interaction",
            (
                "id", "customer_id", "contact_id", "user_id", "channel", "direction",
                "occurred_at", "content", "created_at", "updated_at", "created_by_id",
            ),
        ),
        Sheet("customers.MatchKey", ("kind", "value", "customer_id", "source_id")),
        Sheet("customers/Customer/tags", ("customer_id", "tag_id")),
        Sheet(
            "surfaces.SearchDoc",
            (
                "record_key", "object_id", "customer_id", "group", "title", "folded", "tokens",
                "updated_at",
            ),
        ),
        Sheet(
            "kernel.Event",
            (
                "id", "kind", "subject_type", "subject_id", "subject_label", "customer_id",
                "actor_user_id", "actor_label", "channel", "at", "data",
            ),
        ),
        Sheet("kernel.EventDetail", ("event_id", "values")),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Seller:
    """Somebody who has customers, as rows name them."""

    user_id: int
    label: str
    team_id: int
    department_id: int
    region: str


@dataclass(frozen=True)
class Plan:
    """The whole load; every piece of it can be made alone."""

    count: int
    seed: int
    at: datetime
    is_copied: bool
    sellers: tuple[Seller, ...]
    tag_ids: tuple[int, ...]
    first_ids: dict[str, int]
    first_numbers: dict[str, int]

    @property
    def whales(self) -> tuple[int, ...]:
        """The customers with very much history."""
        first = self.first_ids["customers.Customer"]
        return tuple(range(first, first + len(WHALES)))

    def pieces(self) -> Iterator["Piece"]:
        """The pieces in order."""
        for start in range(0, self.count, PIECE):
            yield Piece(start, min(start + PIECE, self.count), self.count)


@dataclass(frozen=True)
class Piece:
    """Customers `start` to `end` and the share of everything else that comes with them."""

    start: int
    end: int
    of: int

    def share(self, rate: float) -> tuple[int, int]:
        """How many rows stand before this piece, and how many are in it."""
        before = int(rate * self.start)
        return before, int(rate * self.end) - before
