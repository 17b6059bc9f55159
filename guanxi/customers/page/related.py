"""What belongs to a customer, beside the timeline: people, the decision chain, trade, files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from django.db.models import TextChoices
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from guanxi.customers import queries
from guanxi.customers.access import ASK_DELETION
from guanxi.customers.choices import AttachmentKind, Attitude, DecisionRole, PaymentMethod
from guanxi.customers.page import decision_map, related_markup
from guanxi.customers.queries import (
    ContactRow,
    CurrencyTotal,
    FileRow,
    OpenedId,
    OrderRow,
    PaymentRow,
)
from guanxi.deletions.queries import list_asked
from guanxi.kernel.access import shown
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.html import format_html_join
from guanxi.surfaces.html.formats import Formatter, national

_GROUPS: Final = {"orders": "totals", "payments": "finance"}
_UNITS: Final = ((1 << 20, "MB"), (1 << 10, "kB"))


@dataclass(frozen=True)
class Way:
    """One way to reach a person, clear or masked."""

    label: str
    text: str
    icon: str
    url: str = ""
    copy: str = ""
    reveal_url: str = ""


@dataclass(frozen=True)
class Person:
    """A contact in the list beside the timeline."""

    id: int
    name: str
    line: str
    role: str
    mood: str
    attitude: str
    is_primary: bool
    disturb_rule: str
    ways: Sequence[Way]
    edit_url: str


@dataclass(frozen=True)
class Node:
    """A card of the decision map with its words cut to fit, and in full for who listens."""

    card: decision_map.Card
    name: str
    post: str
    role: str
    attitude: str
    spoken: str

    @property
    def rest(self) -> str:
        """What is spoken after the name."""
        return self.spoken[len(self.card.person.name) :].lstrip(" ,，、")


@dataclass(frozen=True)
class DecisionChain:
    """The drawing and the same in words."""

    width: int
    height: int
    nodes: Sequence[Node]
    wires: Sequence[decision_map.Wire]

    @property
    def cards(self) -> SafeString:
        """The people of the map as markup."""
        return format_html_join("", "{}", ((related_markup.card(node),) for node in self.nodes))


@dataclass(frozen=True)
class Deal:
    """An order or payment in the list."""

    id: int
    number: str
    sub: str
    amount: str
    is_back: bool
    is_void: bool


@dataclass(frozen=True)
class Trade:
    """Orders or payments: the last ones, the sums, and where all of them are."""

    key: str
    label: str
    deals: Sequence[Deal]
    totals: Sequence[str]
    count: int
    all_url: str
    add_url: str
    empty: str

    @property
    def html(self) -> SafeString:
        """The deals as markup."""
        writer = related_markup.DealWriter(self.key)
        return format_html_join("", "{}", ((writer.write(deal),) for deal in self.deals))


@dataclass(frozen=True)
class Paper:
    """A file in the list."""

    id: str
    title: str
    kind: str
    sub: str
    url: str
    icon: str
    ask_url: str = ""
    is_asked: bool = False


@dataclass(frozen=True)
class Shelf:
    """The files of one year."""

    year: int
    papers: Sequence[Paper]


@dataclass(frozen=True)
class Archive:
    """The files of a customer by year, the newest of them."""

    shelves: Sequence[Shelf]
    count: str
    all_url: str
    add_url: str


class Related:
    """Reads and words what stands beside the timeline for one reader."""

    def __init__(self, customer_id: OpenedId, actor: Actor, formatter: Formatter) -> None:
        self.customer_id, self.actor, self.formatter = customer_id, actor, formatter
        self.back = f"/customers/{customer_id}/"
        contacts = queries.list_contacts(customer_id, actor) if actor.can("contacts.view") else []
        self.contacts: list[ContactRow] = contacts

    # People -------------------------------------------------------------------------------------
    @property
    def add_contact_url(self) -> str:
        """Where a contact of this customer is written down; it comes back here."""
        if not self._may("contacts.create"):
            return ""
        return f"/contacts/new/?customer={self.customer_id}&back={self.back}"

    def _may(self, code: str) -> bool:
        """Whether a right covers this customer, too, when it came into sight by a share or work."""
        return queries.covers(code, self.customer_id, self.actor)

    @cached_property
    def can_reveal(self) -> bool:
        """Whether the reader may see masked ways to the contacts after saying why."""
        return self._may("customers.reveal")

    @cached_property
    def can_edit(self) -> bool:
        """Whether the reader may change the contacts of this customer."""
        return self._may("contacts.change")

    @property
    def people(self) -> list[Person]:
        """The contacts."""
        return [self._person(contact) for contact in self.contacts]

    @property
    def people_html(self) -> SafeString:
        """The contacts as markup."""
        writer = related_markup.PeopleWriter()
        return format_html_join("", "{}", ((writer.write(person),) for person in self.people))

    def _person(self, contact: ContactRow) -> Person:
        rule = contact.do_not_disturb_rule or gettext("do not disturb")
        return Person(
            id=contact.pk,
            name=contact.name,
            line=gettext(" · ").join(part for part in (contact.unit, contact.position) if part),
            role=label_of(DecisionRole, contact.decision_role),
            mood=decision_map.MOODS.get(contact.attitude, "open"),
            attitude=label_of(Attitude, contact.attitude),
            is_primary=contact.is_primary,
            disturb_rule=rule if contact.is_do_not_disturb else "",
            ways=self._ways(contact),
            edit_url=f"/contacts/{contact.pk}/edit/?back={self.back}" if self.can_edit else "",
        )

    def _ways(self, contact: ContactRow) -> list[Way]:
        level = self.actor.level("contact")
        if level is Level.HIDDEN:
            return []
        kinds = (
            ("phone", gettext("Phone"), "phone"),
            ("other_phone", gettext("Other phone"), "phone"),
            ("wechat", gettext("WeChat"), "message-circle"),
            ("email", gettext("E-mail"), "mail"),
        )
        return [
            self._way(contact, name, label, icon, is_clear=level is Level.CLEAR)
            for name, label, icon in kinds
            if getattr(contact, name)
        ]

    def _way(self, contact: ContactRow, name: str, label: str, icon: str, *, is_clear: bool) -> Way:
        stored = str(getattr(contact, name))
        if not is_clear:
            url = f"/contacts/{contact.pk}/reveal/{name}/" if self.can_reveal else ""
            return Way(label, str(shown(self.actor, "contact", stored)), icon, reveal_url=url)
        if name in {"phone", "other_phone"}:
            dialled = stored.partition("x")[0]
            return Way(label, national(stored, self.actor.locale), icon, f"tel:{dialled}", dialled)
        return Way(label, stored, icon, f"mailto:{stored}" if name == "email" else "", stored)

    @property
    def edit_contact_url(self) -> str:
        """Where the part of the first contact is filled in."""
        if not self.contacts or not self.can_edit:
            return ""
        return f"/contacts/{self.contacts[0].pk}/edit/?back={self.back}"

    # The decision chain -------------------------------------------------------------------------
    @property
    def chain(self) -> DecisionChain | None:
        """The map; None as long as nobody's part is known."""
        if not any(decision_map.plays_a_part(c) or c.reports_to_id for c in self.contacts):
            return None
        drawn = decision_map.draw(self.contacts)
        return DecisionChain(
            drawn.width, drawn.height, [self._node(card) for card in drawn.cards], drawn.wires
        )

    def _node(self, card: decision_map.Card) -> Node:
        person = card.person
        role = label_of(DecisionRole, person.decision_role)
        attitude = label_of(Attitude, person.attitude)
        room = card.width - 2 * decision_map.PAD
        role_room = len(role) * 11 + 8 if role else 0
        return Node(
            card,
            decision_map.fit(person.name, room - role_room, 13),
            decision_map.fit(person.position, room - 110, 11),
            role,
            attitude,
            _spoken(card, role, attitude),
        )

    # Trade --------------------------------------------------------------------------------------
    @property
    def has_business(self) -> bool:
        """Whether the reader may know of orders, payments or files at all."""
        return any(self._may(f"{each}.view") for each in ("orders", "payments", "attachments"))

    @property
    def trades(self) -> list[Trade]:
        """Orders and payments, as far as the reader may see them."""
        found = []
        if self._may("orders.view"):
            found.append(self._orders())
        if self._may("payments.view"):
            found.append(self._payments())
        return found

    def _orders(self) -> Trade:
        rows = queries.list_orders(self.customer_id, self.actor)
        sums = queries.sum_orders(self.customer_id, self.actor, rows)
        empty = gettext("No orders yet. They come with an import or are written down here.")
        labels = (gettext("Orders"), empty)
        return self._trade("orders", labels, [self._order(row) for row in rows], sums)

    def _payments(self) -> Trade:
        rows = queries.list_payments(self.customer_id, self.actor)
        sums = queries.sum_payments(self.customer_id, self.actor, rows)
        labels = (gettext("Payments"), gettext("No payments yet."))
        return self._trade("payments", labels, [self._payment(row) for row in rows], sums)

    def _trade(
        self,
        key: str,
        labels: tuple[str, str],
        deals: Sequence[Deal],
        sums: Sequence[CurrencyTotal],
    ) -> Trade:
        is_clear = self.actor.level(_GROUPS[key]) is Level.CLEAR
        totals = [self.formatter.money(s.total_minor, s.currency) for s in sums] if is_clear else []
        may_add = self._may(f"{key}.create")
        return Trade(
            key=key,
            label=labels[0],
            deals=deals,
            totals=totals,
            count=sum(s.count for s in sums),
            all_url=f"/{key}/?customer={self.customer_id}",
            add_url=f"/{key}/new/?customer={self.customer_id}&back={self.back}" if may_add else "",
            empty=labels[1],
        )

    def _amount(self, group: str, minor: int, currency: str) -> str:
        level = self.actor.level(group)
        if level is Level.HIDDEN:
            return ""
        written = self.formatter.money(minor, currency)
        return written if level is Level.CLEAR else str(shown(self.actor, group, written))

    def _order(self, row: OrderRow) -> Deal:
        day = row.placed_at.astimezone(self.formatter.zone).date().isoformat()
        is_clear = self.actor.level("totals") is Level.CLEAR
        return Deal(
            id=row.pk,
            number=row.number,
            sub=gettext(" · ").join(p for p in (day, row.product) if p),
            amount=self._amount("totals", row.amount_minor, row.currency),
            is_back=is_clear and row.kind == "return",
            is_void=row.status == "cancelled",
        )

    def _payment(self, row: PaymentRow) -> Deal:
        is_clear = self.actor.level("finance") is Level.CLEAR
        return Deal(
            id=row.pk,
            number=row.number,
            sub=gettext(" · ").join((row.paid_on.isoformat(), label_of(PaymentMethod, row.method))),
            amount=self._amount("finance", row.amount_minor, row.currency),
            is_back=is_clear and row.amount_minor < 0,
            is_void=False,
        )

    # Files --------------------------------------------------------------------------------------
    @property
    def archive(self) -> Archive | None:
        """The newest files by year; None when the reader may not know of files."""
        if not self._may("attachments.view"):
            return None
        rows = queries.list_files(self.customer_id, self.actor, most=queries.MOST_FILES + 1)
        more = len(rows) > queries.MOST_FILES
        kept = rows[: queries.MOST_FILES]
        url = f"{self.back}files/"
        return Archive(
            shelves=self.shelves(kept),
            count=f"{len(kept)}+" if more else str(len(kept)),
            all_url=url,
            add_url=f"{url}new/" if self._may("attachments.create") else "",
        )

    def shelves(self, rows: Iterable[FileRow]) -> list[Shelf]:
        """Files that come by year, as one shelf each."""
        by_year: dict[int, list[Paper]] = {}
        for row in rows:
            by_year.setdefault(row.year, []).append(self._paper(row))
        return [Shelf(year, papers) for year, papers in by_year.items()]

    def deletable(self, rows: Sequence[FileRow]) -> list[Shelf]:
        """The same, with the way to ask for the deletion of each where the reader may (SEC-2)."""
        shelves = self.shelves(rows)
        if not self._may(ASK_DELETION):
            return shelves
        asked = list_asked("customers.attachment", [str(row.pk) for row in rows])
        return [Shelf(each.year, [_deletable(p, asked) for p in each.papers]) for each in shelves]

    def _paper(self, row: FileRow) -> Paper:
        can_open = self.actor.can("attachments.download")
        place = gettext("paper: %(place)s") % {"place": row.paper_location}
        parts = [
            label_of(AttachmentKind, row.kind),
            size(row.file__size),
            place if row.paper_location else "",
        ]
        return Paper(
            id=str(row.pk),
            title=row.title,
            kind=row.kind,
            sub=gettext(" · ").join(part for part in parts if part),
            url=f"/attachments/{row.pk}/download/" if can_open else "",
            icon=FILE_ICONS.get(row.file__mime.partition("/")[0], "file-text"),
        )


