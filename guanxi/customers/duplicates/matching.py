"""Which customers are one: keys that look-alikes share, and how alike two are (CUS-12, K05).

Pure functions. Keys only bring candidates together; the likeness decides, from 0 to 100.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from guanxi.customers.duplicates import names, places, public_hosts
from guanxi.customers.duplicates.names import CompanyName
from guanxi.kernel.folding import fold, skeleton
from guanxi.kernel.pinyin import reading

THRESHOLD: Final = 70
"""From this likeness on two customers are called duplicates."""
_LONGEST_NEAR: Final = 4
_SHORTEST_NEAR: Final = 3
_BEGINNINGS: Final = (2, 4)


class Reason(StrEnum):
    """Why two customers look like one."""

    CODE = "code"
    NAME = "name"
    NAME_ALIKE = "name_alike"
    SHORT_NAME = "short_name"
    BRANCH = "branch"
    PHONE = "phone"
    CONTACT = "contact"
    EMAIL = "email"
    DOMAIN = "domain"
    ADDRESS = "address"


class KeyKind(StrEnum):
    """What a key was made of."""

    NAME = "n"
    CODE = "c"
    PHONE = "p"
    EMAIL = "e"
    DOMAIN = "d"


@dataclass(frozen=True)
class Profile:
    """What is known of a customer for matching; phones in their one form."""

    name: str = ""
    short_name: str = ""
    is_person: bool = False
    credit_code: str = ""
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    people: frozenset[tuple[str, str]] = frozenset()
    """Contacts as (folded name, phone)."""
    province: str = ""
    city: str = ""
    address: str = ""


@dataclass(frozen=True)
class Likeness:
    """How alike two customers are, and why."""

    percent: int
    reasons: tuple[Reason, ...] = ()

    @property
    def is_duplicate(self) -> bool:
        """Whether they are to be called duplicates."""
        return self.percent >= THRESHOLD


# Keys ---------------------------------------------------------------------------------------------
def keys_of_customer(profile: Profile) -> frozenset[tuple[KeyKind, int]]:
    """The keys of a customer's own values."""
    found = {(KeyKind.NAME, text) for text in _name_texts(profile)}
    if profile.credit_code:
        found.add((KeyKind.CODE, profile.credit_code))
    return _hashed(found | _reach_texts(profile.phones, profile.emails))


def keys_of_reach(phones: Iterable[str], emails: Iterable[str]) -> frozenset[tuple[KeyKind, int]]:
    """The keys of telephone numbers and e-mail addresses: a contact's."""
    return _hashed(_reach_texts(phones, emails))


def _name_texts(profile: Profile) -> set[str]:
    if profile.is_person:
        return {f"person {skeleton(profile.name)}"} if profile.name else set()
    found: set[str] = set()
    for written in (profile.name, profile.short_name):
        if written and fold(written):
            found |= _texts_of(names.parse(written))
    return found


