"""Invented customers and the people there, unsaved; the same seed gives the same company."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from guanxi.customers import rules
from guanxi.customers.choices import CustomerKind, Stage, Tier
from guanxi.customers.demo import words
from guanxi.customers.models import Contact, Customer, Interaction, Order, Payment
from guanxi.kernel import identifiers
from guanxi.kernel.pinyin import reading
from guanxi.people.models import User

HERE: Final = ZoneInfo("Asia/Shanghai")
_MOBILE_HEADS: Final = ("160", "161", "163", "164", "168", "169")  # not given out to anybody
_CODE_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass
class Draft:
    """One customer with everything that belongs to it, before it is written."""

    customer: Customer
    city: words.City
    owner: User
    since: date
    until: date
    contacts: list[Contact] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    talk: list[Interaction] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    moved_from: dict[str, Any] = field(default_factory=dict)


def office_hours(chance: random.Random, day: date) -> datetime:
    """An instant of a working day in this country, as UTC."""
    while day.weekday() > 4 and chance.random() < 0.9:
        day -= timedelta(days=1)
    at = time(chance.choice((9, 9, 10, 10, 11, 14, 15, 15, 16, 17)), chance.randrange(60))
    return datetime.combine(day, at, HERE).astimezone(UTC)


class Inventor:
    """Thinks up customers one after the other; no two share a name, code or number."""

    def __init__(self, chance: random.Random, today: date) -> None:
        self.chance, self.today = chance, today
        self._used: set[str] = set()

    def _once(self, make: Any) -> str:
        """The first result that has not been used yet."""
        while (made := make()) in self._used:
            pass
        self._used.add(made)
        return str(made)

    # Names and numbers --------------------------------------------------------------------------
    def brand(self) -> str:
        """Two rare characters, sometimes three, as young companies like to be called."""
        chance = self.chance
        head = chance.choice(words.BRAND_HEADS)
        tail = chance.choice(words.BRAND_TAILS)
        return head + tail + (chance.choice(words.BRAND_TAILS) if chance.random() < 0.12 else "")

    def person_name(self) -> str:
        """A full name; a few of other nationalities with a dot, a few compound surnames."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.01:
            return chance.choice(words.DOTTED_NAMES)
        surname = chance.choice(words.COMPOUND_SURNAMES if kind < 0.02 else words.SURNAMES)
        given = chance.choice(words.GIVEN_MEN if chance.random() < 0.55 else words.GIVEN_WOMEN)
        if chance.random() < 0.55:
            given += chance.choice(words.GIVEN_TAILS)
        return surname + given

    def mobile(self) -> str:
        """A mobile number of a head that no operator gives out."""
        chance = self.chance
        return self._once(
            lambda: f"+86{chance.choice(_MOBILE_HEADS)}{chance.randrange(10**7, 10**8)}"
        )

    def landline(self, city: words.City) -> str:
        """A fixed line of the city, of eight digits where the city has them."""
        digits = 8 if len(city.dial) == 3 or city.dial in {"0755", "0769", "0757"} else 7
        eight = {"0512", "0510", "0571", "0574", "0573", "0551", "0532", "0311", "0411", "0595"}
        eight |= {"0731", "0371", "0871", "0851"}
        digits = 8 if city.dial in eight else digits
        local = self._once(
            lambda: (
                f"{city.dial}{'8' if digits == 8 else '6'}"
                f"{self.chance.randrange(10 ** (digits - 1)):0{digits - 1}d}"
            )
        )
        return f"+86{local.lstrip('0')}"

    def credit_code(self, city: words.City) -> str:
        """A code of an enterprise of the city whose check character is right."""
        chance = self.chance
        body = "".join(chance.choices(_CODE_LETTERS, k=7))
        return self._once(lambda: identifiers.complete_credit_code(f"91{city.code}MA{body}"))

    # Companies ----------------------------------------------------------------------------------
    def draft(self, owner: User, region: str) -> Draft:
        """A customer of a region for its owner, with contacts, without history."""
        chance = self.chance
        city = chance.choice(words.CITIES[region])
        age = int(chance.triangular(20, 1300, 260))
        since = self.today - timedelta(days=age)
        is_person = chance.random() < 0.06
        customer = self._person(city) if is_person else self._company(city, since)
        self._common(customer, owner, since)
        draft = Draft(customer, city, owner, since, self.today)
        draft.contacts = self._contacts(draft)
        self._describe(draft)
        return draft

    def _company(self, city: words.City, since: date) -> Customer:
        chance = self.chance
        trade = chance.choice(words.TRADES)
        forms = [form for form, _weight in words.LEGAL_FORMS]
        form = chance.choices(forms, [weight for _form, weight in words.LEGAL_FORMS])[0]
        in_brackets = chance.random() < 0.15
        line = chance.choice(trade.names)
        place, bracket = ("", f"（{city.name}）") if in_brackets else (city.name, "")
        name = self._once(lambda: f"{place}{self.brand()}{line}{bracket}{form}")
        brand = name.removeprefix(place)[: name.removeprefix(place).index(line)]
        domain = f"{''.join(reading(c)[:-1] for c in brand)}{chance.randrange(10, 99)}.example"
        heads = max(8, int(chance.lognormvariate(0, 0.9) * trade.size))
        return Customer(
            kind=CustomerKind.COMPANY,
            name=name,
            short_name=f"{city.name}{brand}",
            credit_code=self.credit_code(city),
            industry=trade.industry,
            headcount=heads,
            revenue_minor=heads * chance.randrange(30, 120) * 1_000_000,
            founded_on=since - timedelta(days=chance.randrange(300, 9000)),
            **self._place(city),
            business_scope=trade.scope,
            website=f"https://www.{domain}",
            phone=self.landline(city),
            email=f"info@{domain}",
        )

    def _person(self, city: words.City) -> Customer:
        name = self.person_name()
        return Customer(
            kind=CustomerKind.PERSON,
            name=name,
            credit_code=None,
            industry="个体经营",
            **self._place(city),
            phone=self.mobile(),
        )

    def _place(self, city: words.City) -> dict[str, str]:
        """Where a customer is, from the province down to the house."""
        chance = self.chance
        road = f"{chance.choice(words.ROADS)}{chance.randrange(1, 999)}号"
        place = "" if chance.random() < 0.5 else chance.choice(words.PARKS)
        building = f"{chance.randrange(1, 20)}栋" if place else ""
        town = "" if city.province.startswith(city.name) else f"{city.name}市"
        district = chance.choice(city.districts)
        return {
            "province": city.province,
            "city": f"{city.name}市",
            "district": district,
            "registered_address": f"{city.province}{town}{district}{road}{place}{building}",
        }

    def _common(self, customer: Customer, owner: User, since: date) -> None:
        chance = self.chance
        for column, value in rules.derive_customer({"name": customer.name}).items():
            setattr(customer, column, value)
        is_known = chance.random() < 0.6
        customer.external_id = (
            self._once(lambda: f"ERP{chance.randrange(10**6):06d}") if is_known else None
        )
        customer.owner = owner
        customer.department_id = owner.department_id
        customer.tier = chance.choices((Tier.CORE, Tier.POTENTIAL, Tier.ORDINARY), (8, 27, 65))[0]
        customer.purchase_cycle = chance.choice(words.PURCHASE_CYCLES)
        customer.focus = chance.choice(words.FOCUSES)
        customer.needs = "\n".join(chance.sample(words.NEEDS, chance.choice((1, 1, 2))))
        customer.preferred_channel = chance.choice(("phone", "wechat", "wechat", "wecom", "email"))
        customer.source = chance.choice(
            ("referral", "exhibition", "website", "phone", "visit", "advertisement", "partner")
        )
        customer.lawful_basis = chance.choice(("contract", "contract", "consent", "public"))
        customer.collected_at = customer.created_at = office_hours(chance, since)
        customer.updated_at = customer.created_at
        customer.created_by_id = owner.pk
        customer.filled_by, customer.filled_on = owner.name, since
        if chance.random() < 0.12:
            customer.technical_notes = chance.choice(words.TECHNICAL_NOTES)
        if chance.random() < 0.1:
            customer.is_do_not_disturb = True
            customer.do_not_disturb_rule = chance.choice(words.QUIET_RULES)

    def _describe(self, draft: Draft) -> None:
        """The decision chain in words, as people write it on the form."""
        people = [f"{c.position}{c.name}" for c in draft.contacts if c.influence >= 3]
        customer = draft.customer
        customer.decision_chain = "→".join(reversed(people[:4]))
        if draft.contacts and self.chance.random() < 0.15:
            customer.notes = f"{draft.contacts[0].name}与{draft.owner.name}是校友，谈价前先沟通。"

    # Contacts -----------------------------------------------------------------------------------
    def _contacts(self, draft: Draft) -> list[Contact]:
        """The chain of a company from the top down; a person has at most a helper."""
        chance, customer = self.chance, draft.customer
        if customer.kind == CustomerKind.PERSON:
            levels = ["gate"] if chance.random() < 0.3 else []
        else:
            size = chance.choices((1, 2, 3, 4, 5), (34, 30, 18, 11, 7))[0]
            levels = ["buyer", "top", "user", "second", "gate"][:size]
        rank = ["top", "second", "buyer", "user", "gate"]
        people: list[Contact] = []
        for level in sorted(levels, key=rank.index):
            people.append(self._contact(draft, level, people))
        for contact in people:
            contact.is_primary = contact.decision_role == "buyer" or len(people) == 1
        return people

    def _contact(self, draft: Draft, level: str, above: list[Contact]) -> Contact:
        chance = self.chance
        roles = {
            "top": "decider",
            "second": "influencer",
            "buyer": "buyer",
            "user": chance.choice(("user", "user", "champion")),
            "gate": "gatekeeper",
        }
        influence = {"top": 5, "second": 4, "buyer": 3, "user": chance.choice((2, 3)), "gate": 1}
        name = self.person_name()
        letters = "".join(reading(c)[:-1] for c in name if reading(c))
        domain = draft.customer.website.removeprefix("https://www.") or "mail.example"
        quiet = chance.random() < 0.12
        return Contact(
            customer=draft.customer,
            name=name,
            position=chance.choice(words.POSITIONS[level]),
            unit=chance.choice(words.UNITS[level]),
            phone=self.mobile(),
            email=f"{letters}@{domain}" if chance.random() < 0.75 else "",
            wechat=f"wx_{letters[:8]}{chance.randrange(100, 999)}" if chance.random() < 0.6 else "",
            birthday=self._birthday() if chance.random() < 0.35 else None,
            decision_role=roles[level],
            attitude=chance.choices(
                ("supporter", "neutral", "opponent", "unknown"), (36, 34, 8, 22)
            )[0],
            influence=influence[level],
            reports_to=superior(above, level),
            preferred_channel=chance.choice(("phone", "wechat", "wechat", "email", "wecom")),
            is_do_not_disturb=quiet,
            do_not_disturb_rule=chance.choice(words.QUIET_RULES) if quiet else "",
            style=chance.choice(words.STYLES) if chance.random() < 0.5 else "",
            created_at=draft.customer.created_at,
            updated_at=draft.customer.created_at,
            created_by_id=draft.owner.pk,
        )

    def _birthday(self) -> date:
        return date(self.chance.randrange(1965, 2001), 1, 1) + timedelta(
            days=self.chance.randrange(365)
        )


def superior(above: list[Contact], level: str) -> Contact | None:
    """Whom a contact reports to: directors and assistants the top, others the nearest above."""
    if not above:
        return None
    return above[0] if level in {"second", "gate"} else above[-1]


def stage_of(draft: Draft, today: date, chance: random.Random) -> Stage:
    """Where the relationship stands, as its orders show."""
    sales = [o.placed_at.date() for o in draft.orders if o.kind == "sale"]
    if not sales:
        is_new = draft.since > today - timedelta(days=150)
        return chance.choice((Stage.PROSPECT, Stage.ACQUISITION)) if is_new else Stage.PROSPECT
    silence = (today - max(sales)).days
    if silence > 420:
        return Stage.CHURNED
    if silence > 240:
        return Stage.AT_RISK
    return Stage.MATURE if len(sales) >= 4 else Stage.GROWTH
