"""Everything in the database that refers to a customer, found in the models themselves.

A new table with a foreign key to customers is moved by a merge without a word here. What refers
otherwise is named below; a test fails on a column that is neither.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from guanxi.approvals.models import Request
from guanxi.customers.duplicates.models import DuplicatePair, MatchKey, Merge, MergedRow
from guanxi.customers.models import Customer
from guanxi.kernel.models import Share
from guanxi.surfaces.models import Mark

#: Made anew from the rows themselves, or the ledger: not moved.
DERIVED: Final[tuple[type[models.Model], ...]] = (
    MatchKey,
    Merge,
    MergedRow,
    DuplicatePair,
)
#: Logs that may never be rewritten; the timeline reads those of both customers.
LOGS: Final = ("kernel.Event", "kernel.AccessEntry")
_KEY: Final = "customers.customer"


@dataclass(frozen=True)
class Reference:
    """A column by which rows refer to a customer."""

    model: type[models.Model]
    column: str
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The model as the ledger names it."""
        return self.model._meta.label_lower

    @property
    def has_version(self) -> bool:
        """Whether its rows tell that they were edited."""
        return any(f.name == "version" for f in self.model._meta.concrete_fields)

    def rows(self, customer_id: int) -> QuerySet[Any]:
        """The rows that refer to a customer."""
        return self.model._base_manager.filter(**{self.column: customer_id}, **self.only)

    def movable(self, customer_id: int, to_id: int) -> QuerySet[Any]:
        """Those that can come to refer to another one; where it has the same already, they stay."""
        rows = self.rows(customer_id)
        for others in self._unique_with():
            same = self.rows(to_id).filter(**{name: OuterRef(name) for name in others})
            rows = rows.exclude(Q(Exists(same)))
        return rows

    def _unique_with(self) -> Iterator[tuple[str, ...]]:
        """The other columns of every uniqueness of which this one is a part."""
        meta = self.model._meta
        name = meta.get_field(self.column.removesuffix("_id")).name if self.is_key else self.column
        if getattr(meta.get_field(name), "unique", False):
            yield ()
        sets = [tuple(c.fields) for c in meta.constraints if isinstance(c, models.UniqueConstraint)]
        for columns in [*sets, *map(tuple, meta.unique_together)]:
            if name in columns:
                yield tuple(c for c in columns if c != name)

    @property
    def is_key(self) -> bool:
        """Whether the column is a foreign key, not a bare number."""
        return not self.only


NAMED: Final = (
    Reference(Mark, "object_id", {"record_key": _KEY}),
    Reference(Share, "subject_id", {"subject_type": _KEY}),
    Reference(Request, "customer_id", {"customer_id__isnull": False}),
)


def references() -> list[Reference]:
    """Every column that refers to a customer and is moved by a merge."""
    found = [
        Reference(model, column.attname)
        for model in apps.get_models(include_auto_created=True)
        if model not in DERIVED
        for column in model._meta.concrete_fields
        if column.is_relation and column.related_model is Customer
    ]
    return sorted([*found, *NAMED], key=lambda each: (each.label, each.column))


def get_reference(label: str, column: str) -> Reference:
    """The reference that a row of the ledger names."""
    return next(r for r in references() if (r.label, r.column) == (label, column))