def sure_keys(profile: Profile) -> frozenset[int]:
    """The few keys that a customer has in common with nearly all of its look-alikes.

    The shape of the name, the code, numbers and addresses: a whole file is looked up by them.
    """
    if profile.is_person:
        shape = f"person {skeleton(profile.name)}"
    else:
        shape = f"shape {skeleton(names.parse(profile.name).core)}"
    found = {(KeyKind.NAME, shape), (KeyKind.CODE, profile.credit_code)}
    reach = _reach_texts(profile.phones, profile.emails)
    found |= {each for each in reach if each[0] is not KeyKind.DOMAIN}
    return frozenset(value for _kind, value in _hashed(found))


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are one written otherwise: same core, place and branch."""
    mine, theirs = names.parse(one), names.parse(other)
    if skeleton(mine.folded) == skeleton(theirs.folded):
        return True
    is_same_place = bool(mine.places) == bool(theirs.places)
    is_same_core = skeleton(mine.core) == skeleton(theirs.core)
    is_whole = mine.has_form and theirs.has_form
    return (
        is_same_place
        and is_same_core
        and is_whole
        and mine.branch == theirs.branch
        and not _are_apart(mine, theirs)
    )


def _texts_of(name: CompanyName) -> set[str]:
    """The core, its beginnings, its sound and shape, and the core without one of its characters.

    A frequent beginning brings nobody together (it is not looked up); the others still do.
    """
    core = name.core
    found = {core, name.own, f"sound {_sound(core)}", f"shape {skeleton(core)}"}
    found |= {
        near
        for place in range(min(len(name.own), _LONGEST_NEAR))
        if len(near := core[:place] + core[place + 1 :]) >= _SHORTEST_NEAR
    }
    return found | {core[:length] for length in _BEGINNINGS}


def _reach_texts(phones: Iterable[str], emails: Iterable[str]) -> set[tuple[KeyKind, str]]:
    found = {(KeyKind.PHONE, phone) for phone in phones if phone}
    for email in emails:
        address = email.casefold()
        found.add((KeyKind.EMAIL, address))
        if domain := own_domain(address):
            found.add((KeyKind.DOMAIN, domain))
    return found


def _hashed(texts: Iterable[tuple[KeyKind, str]]) -> frozenset[tuple[KeyKind, int]]:
    """Sixty-four bits each: short in the index, and no personal value stands in the table."""
    return frozenset((kind, _mark(f"{kind} {text}")) for kind, text in texts if text)


def _mark(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def own_domain(email: str) -> str:
    """The domain of an address that is the company's own, not a public mail host."""
    domain = email.casefold().rpartition("@")[2].strip(".")
    domain = domain.removeprefix("mail.").removeprefix("www.")
    return "" if not domain or domain in public_hosts.HOSTS else domain


