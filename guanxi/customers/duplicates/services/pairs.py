"""The queue of pairs: filled by the scan, decided by two persons (CUS-12)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q

from guanxi.customers.duplicates import matching, messages
from guanxi.customers.duplicates.choices import Keep, PairState
from guanxi.customers.duplicates.events import PairConfirmed, PairDismissed
from guanxi.customers.duplicates.matching import Likeness, Profile
from guanxi.customers.duplicates.models import DuplicatePair, MatchKey
from guanxi.customers.duplicates.queries import (
    FREQUENT,
    MOST_CANDIDATES,
    get_profiles,
    read_keys,
)
from guanxi.customers.duplicates.services.merging import Merging, lock, merge_customers
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation, StaleVersion
from guanxi.kernel.events import record
from guanxi.kernel.text import clean_text

_WAITING: Final = (PairState.OPEN, PairState.CONFIRMED)
Pair = tuple[int, int]


# The scan -----------------------------------------------------------------------------------------
def scan_customers(customer_ids: Sequence[int], *, at: datetime) -> int:
    """Look for the doubles of some customers, and keep the queue in step; how many were found."""
    candidates = _candidates(customer_ids)
    everybody = {pk for ids in candidates.values() for pk in ids} | set(customer_ids)
    profiles = get_profiles(everybody)
    found: dict[Pair, Likeness] = {}
    for pk in (each for each in customer_ids if each in profiles):
        for other in candidates.get(pk, ()):
            pair = (min(pk, other), max(pk, other))
            if other in profiles and pair not in found:
                likeness = matching.compare(profiles[pk], profiles[other])
                if likeness.is_duplicate:
                    found[pair] = likeness
    with transaction.atomic():
        _keep_queue(customer_ids, found, profiles, at)
    return len(found)


def _candidates(customer_ids: Sequence[int]) -> dict[int, list[int]]:
    """For each customer those who share a key, most in common first."""
    rows = MatchKey.objects.filter(customer_id__in=customer_ids)
    mine: dict[int, set[int]] = {}
    for value, pk in rows.values_list("value", "customer_id"):
        mine.setdefault(pk, set()).add(value)
    sharing = read_keys({value for values in mine.values() for value in values})
    found = {}
    for pk, values in mine.items():
        counts: Counter[int] = Counter()
        for value in values:
            ids = sharing.get(value, set())
            if len(ids) <= FREQUENT:
                counts.update(ids - {pk})
        found[pk] = [other for other, _count in counts.most_common(MOST_CANDIDATES)]
    return found


def _keep_queue(
    customer_ids: Sequence[int],
    found: Mapping[Pair, Likeness],
    profiles: Mapping[int, Profile],
    at: datetime,
) -> None:
    known = {(p.low_id, p.high_id): p for p in _pairs_of(customer_ids)}
    fresh = []
    for pair, likeness in found.items():
        mark = matching.fingerprint(profiles[pair[0]], profiles[pair[1]])
        stored = known.get(pair)
        if stored is None:
            fresh.append(_new_pair(pair, likeness, mark, at))
        elif stored.state != PairState.MERGED:
            _renew(stored, likeness, mark, at)
    # Of two scans at once, each would bring the same pair: one of them does.
    DuplicatePair.objects.bulk_create(fresh, ignore_conflicts=True)
    gone = [p.pk for pair, p in known.items() if pair not in found and p.state in _WAITING]
    _set_state(gone, PairState.LAPSED, at)


def _pairs_of(customer_ids: Iterable[int]) -> Sequence[DuplicatePair]:
    ids = list(customer_ids)
    return list(DuplicatePair.objects.filter(Q(low_id__in=ids) | Q(high_id__in=ids)))


def _new_pair(pair: Pair, likeness: Likeness, mark: str, at: datetime) -> DuplicatePair:
    return DuplicatePair(
        low_id=pair[0],
        high_id=pair[1],
        likeness=likeness.percent,
        reason=likeness.reasons[0].value,
        reasons=",".join(reason.value for reason in likeness.reasons),
        fingerprint=mark,
        created_at=at,
        updated_at=at,
    )


def _renew(stored: DuplicatePair, likeness: Likeness, mark: str, at: datetime) -> None:
    """A decision holds while names and codes are the same; else the pair is open again."""
    if stored.fingerprint == mark and stored.state != PairState.LAPSED:
        if stored.likeness == likeness.percent or stored.state == PairState.DIFFERENT:
            return
        stored_state = stored.state
    else:
        stored_state = PairState.OPEN
    DuplicatePair.objects.filter(pk=stored.pk, version=stored.version).update(
        state=stored_state,
        likeness=likeness.percent,
        reason=likeness.reasons[0].value,
        reasons=",".join(reason.value for reason in likeness.reasons),
        fingerprint=mark,
        confirmed_by=None if stored_state == PairState.OPEN else stored.confirmed_by,
        updated_at=at,
        version=F("version") + 1,
    )


def _set_state(ids: Sequence[int], state: PairState, at: datetime) -> None:
    rows = DuplicatePair.objects.filter(pk__in=ids)
    rows.update(state=state, updated_at=at, version=F("version") + 1)


# Decisions ----------------------------------------------------------------------------------------
@transaction.atomic
def confirm_pair(
    pair_id: int, *, keep: str, version: int, actor: Actor, at: datetime
) -> DuplicatePair:
    """Say that two customers are one; when a second person says so, they are merged."""
    pair = _open(pair_id, "duplicate_pairs.confirm", version, actor)
    if pair.state == PairState.OPEN:
        _decide(pair, PairState.CONFIRMED, keep, actor, at)
        record(PairConfirmed(keep), subject=pair, actor=actor, at=at)
        return pair
    if pair.confirmed_by_id == actor.user_id:
        raise RuleViolation("same_person", messages.SAME_PERSON)
    if pair.keep != keep:
        raise RuleViolation("other_choice", messages.OTHER_CHOICE, "keep")
    stays, goes = (pair.low, pair.high) if keep == Keep.LOW else (pair.high, pair.low)
    record(PairConfirmed(keep), subject=pair, actor=actor, at=at)
    asked = Merging(stays.pk, goes.pk, stays.version, goes.version, {})
    merge_customers(asked, actor=actor, at=at)
    pair.refresh_from_db()
    return pair


@transaction.atomic
def dismiss_pair(
    pair_id: int, *, reason: str = "", version: int, actor: Actor, at: datetime
) -> DuplicatePair:
    """Say that two customers are not one; that is remembered while their names and codes last."""
    pair = _open(pair_id, "duplicate_pairs.dismiss", version, actor)
    _decide(pair, PairState.DIFFERENT, "", actor, at)
    said = clean_text(reason, max_length=200)
    record(PairDismissed(said), subject=pair, actor=actor, at=at)
    return pair


def _open(pair_id: int, permission: str, version: int, actor: Actor) -> DuplicatePair:
    """A pair that waits for a decision, with its customers locked before it."""
    found = DuplicatePair.objects.filter(pk=pair_id).values_list("low_id", "high_id").first()
    if found is None:
        raise NotFound
    lock(found)
    rows = DuplicatePair.objects.select_related("low", "high").select_for_update(of=("self",))
    pair = get_allowed(actor, permission, rows, seen_by="duplicate_pairs.view", pk=pair_id)
    if pair.version != version:
        raise StaleVersion(pair.version)
    if pair.state not in _WAITING:
        raise RuleViolation("decided", messages.DECIDED)
    return pair


def _decide(pair: DuplicatePair, state: PairState, keep: str, actor: Actor, at: datetime) -> None:
    pair.state, pair.keep, pair.confirmed_by_id = state, keep, actor.user_id
    pair.decided_at = pair.updated_at = at
    pair.version += 1
    pair.save(
        update_fields=["state", "keep", "confirmed_by", "decided_at", "updated_at", "version"]
    )
