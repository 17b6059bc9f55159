"""Takes an import back: earlier values return, created records are archived, later edits stay.

Goes through the chunks backwards, each in one transaction with its mark, so that it too can be
killed and goes on where it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.kernel.access import require, visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import changes_of, record
from guanxi.kernel.models import Event
from guanxi.kernel.values import to_json
from guanxi.surfaces.events import RecordChanged, RecordRestored
from guanxi.surfaces.importing.events import ImportUndone
from guanxi.surfaces.importing.services.applying import Clock, Progress
from guanxi.surfaces.importing.services.intake import note_end
from guanxi.surfaces.models import Import, ImportChunk, ImportState
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services.many import (
    Change,
    RowsRefused,
    archive_many,
    change_many,
    check_change,
    write_for,
)
from guanxi.surfaces.services.records import Current, Write

KEPT: Final = 500
Effect = list[Any]


@dataclass
class Tally:
    """What came of an undo: counts, and the records that were kept with the reason."""

    restored: int = 0
    archived: int = 0
    kept_count: int = 0
    kept: list[list[Any]] = field(default_factory=list)

    def keep(self, key: str, pk: Any, line: int, reason: str) -> None:
        """A record that stays as it is."""
        self.kept_count += 1
        if len(self.kept) < KEPT:
            self.kept.append([key, pk, line, reason])


def run_undo(source: Import, *, actor: Actor, progress: Progress, clock: Clock) -> None:
    """Undo what has not been undone yet, chunk by chunk, last first."""
    require(actor, get_record_type(source.record_key).allows("import"))
    chunks = source.chunks.filter(is_preview=False)
    total = chunks.count()
    waiting = list(chunks.filter(undone_at=None).order_by("-position").values_list("pk", flat=True))
    for number, pk in enumerate(waiting, start=total - len(waiting) + 1):
        _undo_chunk(source, pk, actor=actor, at=clock())
        progress(number, total)
    tally = Tally(**source.about.get("undo", {}))
    with transaction.atomic():
        note_end(source, ImportState.UNDONE, at=clock())
        undone = ImportUndone(
            source.record_key, source.filename, tally.restored, tally.archived, tally.kept_count
        )
        record(undone, subject=source, actor=actor, at=clock())


@transaction.atomic
def _undo_chunk(source: Import, chunk_id: int, *, actor: Actor, at: datetime) -> None:
    tally = Tally(**source.about.get("undo", {}))
    chunk = ImportChunk.objects.select_for_update().get(pk=chunk_id)
    if chunk.undone_at is not None:
        return
    for key in _in_order({effect[2] for effect in chunk.effects}, source.record_key):
        undo = _Undo(source, get_record_type(key), tally, actor, at)
        undo.restore([e for e in chunk.effects if e[1] == "updated" and e[2] == key])
        undo.archive([e for e in chunk.effects if e[1] == "created" and e[2] == key])
    chunk.undone_at = at
    chunk.save(update_fields=["undone_at"])
    source.about = {**source.about, "undo": vars(tally)}
    source.save(update_fields=["about"])


def _in_order(keys: set[str], own: str) -> list[str]:
    """What belongs to others first: companions, the rows' own records, what these refer to."""
    companion = get_record_type(own).companion
    first = [companion.key, own] if companion else [own]
    return [key for key in first if key in keys] + sorted(keys - set(first))


