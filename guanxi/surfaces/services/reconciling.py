"""Two people changed one record: what each of them meant survives, field by field (G01).

An editor sends what they want beside the version that they read. The events since then tell what
every field held at that version, who has set it, and to what. So each field has three values:
base, mine and theirs. A field that I left as I read it is not mine to write; one that nobody else
touched is; one that both of us set, and not alike, is for me to decide: then nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from guanxi.kernel.access import shown
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Difference, RuleViolation, StaleVersion
from guanxi.kernel.events import changes_of
from guanxi.kernel.models import Event
from guanxi.kernel.values import to_json
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import RecordType

#: Whoever read a record this many events ago compares by hand.
MOST: Final = 300
_BLANK: Final[tuple[Any, ...]] = (None, "", [])


@dataclass(frozen=True)
class Touch:
    """What became of one field since a version: its value then (as JSON), who set it last, when."""

    base: Any
    now: Any
    is_known: bool
    by_id: int | None
    by: str
    at: datetime


@dataclass
class Meanwhile:
    """What was written to a record since a version; whole when every version since is told of."""

    touches: dict[str, Touch] = field(default_factory=dict)
    is_whole: bool = True

    def add(self, event: Event) -> None:
        """Take in an event that is older than those before it."""
        changes = changes_of(event)
        erased = set(event.data.get("personal_fields", ())) - changes.keys()
        for name, (old, new) in changes.items():
            self._add(event, name, old, new, is_known=True)
        for name in erased:
            self._add(event, name, None, None, is_known=False)

    def _add(self, event: Event, name: str, old: Any, new: Any, *, is_known: bool) -> None:
        last = self.touches.get(name)
        if last is None:
            who = (event.actor_user_id, event.who)
            self.touches[name] = Touch(old, new, is_known, *who, event.at)
        else:
            is_known = is_known and last.is_known
            self.touches[name] = Touch(old, last.now, is_known, last.by_id, last.by, last.at)


@dataclass(frozen=True)
class Reconciled:
    """What of an editor's values is to be written, and what others wrote meanwhile."""

    values: Mapping[str, Any]
    meanwhile: Mapping[str, Touch]


@dataclass(frozen=True)
class Merged:
    """A record after a change, and what others had set since it was read: that is kept."""

    instance: Any
    meanwhile: Mapping[str, Touch]
    is_changed: bool


@dataclass(frozen=True)
class Wanted:
    """What an editor wants of a record that they read at a version.

    A chosen value is meant even when it is the one that was read: a verb sets it, a form that
    holds every field merely sends it along.
    """

    fields: Mapping[str, Field]
    values: Mapping[str, Any]
    version: int
    actor: Actor
    is_chosen: bool = False


def reconcile(record_type: RecordType, instance: Any, wanted: Wanted) -> Reconciled:
    """The values to write on the record as it is now, or StaleVersion with those in conflict."""
    meanwhile = read_meanwhile(record_type, instance, wanted.version)
    mine: dict[str, Any] = {}
    settled: list[str] = []
    conflicts: list[Difference] = []
    for name, value in wanted.values.items():
        theirs, touch = wanted.fields[name].read(instance), meanwhile.touches.get(name)
        is_left = not wanted.is_chosen and _is_left(touch, value)
        if is_same(theirs, value) or (meanwhile.is_whole and is_left):
            settled.append(name)
        elif meanwhile.is_whole and _is_mine(touch, to_json(theirs)):
            mine[name] = value
        else:
            conflicts.append(_difference(wanted, name, theirs, touch))
    for name in list(mine):
        other = _set_beside(wanted, name, instance, meanwhile)
        if other is not None:
            theirs = wanted.fields[name].read(instance)
            touch = replace(other, base=to_json(theirs), is_known=True)
            conflicts.append(_difference(wanted, name, theirs, touch))
    if conflicts or not 1 <= wanted.version <= instance.version:
        raise StaleVersion(instance.version, conflicts, frozenset(settled))
    kept = {n: touch for n, touch in meanwhile.touches.items() if n not in mine}
    return Reconciled(mine, kept)


