"""What happened with the customers of one piece: orders, payments, talk, changes, by time."""

from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Final

from guanxi.customers.demo import talk, words
from guanxi.customers.demo.large.making import DAY, Subject, Thing, Workshop
from guanxi.customers.demo.large.plan import (
    EVENTS,
    ORDERS,
    PAYMENTS,
    SHEETS,
    TALKS,
    WHALES,
    Piece,
    Plan,
)
from guanxi.customers.demo.large.sheets import Values
from guanxi.kernel import text

_PRODUCT_WEIGHTS: Final = list(accumulate(p.weight for p in words.PRODUCTS))
_CHANGES: Final = (
    ("tier", "ordinary", "potential"),
    ("stage", "prospect", "growth"),
    ("purchase_cycle", "每年", "每季度"),
    ("focus", "价格与付款条件", "交付周期与安装质量"),
)


def make_piece(plan: Plan, piece: Piece) -> dict[str, list[Values]]:
    """Every row of a piece, by sheet; the same rows each time."""
    workshop = Workshop(plan, piece)
    workshop.make_customers()
    workshop.make_contacts()
    past = Past(workshop)
    past.order_and_pay()
    past.talk()
    past.change()
    workshop.finish_customers()
    past.record()
    return {label: workshop.rows.get(label, []) for label in SHEETS}


