"""One piece of the large company: customers and contacts; what happened follows in `past`.

A row costs a few microseconds here, where a model instance would cost fifty: the same words as in
the small company, put together without Django.
"""

import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final, NamedTuple

from guanxi.customers.demo import words
from guanxi.customers.demo.large.plan import BOOKS, CONTACTS, Piece, Plan, Seller
from guanxi.customers.demo.large.sheets import Calendar, Pen, Values, day_of, seconds_of
from guanxi.customers.duplicates import matching
from guanxi.customers.duplicates.queries import profile_of
from guanxi.kernel import identifiers, text
from guanxi.kernel.pinyin import reading
from guanxi.surfaces.search import mark_of

DAY: Final = 86_400
SPAN: Final = 1300
"""For so many days the company has had customers."""

Keys = Iterable[tuple[matching.KeyKind, int]]
_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODES: Final = len(_LETTERS) ** 7
_MOBILE_HEADS: Final = ("160", "161", "163", "164", "168", "169")
_LEVELS: Final = ("buyer", "top", "user", "second", "gate")
_ROLES: Final = {
    "top": ("decider", 5),
    "second": ("influencer", 4),
    "buyer": ("buyer", 3),
    "user": ("user", 2),
    "gate": ("gatekeeper", 1),
}
_TIERS: Final = ("core", "potential", "ordinary")
_SOURCES: Final = ("referral", "exhibition", "website", "phone", "visit", "partner")
_MARKS: Final = {
    key: mark_of(*key)
    for key in (
        ("customers.customer", ""),
        ("customers.customer", "contact"),
        ("customers.contact", ""),
        ("customers.contact", "contact"),
        ("customers.order", ""),
        ("customers.payment", ""),
    )
}


@dataclass
class Subject:
    """A customer while its piece is being made."""

    pk: int
    name: str
    seller: Seller
    since: int
    city: words.City
    tier: str
    facts: dict[str, Any]
    domain: str = ""
    contacts: list[tuple[int, str]] = field(default_factory=list)
    orders: int = 0
    total: int = 0
    last_order: int = 0
    first_order: int = 0
    products: dict[str, None] = field(default_factory=dict)
    last_talk: int = 0
    next_contact: int = 0
    version: int = 1
    updated: int = 0


class Thing(NamedTuple):
    """A record of a customer, as documents and events name it."""

    key: str
    pk: int
    subject: Subject
    label: str


