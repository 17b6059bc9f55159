"""What happened with an invented customer: orders by season, payments, talk."""

import random
from datetime import date, datetime, timedelta
from typing import Final

from guanxi.customers.choices import CustomerKind, OrderStatus, Tier
from guanxi.customers.demo import talk, words
from guanxi.customers.demo.companies import Draft, office_hours, stage_of
from guanxi.customers.models import Contact, Interaction, Order, Payment

_CYCLE_DAYS: Final = {"每月": 40, "每季度": 75, "每半年": 130, "每年": 260, "按项目": 190}
# Spring festival empties February; the autumn before the sales days is the high season.
_SEASON: Final = (0.8, 0.4, 1.0, 1.0, 1.05, 1.15, 0.9, 1.0, 1.3, 1.25, 1.4, 1.1)
_SIZES: Final = {Tier.CORE: 1.6, Tier.POTENTIAL: 1.0, Tier.ORDINARY: 0.55}


class Chronicler:
    """Writes the past of customers up to today."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self.chance, self.now, self.today = chance, now, now.date()

    def tell(self, draft: Draft) -> None:
        """Orders, payments and talk of one customer, and what follows from them."""
        self._order(draft)
        self._pay(draft)
        draft.customer.stage = stage_of(draft, self.today, self.chance)
        self._talk(draft)
        self._plan(draft)
        self._develop(draft)

    # Orders and payments ------------------------------------------------------------------------
    def _order(self, draft: Draft) -> None:
        chance, customer = self.chance, draft.customer
        if chance.random() < 0.18:
            return
        step = _CYCLE_DAYS[customer.purchase_cycle] / _SIZES[Tier(customer.tier)] ** 0.5
        end = self.today - timedelta(days=chance.choice((0, 0, 0, 0, 30, 90, 280, 460)))
        day = draft.since + timedelta(days=chance.randrange(5, 80))
        usual = chance.choices(words.PRODUCTS, [p.weight for p in words.PRODUCTS], k=3)
        while day < end:
            if chance.random() < _SEASON[day.month - 1] / 1.4:
                draft.orders.append(self._sale(draft, day, chance.choice(usual)))
            day += timedelta(days=max(6, int(chance.gauss(step, step / 3))))
        if draft.orders:
            customer.first_cooperated_on = draft.orders[0].placed_at.date()
            names = dict.fromkeys(o.product for o in draft.orders if o.kind == "sale")
            customer.products = "、".join(list(names)[:4])

    def _sale(self, draft: Draft, day: date, product: words.Product) -> Order:
        chance, customer = self.chance, draft.customer
        size = _SIZES[Tier(customer.tier)] * (0.15 if customer.kind == CustomerKind.PERSON else 1)
        yuan = int(chance.triangular(product.low, product.high, product.low * 1.8) * size)
        yuan = max(200, round(yuan, -2))
        kept = sum(o.amount_minor for o in draft.orders if o.status != OrderStatus.CANCELLED)
        # Nobody sends back more than was bought.
        is_return = chance.random() < 0.035 and yuan // 4 * 100 <= kept
        placed_at = office_hours(chance, day)
        age = (self.today - day).days
        status = OrderStatus.COMPLETED
        if age < 12:
            status = OrderStatus.PLACED
        elif age < 30:
            status = OrderStatus.DELIVERED
        elif chance.random() < 0.03:
            status = OrderStatus.CANCELLED
        return Order(
            customer=customer,
            kind="return" if is_return else "sale",
            status=OrderStatus.COMPLETED if is_return else status,
            placed_at=placed_at,
            amount_minor=(-yuan // 4 if is_return else yuan) * 100,
            product=product.name,
            quantity=max(1, yuan // product.unit_price) if product.unit_price else None,
            notes=chance.choice(talk.RETURN_NOTES) if is_return else "",
            created_at=placed_at,
            updated_at=placed_at,
            created_by_id=draft.owner.pk,
        )

    def _pay(self, draft: Draft) -> None:
        for order in draft.orders:
            if order.kind == "return" or order.status in {"cancelled", "placed"}:
                continue
            in_parts = order.amount_minor > 10_000_000 and self.chance.random() < 0.5
            shares = (30, 70) if in_parts else (100,)
            for part, share in enumerate(shares):
                paid_on = order.placed_at.date() + timedelta(
                    days=self.chance.randrange(3, 25) + part * 30
                )
                if paid_on <= self.today:
                    draft.payments.append(self._payment(draft, order, paid_on, share))

    def _payment(self, draft: Draft, order: Order, paid_on: date, share: int) -> Payment:
        at = min(office_hours(self.chance, paid_on), self.now)
        return Payment(
            customer=draft.customer,
            order=order,
            paid_on=paid_on,
            amount_minor=order.amount_minor * share // 100,
            method=self.chance.choices(("transfer", "cheque", "alipay", "wechat"), (80, 8, 6, 6))[
                0
            ],
            notes={30: "预付款", 70: "尾款", 100: "全款"}[share],
            created_at=at,
            updated_at=at,
            created_by_id=draft.owner.pk,
        )

    # Talk ---------------------------------------------------------------------------------------
    def _talk(self, draft: Draft) -> None:
        chance = self.chance
        days = {draft.since + timedelta(days=chance.randrange(1, 6))}
        for order in draft.orders[-4:]:
            if chance.random() < 0.35:
                days.add(order.placed_at.date() - timedelta(days=chance.randrange(2, 20)))
        quiet_since = chance.choice((1, 3, 8, 15, 25, 40, 70, 130))
        for _ in range(chance.choice((0, 1, 1, 2))):
            days.add(self.today - timedelta(days=quiet_since + chance.randrange(0, 90)))
        past = sorted(d for d in days if draft.since < d < self.today)
        for number, day in enumerate(past):
            draft.talk.append(self._note(draft, day, is_first=number == 0))

    def _note(self, draft: Draft, day: date, *, is_first: bool) -> Interaction:
        chance = self.chance
        channel, direction, words_used = chance.choice(talk.NOTES)
        if is_first:
            channel, direction, words_used = chance.choice(talk.FIRST_NOTES)
        contact = self._counterpart(draft)
        others = [c for c in draft.contacts if c is not contact]
        peer = polite(chance.choice(others)) if others else "他们领导"
        usual = [o.product for o in draft.orders] or [chance.choice(words.PRODUCTS).name]
        at = office_hours(chance, day)
        return Interaction(
            customer=draft.customer,
            contact=contact,
            user=draft.owner,
            channel=channel,
            direction=direction,
            occurred_at=at,
            content=words_used.format(
                who=polite(contact) if contact else draft.customer.name,
                peer=peer,
                product=chance.choice(usual),
                city=draft.city.name,
            ),
            created_at=at + timedelta(minutes=chance.randrange(2, 50)),
            created_by_id=draft.owner.pk,
        )

    def _counterpart(self, draft: Draft) -> Contact | None:
        if not draft.contacts:
            return None
        weights = [6 if c.is_primary else 2 for c in draft.contacts]
        return self.chance.choices(draft.contacts, weights)[0]

    def _plan(self, draft: Draft) -> None:
        """The next contact, which for some customers should have been long ago."""
        chance, customer = self.chance, draft.customer
        for note in draft.talk:
            note.updated_at = note.created_at
        if not draft.talk:
            return
        last = draft.talk[-1]
        customer.last_contact_at = last.occurred_at
        kind = chance.random()
        if kind < 0.14:
            day = self.today - timedelta(days=chance.randrange(1, 30))
            if day <= last.occurred_at.date():
                day = self.today - timedelta(days=1)
        elif kind < 0.2:
            day = self.today
        elif kind < 0.62:
            day = self.today + timedelta(days=chance.randrange(1, 45))
        else:
            return
        last.next_contact_at = customer.next_contact_at = office_hours(chance, day)
        customer.updated_at = max(customer.updated_at, last.created_at)

    def _develop(self, draft: Draft) -> None:
        """Some customers have risen in tier since they were entered."""
        chance, customer = self.chance, draft.customer
        if customer.tier == Tier.ORDINARY or chance.random() > 0.4:
            return
        before = Tier.ORDINARY if customer.tier == Tier.POTENTIAL else Tier.POTENTIAL
        age = (self.today - draft.since).days
        moved = office_hours(chance, draft.since + timedelta(days=chance.randrange(4, age)))
        draft.moved_from = {"tier": before, "at": moved}
        customer.version = 2
        customer.updated_at = max(customer.updated_at, moved)


_SPOKEN: Final = {"总经理": "总", "董事长": "董", "执行董事": "董", "副总经理": "副总"}
_TITLES: Final = ("经理", "总监", "主管", "厂长", "主任")


def polite(contact: Contact) -> str:
    """How a colleague writes of a contact: surname and position, or the name of a junior."""
    if "·" in contact.name:
        return contact.name.partition("·")[0]
    surname = contact.name[: 2 if contact.name[:2] in words.COMPOUND_SURNAMES else 1]
    spoken = _SPOKEN.get(contact.position)
    found = spoken or next((t for t in _TITLES if contact.position.endswith(t)), None)
    return surname + found if found else contact.name