class _Undo:
    """The part of a chunk's undo that concerns one record type."""

    def __init__(
        self, source: Import, record_type: RecordType, tally: Tally, actor: Actor, at: datetime
    ) -> None:
        self.source, self.type, self.tally, self.actor = source, record_type, tally, actor
        self.write: Write = write_for(record_type, record_type.all_fields(), actor=actor, at=at)

    def _fetch(self, effects: Iterable[Effect]) -> dict[Any, Any]:
        rows = self.type.model._base_manager.filter(pk__in=[e[3] for e in effects])
        in_scope = visible(self.actor, self.type.allows("view"), rows)
        return {i.pk: i for i in in_scope.select_for_update(of=("self",))}

    def _keep(self, effect: Effect, reason: str) -> None:
        line, _outcome, key, pk, _version = effect
        self.tally.keep(key, pk, line, reason)

    # Changed records ------------------------------------------------------------------------------
    def restore(self, effects: Sequence[Effect]) -> None:
        """Put earlier values back where nobody has changed them since."""
        instances = self._fetch(effects)
        events = self._events(effects)
        changes: list[tuple[Effect, Change]] = []
        for effect in effects:
            instance = instances.get(effect[3])
            if instance is None:
                self._keep(effect, _("You may not see this record any more."))
                continue
            found = self._earlier(effect, instance, events.get(str(effect[3]), []))
            if found:
                changes.append((effect, Change(instance, found)))
        while changes:
            try:
                with transaction.atomic():
                    change_many(self.write, [change for _effect, change in changes])
            except RowsRefused as refused:
                for place, reason in refused.reasons.items():
                    words = reason.text if reason else _("You may not change this record any more.")
                    self._keep(changes[place][0], words)
                changes = [c for place, c in enumerate(changes) if place not in refused.reasons]
                for _effect, change in changes:
                    change.instance.refresh_from_db()
            else:
                break
        self.tally.restored += len(changes)
        self._archive_again(instances, events)

    def _events(self, effects: Sequence[Effect]) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        rows = Event.objects.filter(
            subject_type=self.type.key,
            subject_id__in=[str(e[3]) for e in effects],
            request_id=str(self.source.pk),
            kind__in=[RecordChanged.kind, RecordRestored.kind],
        )
        for event in rows.select_related("detail").order_by("pk"):
            found[event.subject_id].append(event)
        return found

    def _earlier(
        self, effect: Effect, instance: Any, events: Sequence[Event]
    ) -> dict[str, tuple[Any, Any]]:
        """The fields to put back: those that still hold what the import wrote."""
        fields, values, edited = self.write.fields, {}, []
        for name, (old, new) in _pairs(events).items():
            if name not in fields or fields[name].readonly:
                continue
            if to_json(fields[name].read(instance)) == new:
                values[name] = fields[name].parse(old, actor=self.actor)
            else:
                edited.append(str(fields[name].label))
        if edited:
            message = _("Edited since, so it was kept: %(fields)s.")
            self._keep(effect, message % {"fields": _(", ").join(edited)})
        current = Current(instance, fields)
        try:
            checked = check_change(self.write, values, current)
        except RuleViolation as error:
            self._keep(effect, error.text)
            return {}
        return {n: (old, v) for n, v in checked.items() if (old := current[n]) != v}

    def _archive_again(
        self, instances: Mapping[Any, Any], events: Mapping[str, Sequence[Event]]
    ) -> None:
        """Records that the import brought back from the archive return there."""
        again = [
            instance
            for pk, instance in instances.items()
            if any(e.kind == RecordRestored.kind for e in events.get(str(pk), []))
        ]
        if again:
            archive_many(self.write, again)

    # Created records ------------------------------------------------------------------------------
    def archive(self, effects: Sequence[Effect]) -> None:
        """Archive what the import created, unless somebody has gone on working with it."""
        instances = self._fetch(effects)
        used = _in_use(self.type, list(instances))
        chosen = []
        for effect in effects:
            instance = instances.get(effect[3])
            if instance is None:
                self._keep(effect, _("You may not see this record any more."))
            elif instance.archived_at is not None:
                continue
            elif instance.version != effect[4]:
                self._keep(effect, _("Edited since, so it was kept."))
            elif instance.pk in used:
                self._keep(effect, _("Other records belong to it, so it was kept."))
            else:
                chosen.append(instance)
        try:
            archive_many(self.write, chosen)
        except RuleViolation as error:
            for instance in chosen:
                self.tally.keep(self.type.key, instance.pk, 0, error.text)
            return
        self.tally.archived += len(chosen)


def _pairs(events: Sequence[Event]) -> dict[str, list[Any]]:
    """What the import changed, personal values included."""
    pairs: dict[str, list[Any]] = {}
    for event in events:
        pairs.update(changes_of(event))
    return pairs


def _in_use(record_type: RecordType, pks: Sequence[Any]) -> set[Any]:
    """The records to which others that are not archived belong."""
    used: set[Any] = set()
    for relation in record_type.model._meta.related_objects:
        model: Any = relation.related_model
        if relation.one_to_many and any(f.name == "archived_at" for f in model._meta.fields):
            column = relation.field.attname
            rows = model._base_manager.filter(**{f"{column}__in": pks, "archived_at": None})
            used.update(rows.values_list(column, flat=True))
    return used