def fingerprint(one: Profile, other: Profile) -> str:
    """What names and codes of a pair say: as long as it is the same, a decision on it holds."""
    said = sorted(
        f"{fold(p.name)}|{fold(p.short_name)}|{p.credit_code}|{p.is_person}" for p in (one, other)
    )
    return blake2b("\n".join(said).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


# Likeness -----------------------------------------------------------------------------------------
def compare(one: Profile, other: Profile) -> Likeness:
    """How alike two customers are: what their names say, then what else they share."""
    if one.credit_code and one.credit_code == other.credit_code:
        return Likeness(99, (Reason.CODE, *_shared(one, other)))
    shared = _shared(one, other)
    if one.is_person or other.is_person:
        return _compare_persons(one, other, shared)
    percent, reasons = _names_of(one, other)
    percent = _with_evidence(percent, shared, is_apart=Reason.BRANCH in reasons and percent < 50)
    if one.credit_code and other.credit_code and percent < 98:
        percent = min(percent, THRESHOLD - 10)  # Two companies in law.
    return Likeness(percent, (*reasons, *shared) if percent else ())


def _shared(one: Profile, other: Profile) -> tuple[Reason, ...]:
    """What two customers have in common beside their names."""
    found = []
    phones = one.phones & other.phones
    if any(phone in phones for _name, phone in one.people & other.people):
        found.append(Reason.CONTACT)
    if phones:
        found.append(Reason.PHONE)
    if one.emails & other.emails:
        found.append(Reason.EMAIL)
    domains = {own_domain(e) for e in one.emails} & {own_domain(e) for e in other.emails}
    if domains - {""}:
        found.append(Reason.DOMAIN)
    if len(address := fold(one.address)) > 8 and address == fold(other.address):
        found.append(Reason.ADDRESS)
    return tuple(found)


_WEIGHTS: Final = {
    Reason.CONTACT: 12,
    Reason.PHONE: 25,
    Reason.EMAIL: 20,
    Reason.DOMAIN: 12,
    Reason.ADDRESS: 12,
}


def _with_evidence(percent: int, shared: tuple[Reason, ...], *, is_apart: bool) -> int:
    """What is shared beside the names: it tips the scales, and alone proves little."""
    if is_apart or percent < 20:
        return max(percent, 40 if Reason.CONTACT in shared else 0)
    return min(99, percent + sum(_WEIGHTS[reason] for reason in shared))


def _compare_persons(one: Profile, other: Profile, shared: tuple[Reason, ...]) -> Likeness:
    """Persons share names by the thousand: a number or address must agree, too."""
    if one.is_person != other.is_person:
        return Likeness(0)
    if skeleton(one.name) != skeleton(other.name):
        sounds = _sound(fold(one.name)) == _sound(fold(other.name))
        is_near = sounds and Reason.PHONE in shared
        return Likeness(75 if is_near else 30 if shared else 0, shared)
    strong = {Reason.PHONE, Reason.EMAIL} & set(shared)
    return Likeness(95 if strong else 45, (Reason.NAME, *shared))


def _names_of(one: Profile, other: Profile) -> tuple[int, tuple[Reason, ...]]:
    """The best that names and short names have to say."""
    if not fold(one.name) or not fold(other.name):
        return 0, ()
    mine, theirs = names.parse(one.name), names.parse(other.name)
    percent, reasons = _compare_names(mine, theirs)
    by_short = _compare_short(one, other) if percent < THRESHOLD else 0
    if by_short > percent and not _are_apart(mine, theirs):
        percent, reasons = by_short, (Reason.SHORT_NAME,)
    if percent >= THRESHOLD and _fields_apart(one, mine, other, theirs):
        percent -= 12
    return percent, reasons


def _compare_short(one: Profile, other: Profile) -> int:
    """A short name that is the other's name or short name."""
    best = 0
    for short, whole in ((one, other), (other, one)):
        if not fold(short.short_name):
            continue
        mine = names.parse(short.short_name)
        if len(mine.core) < names.LEAST:
            continue
        theirs = names.parse(whole.name)
        if mine.core in (theirs.core, theirs.own) and not theirs.has_form:
            best = max(best, 80)
        elif mine.core == theirs.core:
            best = max(best, 74)
        if whole.short_name and mine.core == names.parse(whole.short_name).core:
            full = names.parse(short.name)
            is_same_trade = _trade_percent(full, theirs) >= 70
            best = max(best, 74 if is_same_trade else 50)
    return best


def _fields_apart(one: Profile, mine: CompanyName, other: Profile, theirs: CompanyName) -> bool:
    """Whether the towns that are filled in, or named, exclude each other."""
    return places.are_apart(_towns(one, mine), _towns(other, theirs))


def _towns(profile: Profile, name: CompanyName) -> frozenset[str]:
    told = name.places
    if not told:
        told = frozenset(p for p in _told(profile.province, profile.city) if p)
    return told


@lru_cache(maxsize=1024)
def _told(province: str, city: str) -> tuple[str, str]:
    return places.whole(fold(province)), places.whole(fold(city))


# Names --------------------------------------------------------------------------------------------
def _are_apart(mine: CompanyName, theirs: CompanyName) -> bool:
    """Whether towns, branches or numbers in the names say that they are two."""
    if places.are_apart(mine.places, theirs.places):
        return True
    if mine.branch is not None and theirs.branch is not None and mine.branch != theirs.branch:
        return True
    return sorted(mine.numerals) != sorted(theirs.numerals)


def _compare_names(mine: CompanyName, theirs: CompanyName) -> tuple[int, tuple[Reason, ...]]:
    if mine.folded == theirs.folded:
        return 99, (Reason.NAME,)
    if skeleton(mine.folded) == skeleton(theirs.folded):
        return 97, (Reason.NAME,)
    percent = _core_percent(mine, theirs)
    reasons: tuple[Reason, ...] = (Reason.NAME if percent >= 90 else Reason.NAME_ALIKE,)
    if percent and _are_apart(mine, theirs):
        return min(percent, 45), (Reason.BRANCH,)
    if percent and (mine.branch is None) != (theirs.branch is None):
        return percent - 14, (*reasons, Reason.BRANCH)
    return (percent, reasons) if percent else (0, ())


def _core_percent(mine: CompanyName, theirs: CompanyName) -> int:
    """How alike what is left of two names is without place, form and branch."""
    if mine.core == theirs.core or skeleton(mine.core) == skeleton(theirs.core):
        return 95
    if mine.own == theirs.own:
        return _trade_percent(mine, theirs)
    return max(_slip_percent(mine, theirs), _abbreviation_percent(mine, theirs))


def _trade_percent(mine: CompanyName, theirs: CompanyName) -> int:
    """The same own name: what the trades say. A group's companies differ in nothing else."""
    short, long = sorted((mine, theirs), key=lambda name: len(name.trade))
    if short.trade == long.trade:
        return 95
    if not short.trade:
        return 50 if short.has_form else 82
    if _is_subsequence(short.trade, long.trade):
        return 62 if short.has_form else 84
    if sorted(short.trade) == sorted(long.trade):
        return 80
    slip = _slip(mine.core, theirs.core)
    return 78 if slip is not None and slip.is_sound else 45


@dataclass(frozen=True)
class _Slip:
    """One slip between two texts: where it is, and what it may come from."""

    place: int
    kind: str
    is_sound: bool


def _slip_percent(mine: CompanyName, theirs: CompanyName) -> int:
    """One slip of the pen between two cores, where the rest leaves little doubt."""
    slip = _slip(mine.core, theirs.core)
    if slip is None:
        return 76 if _sounds_alike(mine.core, theirs.core) else 0
    length = max(len(mine.core), len(theirs.core))
    if length <= 3:
        return 45 if slip.is_sound else 25
    if slip.kind == "swap":
        return 86
    if slip.is_sound:
        return 84
    if slip.kind == "gap":
        return 80 if length >= 5 else 62
    return _changed_percent(mine, theirs, slip, length)


def _changed_percent(mine: CompanyName, theirs: CompanyName, slip: _Slip, length: int) -> int:
    """One character instead of another: in the own name that is mostly another company."""
    is_in_own = slip.place < min(len(mine.own), len(theirs.own))
    if mine.trade and theirs.trade and is_in_own and mine.trade == theirs.trade:
        return 58 if len(mine.own) <= 3 else 72
    return 76 if length >= 5 and slip.place >= names.LEAST else 50


def _slip(one: str, other: str) -> _Slip | None:
    """The one slip that makes one text the other, if it is one."""
    if one == other or abs(len(one) - len(other)) > 1:
        return None
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    start = min(len(one), len(other)) if start is None else start
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return _Slip(start, "gap", is_sound=False) if short[start:] == long[start + 1 :] else None
    if one[start + 1 :] == other[start + 1 :]:
        return _Slip(start, "change", _sound(one[start]) == _sound(other[start]))
    is_swap = one[start : start + 2] == other[start : start + 2][::-1]
    if is_swap and one[start + 2 :] == other[start + 2 :]:
        return _Slip(start, "swap", is_sound=False)
    return None


def _abbreviation_percent(mine: CompanyName, theirs: CompanyName) -> int:
    """A name without legal form whose characters follow each other in the whole one."""
    short, long = sorted((mine, theirs), key=lambda name: len(name.core))
    if short.has_form or len(short.core) < names.LEAST or len(long.core) - len(short.core) < 1:
        return 0
    if long.core.startswith(short.core):
        return 78 if len(short.core) >= 3 else 72
    if short.core[0] == long.core[0] and _is_subsequence(short.core, long.core):
        return 72 if len(short.core) >= 4 else 60
    return 0


def _is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(character in rest for character in short)


@lru_cache(maxsize=8192)
def _sound(text: str) -> str:
    return " ".join(reading(c)[:-1] or c for c in text)


def _sounds_alike(one: str, other: str) -> bool:
    """Whether two texts of four characters or more are read alike and share most of them."""
    if len(one) != len(other) or len(one) < 4 or _sound(one) != _sound(other):
        return False
    return sum(a != b for a, b in zip(one, other, strict=True)) * 2 <= len(one)
