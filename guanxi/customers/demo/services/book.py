"""Writes drafts of customers with everything that belongs to them, in bulk."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models

from guanxi.customers.demo.companies import Draft
from guanxi.customers.demo.services.papers import file_papers
from guanxi.customers.demo.services.staff import Staff
from guanxi.customers.duplicates.services.keys import write_keys
from guanxi.customers.models import Contact, Customer, Interaction, Order, Payment, Tag
from guanxi.customers.services import refresh_totals
from guanxi.kernel.actor import Actor
from guanxi.kernel.events import Happening, record_many
from guanxi.kernel.models import Delivery
from guanxi.kernel.numbering import format_number, take_numbers
from guanxi.surfaces import search
from guanxi.surfaces.events import RecordChanged, RecordCreated
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services import split_personal

_AT_ONCE: Final = 2000
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], False)
_TOTALS: Final = "customers.reactions.recount_orders"


class Book:
    """The customers' book: rows, numbers, search words and one event for each record."""

    def __init__(
        self,
        drafts: Sequence[Draft],
        staff: Staff,
        tags: dict[str, Tag],
        chance: random.Random,
        *,
        actor: Actor,
        at: datetime,
    ) -> None:
        self.drafts, self.staff, self.tags, self.chance = drafts, staff, tags, chance
        self.actor, self.at = actor, at
        self.attachments = 0
        self._happenings: list[Happening] = []

    def write(self) -> None:
        """Everything, in the order in which rows need each other; events last, by time."""
        self._write_customers()
        self._write_contacts()
        self._write(Order, [o for d in self.drafts for o in d.orders], "placed_at", "O")
        self._write(Payment, [p for d in self.drafts for p in d.payments], "created_at", "P")
        self._write(Interaction, [t for d in self.drafts for t in d.talk], "created_at")
        papers = file_papers(self.drafts, self.staff, self.chance)
        self.attachments = len(papers)
        self._happenings += papers
        self._record()
        refresh_totals({d.customer.pk for d in self.drafts})

    # Rows ---------------------------------------------------------------------------------------
    def _write_customers(self) -> None:
        for draft in self.drafts:
            customer = draft.customer
            customer.team = self.staff.team_of[draft.owner.pk]
            head = self.staff.heads[self.staff.region_of[draft.owner.pk]]
            if self.chance.random() < 0.7:
                customer.reviewed_by = head.name
                customer.reviewed_on = draft.since + timedelta(days=self.chance.randrange(1, 9))
            customer.custom = self._custom()
        customers = [d.customer for d in self.drafts]
        self._number("customers.customer", "C", customers)
        Customer.objects.bulk_create(customers)
        self._tag()
        kind = get_record_type("customers.customer")
        search.index_records(kind, customers, at=self.at)
        for draft in self.drafts:
            tag_ids = sorted(self.tags[name].pk for name in draft.tags)
            before = {n: v for n, v in draft.moved_from.items() if n != "at"}
            extra = {"tags": tag_ids, **before}
            self._created(kind, draft.customer, draft.owner.pk, extra)
            if before:
                self._changed(draft, before)

    def _custom(self) -> dict[str, Any]:
        chance = self.chance
        custom: dict[str, Any] = {}
        if chance.random() < 0.55:
            custom["warehouse_area"] = chance.randrange(8, 400) * 100
        if chance.random() < 0.4:
            custom["framework_contract"] = chance.choice(("signed", "talking", "none"))
        return custom

    def _tag(self) -> None:
        names = list(self.tags)
        for draft in self.drafts:
            draft.tags = self.chance.sample(names, self.chance.choice((0, 1, 1, 2, 2, 3)))
        through = Customer.tags.through
        through._default_manager.bulk_create(
            [
                through(customer_id=d.customer.pk, tag_id=self.tags[name].pk)
                for d in self.drafts
                for name in d.tags
            ]
        )

    def _write_contacts(self) -> None:
        """Superiors first: those who report to them need their ids."""
        waiting = [c for d in self.drafts for c in d.contacts]
        while waiting:
            ready = [c for c in waiting if c.reports_to is None or c.reports_to.pk]
            for contact in ready:
                contact.customer_id = contact.customer.pk
                contact.reports_to_id = contact.reports_to.pk if contact.reports_to else None
            Contact.objects.bulk_create(ready)
            waiting = [c for c in waiting if c.pk is None]
        contacts = [c for d in self.drafts for c in d.contacts]
        self._finish(Contact, contacts)
        write_keys((d.customer for d in self.drafts), contacts)

    def _write(
        self, model: type[models.Model], rows: list[Any], order: str, prefix: str = ""
    ) -> None:
        rows.sort(key=lambda row: getattr(row, order))
        for row in rows:
            row.customer_id = row.customer.pk
            for name in ("order", "contact"):
                if getattr(row, name, None) is not None:
                    setattr(row, f"{name}_id", getattr(row, name).pk)
        if prefix:
            self._number(f"customers.{model._meta.model_name}", prefix, rows)
        model._default_manager.bulk_create(rows)
        self._finish(model, rows)

    def _number(self, series: str, prefix: str, rows: Sequence[Any]) -> None:
        for row, number in zip(rows, take_numbers(series, len(rows)), strict=True):
            row.number = format_number(number, prefix=prefix)

    def _finish(self, model: type[models.Model], rows: Iterable[Any]) -> None:
        kind = get_record_type(f"customers.{model._meta.model_name}")
        rows = list(rows)
        search.index_records(kind, rows, at=self.at)
        for row in rows:
            self._created(kind, row, row.created_by_id, {})

    # Events -------------------------------------------------------------------------------------
    def _created(self, kind: RecordType, row: Any, user_id: int, extra: dict[str, Any]) -> None:
        """What the generic service would have recorded when somebody entered this."""
        fields = kind.declared()
        values = {
            n: f.read(row) for n, f in fields.items() if not f.readonly and f.type != "refs"
        } | extra
        changes = {n: (None, v) for n, v in values.items() if v not in _NOTHING}
        public, personal = split_personal(fields, changes)
        customer_id = row.pk if isinstance(row, Customer) else row.customer_id
        self._happenings.append(
            Happening(
                RecordCreated(),
                row,
                customer_id,
                public,
                personal,
                self.staff.actors[user_id],
                row.created_at,
            )
        )

    def _changed(self, draft: Draft, before: dict[str, Any]) -> None:
        customer = draft.customer
        changes = {n: (old, getattr(customer, n)) for n, old in before.items()}
        self._happenings.append(
            Happening(
                RecordChanged(customer.version),
                customer,
                customer.pk,
                changes,
                None,
                self.staff.actors[self.staff.heads[self.staff.region_of[draft.owner.pk]].pk],
                draft.moved_from["at"],
            )
        )

    def _record(self) -> None:
        """All events by time, so that their ids tell the order; the totals are right already."""
        self._happenings.sort(key=lambda h: h.at or self.at)
        for start in range(0, len(self._happenings), _AT_ONCE):
            part = self._happenings[start : start + _AT_ONCE]
            record_many(part, actor=self.actor, at=self.at)
        recounts = Delivery.objects.filter(consumer=_TOTALS, state="due", due_at=self.at)
        recounts.update(state="done", done_at=self.at)