def _set_beside(wanted: Wanted, name: str, instance: Any, meanwhile: Meanwhile) -> Touch | None:
    """What became of an amount's currency, or of a currency's amounts: half of each is neither."""
    fields = wanted.fields
    for other, touch in meanwhile.touches.items():
        if other not in fields:
            continue
        is_pair = fields[other].path in _halves(fields[name]) or (
            fields[name].path in _halves(fields[other])
        )
        theirs = fields[other].read(instance) if is_pair else None
        is_moved = is_pair and not (touch.is_known and is_same(touch.base, to_json(theirs)))
        if is_moved and not is_same(wanted.values.get(other, touch), theirs):
            return touch
    return None


def _halves(declared: Field) -> tuple[str, ...]:
    return (declared.currency_path,) if declared.type == "money" and declared.currency_path else ()


def require_unchanged(
    record_type: RecordType,
    instance: Any,
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
) -> None:
    """Refuse a verb when somebody has set its fields otherwise since the record was read."""
    if version != instance.version:
        fields = record_type.all_fields()
        reconcile(record_type, instance, Wanted(fields, values, version, actor, is_chosen=True))


def read_meanwhile(record_type: RecordType, instance: Any, version: int) -> Meanwhile:
    """What the events tell of the versions after `version` up to the record's own."""
    found = Meanwhile()
    if version < 1 or not 0 < instance.version - version <= MOST:
        found.is_whole = version == instance.version
        return found
    untold = set(range(version + 1, instance.version + 1))
    rows = Event.objects.filter(subject_type=record_type.key, subject_id=str(instance.pk))
    for event in rows.select_related("detail").order_by("-pk")[:MOST]:
        told = event.data.get("version") or 0
        if told > version:
            untold.discard(told)
            found.add(event)
        elif told:
            break
    found.is_whole = not untold
    return found


def version_at(record_type: RecordType, pk: Any, version: int, moment: datetime) -> int:
    """The version that a record had at an instant, as the events since then tell."""
    rows = Event.objects.filter(subject_type=record_type.key, subject_id=str(pk), at__gt=moment)
    told = rows.order_by("-pk").values_list("data__version", flat=True)[:MOST]
    return min([version, *(int(each) - 1 for each in told if each)])


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are alike: a blank box is what a column without a value is."""
    return one == other or (one in _BLANK and other in _BLANK)


def _is_left(touch: Touch | None, value: Any) -> bool:
    """Whether a value is the one that was read, while somebody has set another one."""
    return touch is not None and touch.is_known and is_same(to_json(value), touch.base)


def _is_mine(touch: Touch | None, theirs: Any) -> bool:
    """Whether the field holds what it held when it was read."""
    if touch is None:
        return True
    return touch.is_known and is_same(touch.base, theirs) and is_same(touch.now, theirs)


def _difference(wanted: Wanted, name: str, theirs: Any, touch: Touch | None) -> Difference:
    declared, mine = wanted.fields[name], wanted.values[name]
    theirs = shown(wanted.actor, declared.group, theirs)
    if touch is None:
        return Difference(name, declared.label, None, mine, theirs, is_base_known=False)
    base = _typed(declared, touch.base, wanted.actor) if touch.is_known else None
    base = shown(wanted.actor, declared.group, base)
    return Difference(
        name, declared.label, base, mine, theirs,
        is_base_known=touch.is_known, by=touch.by, at=touch.at,
    )  # fmt: skip


def _typed(declared: Field, base: Any, actor: Actor) -> Any:
    """A value of an event as the field reads it; one that it takes no more stays as written."""
    if base is None:
        return None
    try:
        return declared.parse(base, actor=actor)
    except RuleViolation:
        return base
