"""Reads: which stored customers look like one that is typed, imported or stored."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from guanxi.customers.choices import CustomerKind
from guanxi.customers.duplicates import matching
from guanxi.customers.duplicates.choices import PairState
from guanxi.customers.duplicates.matching import Likeness, Profile
from guanxi.customers.duplicates.models import CooperationRequest, DuplicatePair
from guanxi.customers.models import Contact, Customer
from guanxi.kernel import identifiers
from guanxi.kernel.access import get_allowed, visible
from guanxi.kernel.actor import Actor, Level
from guanxi.kernel.folding import fold
from guanxi.surfaces.records import get_record_type_of_model

FREQUENT: Final = 60
"""A key of more customers than this brings nobody together: it is everybody's."""
MOST_CANDIDATES: Final = 150
_AT_ONCE: Final = 400
_COLUMNS: Final = (
    "pk", "name", "short_name", "kind", "credit_code", "phone", "email", "province", "city",
    "registered_address",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A stored customer that looks like the one looked for."""

    customer_id: int
    likeness: Likeness


# Profiles -----------------------------------------------------------------------------------------
def profile_of(values: Mapping[str, Any]) -> Profile:
    """The profile of a customer's values by field or column name, without its contacts."""
    return Profile(
        name=str(values.get("name") or ""),
        short_name=str(values.get("short_name") or ""),
        is_person=values.get("kind") == CustomerKind.PERSON,
        credit_code=str(values.get("credit_code") or ""),
        phones=frozenset(filter(None, [str(values.get("phone") or "")])),
        emails=frozenset(filter(None, [str(values.get("email") or "").casefold()])),
        province=str(values.get("province") or ""),
        city=str(values.get("city") or ""),
        address=str(values.get("registered_address") or ""),
    )


def get_profiles(customer_ids: Collection[int]) -> dict[int, Profile]:
    """The profiles of customers that are not archived, with their contacts: two queries."""
    rows = Customer.objects.filter(pk__in=customer_ids, archived_at=None).values(*_COLUMNS)
    found = {row["pk"]: profile_of(row) for row in rows}
    people: dict[int, list[tuple[str, str, str, str]]] = {}
    contacts = Contact.objects.filter(customer_id__in=found, archived_at=None)
    for pk, *person in contacts.values_list("customer_id", "name", "phone", "other_phone", "email"):
        people.setdefault(pk, []).append((person[0], person[1], person[2], person[3]))
    for pk, rows_of_one in people.items():
        found[pk] = _with_people(found[pk], rows_of_one)
    return found


def _with_people(profile: Profile, people: Iterable[tuple[str, str, str, str]]) -> Profile:
    phones, emails, known = set(profile.phones), set(profile.emails), set(profile.people)
    for name, phone, other_phone, email in people:
        numbers = {number for number in (phone, other_phone) if number}
        phones |= numbers
        known |= {(fold(name), number) for number in numbers}
        if email:
            emails.add(email.casefold())
    return replace(
        profile, phones=frozenset(phones), emails=frozenset(emails), people=frozenset(known)
    )


def typed_profile(typed: Mapping[str, str]) -> Profile:
    """What stands in a form so far; numbers that are not complete count for nothing."""
    profile = profile_of({n: v.strip() for n, v in typed.items()})
    return replace(
        profile,
        credit_code=_credit_code(profile.credit_code),
        phones=frozenset(filter(None, map(_phone, profile.phones))),
        emails=frozenset(e for e in profile.emails if "@" in e),
    )


def _credit_code(written: str) -> str:
    try:
        return identifiers.check_credit_code(written) if written else ""
    except identifiers.IdentifierError:
        return ""


def _phone(written: str) -> str:
    try:
        return identifiers.normalise_phone(written).stored
    except identifiers.IdentifierError:
        return ""


# Candidates ---------------------------------------------------------------------------------------
def find_alike(profile: Profile, *, but: int | None = None) -> list[Found]:
    """The stored customers that are likely the same one, the likeliest first."""
    if len(fold(profile.name)) < 2 and not (
        profile.credit_code or profile.phones or profile.emails
    ):
        return []
    keys = matching.keys_of_customer(profile)
    candidates = list_candidates([value for _kind, value in keys]) - {but}
    found = [
        Found(pk, likeness)
        for pk, other in get_profiles(candidates).items()
        if (likeness := matching.compare(profile, other)).is_duplicate
    ]
    return sorted(found, key=lambda each: (-each.likeness.percent, each.customer_id))


def list_candidates(values: Collection[int]) -> set[int]:
    """The customers that share a key, those with the most in common; by the index alone."""
    counts: Counter[int] = Counter()
    for ids in read_keys(values).values():
        if len(ids) <= FREQUENT:
            counts.update(ids)
    return {pk for pk, _count in counts.most_common(MOST_CANDIDATES)}


def read_keys(values: Collection[int]) -> dict[int, set[int]]:
    """The customers of each key: of a frequent one just enough to see that it is frequent."""
    found: dict[int, set[int]] = {}
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(candidates_sql(len(part)), part)
            for value, pk in cursor.fetchall():
                found.setdefault(value, set()).add(pk)
    return found


def candidates_sql(many: int) -> str:
    """One short walk of the index for each key, cut off where a key is frequent."""
    one = (
        "SELECT value, customer_id FROM customers_matchkey WHERE value = %s"  # noqa: S608
        f" LIMIT {2 * FREQUENT + 1:d}"
    )
    parts = (f"SELECT * FROM ({one}) AS part{n}" for n in range(many))  # noqa: S608
    return " UNION ALL ".join(parts)


# Surfaces -----------------------------------------------------------------------------------------
def list_alike_names(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """For each row of a file the name of the customer in scope that it looks like, or none.

    Alike by a number or an address that the reader does not see in clear is not alike at all.
    """
    profiles = [profile_of(row) for row in rows]
    if not actor.is_system and actor.level("contact") is not Level.CLEAR:
        profiles = [_without_reach(profile) for profile in profiles]
    keys = [matching.sure_keys(profile) for profile in profiles]
    reach = {key for p in profiles for _kind, key in matching.keys_of_reach(p.phones, p.emails)}
    sharing: dict[int, set[int]] = {}
    pooled: set[int] = set()
    shared = Customer.objects.filter(match_keys__value__in=set().union(*keys), archived_at=None)
    shared = visible(actor, "customers.view", shared)
    for key, pk, pool in shared.values_list("match_keys__value", "pk", "pool"):
        if pool is not None:
            pooled.add(pk)
        if pool is None or key not in reach:
            sharing.setdefault(key, set()).add(pk)
    sharing = {key: pks for key, pks in sharing.items() if len(pks) <= FREQUENT}
    stored = get_profiles(set().union(*sharing.values()))
    stored |= {pk: _without_reach(stored[pk]) for pk in pooled & stored.keys()}
    return [
        _name_of_alike(profile, {pk: stored[pk] for key in mine for pk in sharing.get(key, ())})
        for profile, mine in zip(profiles, keys, strict=True)
    ]


def _without_reach(profile: Profile) -> Profile:
    return replace(profile, phones=frozenset(), emails=frozenset(), people=frozenset())


def _name_of_alike(profile: Profile, others: Mapping[int, Profile]) -> str:
    for _pk, other in sorted(others.items()):
        is_same = matching.is_same_name(profile.name, other.name)
        if is_same or matching.compare(profile, other).is_duplicate:
            return other.name
    return ""


# Requests -----------------------------------------------------------------------------------------
def list_asked_of(actor: Actor) -> QuerySet[CooperationRequest]:
    """The open requests about customers that the reader may change, the oldest first."""
    rows = CooperationRequest.objects.filter(state="open").select_related("customer", "asker")
    return visible(actor, "customers.change", rows).order_by("asked_at", "pk")


def list_asked_by(actor: Actor) -> list[Mapping[str, Any]]:
    """The reader's own requests, with nothing of the customer but what may be told."""
    rows = CooperationRequest.objects.filter(asker_id=actor.user_id).order_by("-asked_at", "-pk")
    return list(rows.values("masked_name", "typed_name", "state", "answer", "asked_at")[:100])


# Merging ------------------------------------------------------------------------------------------
def get_pair(survivor_id: int, loser_id: int, actor: Actor) -> tuple[Customer, Customer]:
    """Two customers that the actor may merge; one that is merged already is nobody's."""
    rows = Customer.objects.filter(merged_into=None)
    found = [
        get_allowed(actor, "customers.merge", rows, seen_by="customers.view", pk=pk)
        for pk in (survivor_id, loser_id)
    ]
    return found[0], found[1]


def get_successor(customer_id: int) -> int | None:
    """The customer that stands for a merged one now."""
    rows = Customer.objects.filter(pk=customer_id, merged_into__isnull=False)
    return rows.values_list("merged_into_id", flat=True).first()


@dataclass(frozen=True)
class MoveLine:
    """How many records of a kind a merge would move, and how many would stay."""

    label: str
    moving: int
    staying: int


def preview_move(survivor_id: int, loser_id: int, actor: Actor) -> list[MoveLine]:
    """What a merge would move, by kind, of what the actor may see (the rest moves unseen)."""
    from guanxi.customers.duplicates.references import references

    found = []
    for reference in references():
        kind = get_record_type_of_model(reference.model)
        is_tags = reference.model is Customer.tags.through
        if not is_tags and (kind is None or not actor.can(kind.allows("view"))):
            continue
        every = reference.rows(loser_id).count()
        moving = reference.movable(loser_id, survivor_id).count() if every else 0
        label = str(kind.label_plural) if kind else gettext("Tags")
        if every:
            found.append(MoveLine(label, moving, every - moving))
    return found


def find_by_word(word: str, actor: Actor) -> Customer | None:
    """The customer in scope that a number or an id names."""
    rows = visible(actor, "customers.view", Customer.objects.filter(archived_at=None))
    is_id = word.isascii() and word.isdigit() and len(word) < 19
    by_id = rows.filter(pk=int(word)).first() if is_id else None
    return by_id or (rows.filter(number=word).first() if word.isprintable() else None)


# The scan -----------------------------------------------------------------------------------------
def changed_customers(since: datetime | None) -> QuerySet[Customer, int]:
    """The ids of the customers that are new or changed since, or whose contacts are; or of all."""
    rows = Customer.objects.filter(archived_at=None).order_by("pk")
    if since is not None:
        contacts = Contact.objects.filter(updated_at__gte=since)
        touched = Q(updated_at__gte=since) | Q(pk__in=contacts.values("customer_id"))
        rows = rows.filter(touched)
    return rows.values_list("pk", flat=True)


def list_dismissed(customer_id: int) -> set[int]:
    """The customers of which somebody said that they are not this one."""
    rows = DuplicatePair.objects.filter(state=PairState.DIFFERENT)
    pairs = rows.filter(Q(low_id=customer_id) | Q(high_id=customer_id))
    return {pk for pair in pairs.values_list("low_id", "high_id") for pk in pair} - {customer_id}