class Workshop:
    """Makes the customers of one piece and the people there."""

    def __init__(self, plan: Plan, piece: Piece) -> None:
        self.plan, self.piece = plan, piece
        # The same company every time, nothing secret.
        self.chance = random.Random(plan.seed * 1_000_003 + piece.start)  # noqa: S311
        self.pen = Pen(plan.is_copied)
        self.now = seconds_of(plan.at)
        self.calendar = Calendar(day_of(plan.at.date()) + 120)
        self.rows: dict[str, list[Values]] = {}
        self.subjects: list[Subject] = []
        #: Instant, then the event without its id, then its personal values.
        self.happened: list[tuple[int, int, Values, str | None]] = []
        self._needs = self.pen.texts([f"{a}\n{b}" for a in words.NEEDS for b in words.NEEDS[:3]])
        self._forms = [form for form, _weight in words.LEGAL_FORMS]
        self._form_weights = list(accumulate(weight for _form, weight in words.LEGAL_FORMS))

    def add(self, label: str, row: Values) -> None:
        """Put a row on its sheet."""
        self.rows.setdefault(label, []).append(row)

    def happen(self, at: int, event: Values, personal: str | None = None) -> None:
        """Note an event; it gets its id when all of the piece are sorted by time."""
        self.happened.append((at, len(self.happened), event, personal))

    def office(self, day: int) -> int:
        """Seconds at which people work, on a day counted since 2000."""
        return day * DAY + 3600 + self.chance.randrange(32_400)  # 9 to 18 o'clock in this country

    # Customers ----------------------------------------------------------------------------------
    def make_customers(self) -> None:
        """The customers, oldest first; two of them belong to the first sign-in of sales."""
        piece, plan = self.piece, self.plan
        today = self.now // DAY
        whales = plan.whales
        for number in range(piece.start, piece.end):
            pk = plan.first_ids["customers.Customer"] + number
            since = today - SPAN + int((number / piece.of) ** 0.8 * (SPAN - 2))
            mine = pk in whales or self.chance.random() < BOOKS
            seller = plan.sellers[0] if mine else self.chance.choice(plan.sellers)
            self.subjects.append(self._subject(pk, number, seller, self.office(since)))

    def _subject(self, pk: int, number: int, seller: Seller, since: int) -> Subject:
        chance = self.chance
        city = chance.choice(words.CITIES[seller.region])
        tier = chance.choices(_TIERS, cum_weights=(8, 35, 100))[0]
        facts = self._person() if chance.random() < 0.06 else self._company(city, number, since)
        facts["number"] = f"C{self.plan.first_numbers['customers.customer'] + number:08d}"
        known = chance.random() < 0.6
        facts["external_id"] = f"ERP{number:07d}" if known else None
        subject = Subject(pk, facts["name"], seller, since, city, tier, facts, updated=since)
        subject.domain = facts["website"].removeprefix("https://www.")
        return subject

    def _company(self, city: words.City, number: int, since: int) -> dict[str, Any]:
        chance = self.chance
        trade = chance.choice(words.TRADES)
        line = chance.choice(trade.names)
        brand = chance.choice(words.BRAND_HEADS) + chance.choice(words.BRAND_TAILS)
        if chance.random() < 0.85:
            brand += chance.choice(words.BRAND_TAILS)
        form = chance.choices(self._forms, cum_weights=self._form_weights)[0]
        if chance.random() < 0.15:
            name = f"{brand}{line}（{city.name}）{form}"
        else:
            name = f"{city.name}{brand}{line}{form}"
        domain = f"{''.join([reading(c)[:-1] for c in brand])}{number % 97}.example"
        heads = max(8, int(chance.lognormvariate(0, 0.9) * trade.size))
        return {
            "kind": "company",
            "name": name,
            "short_name": f"{city.name}{brand}",
            "credit_code": credit_code(city.code, number),
            "industry": trade.industry,
            "headcount": heads,
            "revenue_minor": heads * chance.randrange(30, 120) * 1_000_000,
            "founded_on": self.calendar.days[since // DAY - chance.randrange(300, 7000)]
            if since // DAY > 7000
            else None,
            "business_scope": trade.scope,
            "website": f"https://www.{domain}",
            "phone": f"+86{city.dial.lstrip('0')}8{chance.randrange(10**7):07d}",
            "email": f"info@{domain}",
        }

    def _person(self) -> dict[str, Any]:
        blank = ("short_name", "business_scope", "website", "email")
        return {
            "kind": "person",
            "name": self.person_name(),
            "credit_code": None,
            "industry": "个体经营",
            "headcount": None,
            "revenue_minor": None,
            "founded_on": None,
            "phone": self.mobile(),
            **dict.fromkeys(blank, ""),
        }

    def person_name(self) -> str:
        """A full name, a few compound surnames among them."""
        chance = self.chance
        kind = chance.random()
        surname = chance.choice(words.COMPOUND_SURNAMES if kind < 0.02 else words.SURNAMES)
        given = chance.choice(words.GIVEN_MEN if chance.random() < 0.55 else words.GIVEN_WOMEN)
        return surname + given + (chance.choice(words.GIVEN_TAILS) if kind < 0.55 else "")

    def mobile(self) -> str:
        """A mobile number of a head that no operator gives out."""
        return f"+86{self.chance.choice(_MOBILE_HEADS)}{self.chance.randrange(10**8):08d}"

    # Contacts -----------------------------------------------------------------------------------
    def make_contacts(self) -> None:
        """The people: most customers have one, some have up to five."""
        chance, piece = self.chance, self.piece
        before, count = piece.share(CONTACTS)
        pk = self.plan.first_ids["customers.Contact"] + before
        usual = chance.choices(range(len(self.subjects)), k=max(0, count - len(self.subjects)))
        numbers = Counter(usual)
        made = 0
        for place, subject in enumerate(self.subjects):
            wanted = min(1 + numbers[place], count - made)
            for position in range(wanted):
                self._contact(pk + made + position, subject, position)
            made += wanted

    def _contact(self, pk: int, subject: Subject, position: int) -> None:
        chance, pen = self.chance, self.pen
        level = _LEVELS[position % len(_LEVELS)]
        role, influence = _ROLES[level]
        name, phone = self.person_name(), self.mobile()
        letters = "".join([reading(c)[:-1] for c in name])
        email = f"{letters}@{subject.domain or 'mail.example'}" if chance.random() < 0.75 else ""
        wechat = f"wx_{letters[:8]}{chance.randrange(100, 999)}" if chance.random() < 0.6 else ""
        birthday = chance.randrange(300) if chance.random() < 0.35 else None
        above = subject.contacts[0][0] if subject.contacts and position % 5 else None
        made_at = self.calendar.instant(subject.since)
        row = (
            pk, subject.pk, name, chance.choice(words.POSITIONS[level]),
            chance.choice(words.UNITS[level]), phone, email, wechat,
            pen.blank if birthday is None else f"{1966 + birthday % 34}-{1 + birthday % 12:02d}-17",
            role, chance.choice(("supporter", "neutral", "opponent", "unknown")), influence,
            pen.maybe(above), int(position == 0), chance.choice(("phone", "wechat", "email")),
            chance.choice(words.STYLES), made_at, made_at, subject.seller.user_id,
        )  # fmt: skip
        self.add("customers.Contact", row)
        subject.contacts.append((pk, name))
        keys = matching.keys_of_reach((phone,), (email,) if email else ())
        self.match(subject.pk, pk, keys)
        thing = Thing("customers.contact", pk, subject, name)
        self.find(thing, "", (name,))
        self.find(thing, "contact", (email, wechat), (phone,))
        public = {"customer": [None, subject.pk], "position": [None, row[3]]}
        hidden = {"name": name, "phone": phone, "email": email, "wechat": wechat}
        self._created(thing, public, hidden)

    # Customers once their past is known -----------------------------------------------------------
    def finish_customers(self) -> None:
        """The customers' own rows, documents, tags and events."""
        chance = self.chance
        for subject in self.subjects:
            facts = subject.facts
            self.add("customers.Customer", self._customer_row(subject))
            for tag_id in {chance.choice(self.plan.tag_ids) for _ in range(chance.randrange(3))}:
                self.add("customers/Customer/tags", (subject.pk, tag_id))
            wanted = (
                subject.name, facts["short_name"], facts["number"], facts["credit_code"] or "",
                facts["external_id"] or "",
            )  # fmt: skip
            keys = matching.keys_of_customer(profile_of(facts))
            self.match(subject.pk, 0, keys)
            thing = Thing("customers.customer", subject.pk, subject, subject.name)
            self.find(thing, "", wanted)
            self.find(thing, "contact", (facts["email"],), (facts["phone"],))
            names = ("kind", "name", "short_name", "credit_code", "industry", "headcount")
            public = {n: [None, facts[n]] for n in names if facts[n]}
            public |= {"owner": [None, subject.seller.user_id], "tier": [None, subject.tier]}
            hidden = {"phone": facts["phone"], "email": facts["email"]}
            self._created(thing, public, hidden)

    def _customer_row(self, subject: Subject) -> Values:
        chance, pen, facts = self.chance, self.pen, subject.facts
        calendar, city, seller = self.calendar, subject.city, subject.seller
        made_at, since = calendar.instant(subject.since), calendar.days[subject.since // DAY]
        address = (
            f"{city.province}{city.name}市{chance.choice(city.districts)}"
            f"{chance.choice(words.ROADS)}{chance.randrange(1, 999)}号"
        )
        area = chance.randrange(8, 400) * 100
        signed = chance.choice(("signed", "talking", "none"))
        custom = f'{{"warehouse_area": {area}, "framework_contract": "{signed}"}}'
        return (
            subject.pk, facts["number"], pen.maybe(facts["external_id"]), facts["kind"],
            subject.name, text.pinyin_sort_key(subject.name)[:200], facts["short_name"],
            pen.maybe(facts["credit_code"]), facts["industry"], pen.maybe(facts["headcount"]),
            pen.maybe(facts["revenue_minor"]), pen.maybe(facts["founded_on"]), city.province,
            city.name, address, facts["business_scope"], facts["website"], facts["phone"],
            facts["email"], seller.user_id, seller.team_id, seller.department_id,
            self._stage(subject), subject.tier, self._day(subject.first_order),
            "、".join(list(subject.products)[:4]), chance.choice(self._needs),
            "→".join(name for _pk, name in subject.contacts[:3]),
            chance.choice(words.PURCHASE_CYCLES), chance.choice(words.FOCUSES),
            chance.choice(("phone", "wechat", "wecom", "email")), int(chance.random() < 0.1),
            chance.choice(_SOURCES), "contract", made_at, seller.label[:60], since,
            subject.orders, subject.total, self._day(subject.last_order),
            self._at(subject.next_contact), self._at(subject.last_talk), subject.version,
            made_at, calendar.instant(subject.updated), seller.user_id,
            custom if chance.random() < 0.55 else "{}",
        )  # fmt: skip

    def _stage(self, subject: Subject) -> str:
        """Where the relationship stands, as the orders show."""
        if not subject.orders:
            return "acquisition" if subject.since > self.now - 150 * DAY else "prospect"
        silence = (self.now - subject.last_order) // DAY
        if silence > 420:
            return "churned"
        if silence > 240:
            return "at_risk"
        return "mature" if subject.orders >= 4 else "growth"

    def _at(self, seconds: int) -> str | None:
        return self.calendar.instant(seconds) if seconds else self.pen.blank

    def _day(self, seconds: int) -> str | None:
        """The day here of an instant in office hours."""
        return self.calendar.days[(seconds + 8 * 3600) // DAY] if seconds else self.pen.blank

    # Documents and events -------------------------------------------------------------------------
    def find(
        self, thing: Thing, group: str, values: tuple[str, ...], phones: tuple[str, ...] = ()
    ) -> None:
        """A search document of a record."""
        tokens = text.search_tokens(*values, phones=phones)
        self.find_ready(thing, group, text.search_text(*values, phones=phones), tokens)

    def find_ready(self, thing: Thing, group: str, folded: str, tokens: set[str]) -> None:
        """A search document whose words are known."""
        mark = _MARKS[thing.key, group]
        joined = " ".join(sorted([mark + t for t in tokens]))
        row = (
            thing.key, thing.pk, thing.subject.pk, group, thing.label, self.pen.text(folded),
            joined, self.calendar.instant(self.now),
        )  # fmt: skip
        self.add("surfaces.SearchDoc", row)

    def match(self, customer: int, source: int, keys: Keys) -> None:
        """The keys that look-alikes would share."""
        for kind, value in sorted(keys):
            self.add("customers.MatchKey", (kind.value, value, customer, source))

    def created(self, thing: Thing, at: int, data: str, personal: str | None = None) -> None:
        """The event of a record's creation."""
        seller = thing.subject.seller
        event = (
            "record.created", thing.key, thing.pk, thing.label, thing.subject.pk, seller.user_id,
            seller.label, "web", self.calendar.instant(at), data,
        )  # fmt: skip
        self.happen(at, event, personal)

    def _created(self, thing: Thing, public: dict[str, Any], hidden: dict[str, str]) -> None:
        personal = {name: [None, value] for name, value in hidden.items() if value}
        data = {"version": 1, "changes": public, "personal_fields": sorted(personal)}
        self.created(thing, thing.subject.since, self._json(data), self._json(personal))

    def _json(self, value: Any) -> str:
        return self.pen.text(json.dumps(value, ensure_ascii=False))


def credit_code(city: str, number: int) -> str:
    """A code whose check character is right; no two numbers have the same."""
    rest, body = number * 9_176_113 % _CODES, ""
    for _ in range(7):
        rest, place = divmod(rest, len(_LETTERS))
        body += _LETTERS[place]
    return str(identifiers.complete_credit_code(f"91{city}MA{body}"))