def _deletable(paper: Paper, asked: Collection[str]) -> Paper:
    ask_url = f"/attachments/{paper.id}/ask_deletion/"
    return replace(paper, ask_url=ask_url, is_asked=paper.id in asked)


FILE_ICONS: Final[Mapping[str, str]] = {"image": "image", "audio": "phone-call", "video": "camera"}


def _spoken(card: decision_map.Card, role: str, attitude: str) -> str:
    """A card in words, for who listens instead of looking."""
    person = card.person
    weight = gettext("influence %(n)s of 5") % {"n": person.influence}
    parts = [person.name, person.position, role, attitude, weight]
    if card.superior:
        parts.append(gettext("reports to %(name)s") % {"name": card.superior})
    return gettext(", ").join(part for part in parts if part)


def label_of(choices: type[TextChoices], value: str) -> str:
    """The word of a choice; blank stays blank, an unknown one shows as it is stored."""
    return _labels(choices, get_language() or "").get(value, value)


@lru_cache(maxsize=64)
def _labels(choices: type[TextChoices], locale: str) -> Mapping[str, str]:
    del locale  # Part of the key only.
    return {str(value): str(label) for value, label in choices.choices}


def size(count: int) -> str:
    """The size of a file in the unit that people use for it."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return ngettext("%(n)s byte", "%(n)s bytes", count) % {"n": count}