class Past:
    """Tells the past of a workshop's customers."""

    def __init__(self, workshop: Workshop) -> None:
        self.shop, self.chance = workshop, workshop.chance
        self.subjects, self.plan, self.piece = workshop.subjects, workshop.plan, workshop.piece
        self.now, self.calendar = workshop.now, workshop.calendar

    def _weighted(self, count: int) -> list[Subject]:
        """Customers drawn so that few have much and many have little; a fifth has nothing."""
        weights = [
            0.0 if self.chance.random() < 0.18 else self.chance.paretovariate(1.6)
            for _ in self.subjects
        ]
        if not any(weights):
            weights = [1.0] * len(weights)
        return self.chance.choices(self.subjects, cum_weights=list(accumulate(weights)), k=count)

    def _since(self, subject: Subject) -> int:
        """An instant of office hours between a customer's first day and now."""
        first, today = subject.since // DAY, self.now // DAY
        if first >= today - 1:
            return min(subject.since + 600, self.now)
        return self.shop.office(self.chance.randrange(first + 1, today))

    # Orders and payments ------------------------------------------------------------------------
    def order_and_pay(self) -> None:
        """Orders, and payments for some of them."""
        before, count = self.piece.share(ORDERS)
        payments_before, payments = self.piece.share(PAYMENTS)
        paid = set(self.chance.sample(range(count), min(payments, count)))
        for place, subject in enumerate(self._weighted(count)):
            ordered = self._order(before + place, subject)
            if place in paid:
                self._payment(payments_before, subject, ordered)
                payments_before += 1

    def _order(self, number: int, subject: Subject) -> tuple[int, int, int]:
        chance, shop = self.chance, self.shop
        pk = self.plan.first_ids["customers.Order"] + number
        product = chance.choices(words.PRODUCTS, cum_weights=_PRODUCT_WEIGHTS)[0]
        at = self._since(subject)
        amount = chance.randrange(product.low, product.high) // 100 * 10_000
        dice = chance.random()
        kind, status = "sale", "completed" if dice < 0.94 else "cancelled"
        if dice < 0.03 and subject.total > amount // 4:
            kind, amount = "return", -(amount // 4)
        if status == "completed":
            self._count(subject, kind, amount, at, product.name)
        written = f"O{self.plan.first_numbers['customers.order'] + number:08d}"
        instant = self.calendar.instant(at)
        user = subject.seller.user_id
        shop.add(
            "customers.Order",
            (
                pk, written, subject.pk, kind, status, instant, amount, product.name, instant,
                instant, user,
            ),
        )  # fmt: skip
        thing = Thing("customers.order", pk, subject, written)
        tokens = number_tokens(written) | _tokens(product.name)
        shop.find_ready(thing, "", f"{written.lower()}\n{_folded(product.name)}", tokens)
        data = (
            f'{{"version": 1, "changes": {{"number": [null, "{written}"], '
            f'"customer": [null, {subject.pk}], "status": [null, "{status}"], '
            f'"placed_at": [null, "{self.calendar.iso(at)}"], "amount_minor": [null, {amount}], '
            f'"product": [null, "{product.name}"]}}}}'
        )
        shop.created(thing, at, data)
        return pk, amount, at

    def _count(self, subject: Subject, kind: str, amount: int, at: int, product: str) -> None:
        subject.total += amount
        if kind == "return":
            return
        subject.orders += 1
        subject.last_order = max(subject.last_order, at)
        subject.first_order = min(subject.first_order or at, at)
        subject.products[product] = None

    def _payment(self, number: int, subject: Subject, ordered: tuple[int, int, int]) -> None:
        order, amount, ordered_at = ordered
        pk, amount = self.plan.first_ids["customers.Payment"] + number, max(amount, 100)
        at = min(ordered_at + self.chance.randrange(3, 25) * DAY, self.now)
        written = f"P{self.plan.first_numbers['customers.payment'] + number:08d}"
        instant = self.calendar.instant(at)
        method = self.chance.choice(("transfer", "transfer", "cheque", "alipay"))
        day = self.calendar.days[(at + 8 * 3600) // DAY]
        user = subject.seller.user_id
        self.shop.add(
            "customers.Payment",
            (pk, written, subject.pk, order, day, amount, method, "全款", instant, instant, user),
        )
        thing = Thing("customers.payment", pk, subject, written)
        self.shop.find_ready(thing, "", written.lower(), number_tokens(written))
        data = (
            f'{{"version": 1, "changes": {{"number": [null, "{written}"], '
            f'"order": [null, {order}], "amount_minor": [null, {amount}]}}}}'
        )
        self.shop.created(thing, at, data)

    # Talk ---------------------------------------------------------------------------------------
    def talk(self) -> None:
        """Talk with the customers of the piece, and this piece's share of the whales'."""
        before, count = self.piece.share(TALKS)
        pk = self.plan.first_ids["customers.Interaction"] + before
        for subject, at in self._talks(count):
            self._note(pk, subject, at)
            pk += 1
        for subject in self.subjects:
            if subject.last_talk and self.chance.random() < 0.6:
                ahead = self.chance.randrange(-30, 45)
                subject.next_contact = max(
                    self.shop.office(self.now // DAY + ahead), subject.last_talk + DAY
                )

    def _talks(self, count: int) -> Iterator[tuple[Subject, int]]:
        piece, left = self.piece, count
        for number, share in enumerate(WHALES):
            before, mine = piece.share(share)
            subject = self._whale(number)
            total = int(share * piece.of) or 1
            for place in range(min(mine, left)):
                ago = (total - before - place) * (1200 * DAY) // total
                yield subject, self.now - 3600 - ago
            left -= min(mine, left)
        for subject in self._weighted(left):
            yield subject, self._since(subject)

    def _whale(self, number: int) -> Subject:
        """The customer with very much history: a real one in the first piece, else a stand-in."""
        if self.piece.start == 0:
            subject = self.subjects[number]
            subject.last_talk = subject.updated = self.now - 4 * 3600
            return subject
        seller = self.plan.sellers[0]
        return Subject(
            self.plan.whales[number], "", seller, 0, words.CITIES[seller.region][0], "", {}
        )

    def _note(self, pk: int, subject: Subject, at: int) -> None:
        chance = self.chance
        channel, direction, said = chance.choice(_NOTES)
        contact_id, who = subject.contacts[0] if subject.contacts else (None, "客户")
        said = said.format(who=who, peer="同事", product="备件", city=subject.city.name)
        instant, user = self.calendar.instant(at), subject.seller.user_id
        subject.last_talk = max(subject.last_talk, at)
        subject.updated = max(subject.updated, at)
        self.shop.add(
            "customers.Interaction",
            (
                pk, subject.pk, self.shop.pen.maybe(contact_id), user, channel, direction, instant,
                self.shop.pen.text(said), instant, instant, user,
            ),
        )  # fmt: skip
        data = (
            f'{{"version": 1, "changes": {{"channel": [null, "{channel}"], "direction": '
            f'[null, "{direction}"], "occurred_at": [null, "{self.calendar.iso(at)}"], '
            f'"content": [null, "{said}"]}}}}'
        )
        self.shop.created(Thing("customers.interaction", pk, subject, said[:60]), at, data)

    # Changes and events -------------------------------------------------------------------------
    def change(self) -> None:
        """Changes of customers, as many as are missing to the wanted number of events."""
        _before, wanted = self.piece.share(EVENTS)
        missing = wanted - len(self.shop.happened) - len(self.subjects)
        for subject in self._weighted(max(0, missing)):
            at = self._since(subject)
            name, old, new = self.chance.choice(_CHANGES)
            seller = subject.seller
            subject.version += 1
            subject.updated = max(subject.updated, at)
            changes = f'{{"{name}": ["{old}", "{new}"]}}'
            event = (
                "record.changed", "customers.customer", subject.pk, subject.name, subject.pk,
                seller.user_id, seller.label, "web", self.calendar.instant(at),
                f'{{"version": {subject.version}, "changes": {changes}}}',
            )  # fmt: skip
            self.shop.happen(at, event)

    def record(self) -> None:
        """Write the events by time, so that their ids tell the order."""
        before, _count = self.piece.share(EVENTS)
        pk = self.plan.first_ids["kernel.Event"] + before
        shop = self.shop
        shop.happened.sort()
        for place, (_at, _place, event, personal) in enumerate(shop.happened):
            shop.add("kernel.Event", (pk + place, *event))
            if personal is not None:
                shop.add("kernel.EventDetail", (pk + place, personal))


@cache
def _tokens(value: str) -> set[str]:
    return text.search_tokens(value)


@cache
def _folded(value: str) -> str:
    return text.search_text(value)


def number_tokens(number: str) -> set[str]:
    """The words of `O00000017`, as `search_tokens` finds them, at a tenth of its cost."""
    folded = number.lower()
    digits = folded[1:]
    found = {folded[i : i + 3] for i in range(len(folded) - 2)}
    found.update([digits[i : i + 4] for i in range(len(digits) - 3)])
    found.update((folded[:1], folded[:2]))
    return found


_NOTES: Final = tuple(
    (channel, direction, said.replace('"', "”"))
    for channel, direction, said in (*talk.NOTES, *talk.FIRST_NOTES)
)
