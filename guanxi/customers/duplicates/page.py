"""What the page of a merge shows: both customers side by side, and what would move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext

from guanxi.customers.duplicates import queries, rules
from guanxi.customers.duplicates.choices import REASONS
from guanxi.customers.duplicates.models import Merge
from guanxi.customers.models import Customer
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.listing import Listing, Row
from guanxi.surfaces.records import get_record_type

_KEY: Final = "customers.customer"
_MOST: Final = 10


@dataclass(frozen=True)
class Choice:
    """One field of both customers, and whose value is kept unless somebody chooses."""

    name: str
    label: str
    mine: Any
    theirs: Any
    pick: str
    is_open: bool


@dataclass(frozen=True)
class Past:
    """A merge of the past, and whether it can be taken back."""

    pk: int
    label: str
    by: str
    when: Any
    is_undone: bool
    is_undoable: bool
    kept: Sequence[str]


class MergePage:
    """Two customers of one reader, side by side; made per request."""

    def __init__(self, survivor: Customer, loser: Customer, actor: Actor, at: datetime) -> None:
        self.survivor, self.loser, self.actor, self.at = survivor, loser, actor, at
        self.mine = Listing(get_record_type(_KEY), actor, at=at)
        self.theirs = Listing(get_record_type(_KEY), actor, at=at)
        self.rows = self.mine.read(survivor.pk), self.theirs.read(loser.pk)
        self.formatter = Formatter(actor, at)

    @property
    def choices(self) -> list[Choice]:
        """The fields that differ, with the value that the rule would keep."""
        is_newer = self.loser.updated_at > self.survivor.updated_at
        return [
            self._choice(name, is_newer)
            for name, field in self.mine.fields.items()
            if not field.readonly and field.type != "refs" and self._differs(name)
        ]

    def _differs(self, name: str) -> bool:
        field = self.mine.fields[name]
        return bool(field.read(self.survivor) != field.read(self.loser))

    def _choice(self, name: str, is_newer: bool) -> Choice:
        field = self.mine.fields[name]
        mine, theirs = field.read(self.survivor), field.read(self.loser)
        return Choice(
            name,
            str(field.label),
            self._said(self.rows[0], name),
            self._said(self.rows[1], name),
            rules.default_pick(name, mine, theirs, theirs_is_newer=is_newer),
            field.is_clear(self.actor) and name not in rules.STAYS,
        )

    def _said(self, row: Row, name: str) -> Any:
        value = row.values.get(name)
        return "—" if rules.is_blank(value) else self.formatter.html(self.mine.fields[name], value)

    @property
    def moving(self) -> list[tuple[str, int, int]]:
        """What moves and what stays, by kind, as far as the reader may see such records."""
        return [
            (line.label, line.moving, line.staying)
            for line in queries.preview_move(self.survivor.pk, self.loser.pk, self.actor)
        ]


def list_alike(customer: Customer, actor: Actor) -> list[Mapping[str, Any]]:
    """The look-alikes of a customer that the reader may merge with it."""
    profile = queries.get_profiles([customer.pk]).get(customer.pk)
    found = queries.find_alike(profile, but=customer.pk) if profile else []
    dismissed = queries.list_dismissed(customer.pk)
    likeness = {e.customer_id: e.likeness for e in found if e.customer_id not in dismissed}
    rows = visible(actor, "customers.merge", Customer.objects.filter(pk__in=likeness))
    ordered = sorted(rows.select_related("owner"), key=lambda c: -likeness[c.pk].percent)
    return [
        {
            "customer": each,
            "percent": likeness[each.pk].percent,
            "why": gettext(", ").join(str(REASONS[r]) for r in likeness[each.pk].reasons),
        }
        for each in ordered[:_MOST]
    ]


def list_past(customer_id: int, formatter: Formatter) -> list[Past]:
    """The merges into a customer, the newest first."""
    rows = Merge.objects.filter(survivor_id=customer_id).order_by("-merged_at", "-pk")
    return [
        Past(
            merge.pk,
            merge.loser_label,
            merge.merged_by_label,
            formatter.when(merge.merged_at),
            merge.undone_at is not None,
            merge.undone_at is None and rules.is_undoable(merge.merged_at, formatter.at),
            merge.kept,
        )
        for merge in rows[:_MOST]
    ]
