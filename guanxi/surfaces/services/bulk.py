"""Changing many records at once: previewed, in the background, row by row, with an undo.

Each record is changed by the generic service under the rights of whoever asked, so one
refused record names its reason and never holds back the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import before, require, shown
from guanxi.kernel.actor import Actor, Channel, get_actor
from guanxi.kernel.errors import (
    BadRequest,
    Denied,
    GuanxiError,
    NotFound,
    RuleViolation,
    StaleVersion,
)
from guanxi.kernel.events import changes_of
from guanxi.kernel.jobs import RunContext, job, start_run
from guanxi.kernel.models import Event, Run
from guanxi.kernel.values import to_json
from guanxi.surfaces.events import RecordChanged
from guanxi.surfaces.fields import Field
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services.advancing import held_back
from guanxi.surfaces.services.reconciling import version_at
from guanxi.surfaces.services.records import merge_record, parse_values

MOST = 50_000
KEPT_FAILURES = 200
STEP = 50


@dataclass(frozen=True)
class Selection:
    """Which records: the ticked ones, or all that a list request matches."""

    ids: tuple[int, ...] = ()
    query: Mapping[str, str] | None = None

    def pks(self, record_type: RecordType, actor: Actor, at: datetime) -> list[int]:
        """The ids in the reader's scope, in id order, at most fifty thousand."""
        listing = Listing(record_type, actor, at=at)
        rows = listing.base().filter(pk__in=self.ids)
        if self.query is not None:
            rows = listing.rows(ListRequest.from_query(self.query))
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if len(pks) > MOST:
            raise BadRequest("too_many", _("At most %(most)s records at once."), most=MOST)
        return pks

    def versions(
        self, record_type: RecordType, actor: Actor, at: datetime, seen_at: datetime | None
    ) -> dict[int, int]:
        """Id → the version that the person has seen: the one at the preview, else the present."""
        rows = record_type.model._base_manager.filter(pk__in=self.pks(record_type, actor, at))
        found = rows.order_by("pk").values_list("pk", "version", "updated_at")
        return {
            pk: version_at(record_type, pk, version, seen_at)
            if seen_at is not None and updated_at > seen_at
            else version
            for pk, version, updated_at in found
        }


@dataclass(frozen=True)
class Preview:
    """What a bulk change would do."""

    total: int
    changeable: int
    sample: Sequence[Mapping[str, Any]]
    held_back: int = 0
    lacking: Sequence[str] = ()

    @property
    def ready(self) -> int:
        """How many would really change."""
        return self.changeable - self.held_back


def preview_bulk_change(
    record_type: RecordType,
    selection: Selection,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> Preview:
    """How many records would change, with a sample of old and new values; nothing is written."""
    values = parse_values(record_type, raw, actor=actor)
    pks = selection.pks(record_type, actor, at)
    allowed = record_type.in_scope(actor, "change").filter(pk__in=pks)
    fields = record_type.all_fields()
    behind = held_back(record_type, fields, values)
    sample = [
        {
            "id": row.pk,
            "label": str(row),
            "changes": [
                {"label": fields[name].label, "old": _seen(fields[name], row, actor), "new": new}
                for name, new in values.items()
                if fields[name].read(row) != new
            ],
        }
        for row in allowed.order_by("pk")[:10]
    ]
    count = allowed.filter(behind).count() if behind is not None else 0
    return Preview(len(pks), allowed.count(), sample, count, _asked(record_type, fields, values))


def _asked(
    record_type: RecordType, fields: Mapping[str, Field], values: Mapping[str, Any]
) -> list[str]:
    """What a step forward asks for beside the values that are set anyway."""
    return [
        str(fields[need.field].label)
        for advance in record_type.advances
        for need in advance.needed(values.get(advance.field))
        if need.field in fields and not values.get(need.field)
    ]


def _seen(field: Field, row: Model, actor: Actor) -> Any:
    """The present value, as clear as the row itself allows."""
    return shown(before(actor, row), field.group, field.read(row))


@transaction.atomic
def start_bulk_change(
    record_type: RecordType,
    selection: Selection,
    raw: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    seen_at: datetime | None = None,
) -> Run:
    """Queue the change of many records; the values are checked before anything starts.

    What somebody sets after the records were seen is kept, and named in the report.
    """
    require(actor, record_type.allows("change"))
    values = parse_values(record_type, raw, actor=actor)
    seen = selection.versions(record_type, actor, at, seen_at)
    params = {
        "record_key": record_type.key,
        "ids": list(seen),
        "versions": list(seen.values()),
        "values": {name: to_json(value) for name, value in values.items()},
        "channel": actor.channel.value,
    }
    return start_run("bulk_change", params, actor=actor, at=at)


@job("bulk_change")
def run_bulk_change(context: RunContext) -> dict[str, Any]:
    """Change the records one by one; a resumed run goes on behind the last committed step."""
    params = context.run.params
    record_type = get_record_type(params["record_key"])
    actor = _actor_of(context.run)
    ids, result = params["ids"], dict(context.run.result or _nothing_yet())
    seen = dict(zip(ids, params["versions"], strict=True))
    for start in range(context.run.progress_done, len(ids), STEP):
        at = timezone.now()
        with transaction.atomic():
            for pk in ids[start : start + STEP]:
                values, version = params["values"], seen[pk]
                outcome = _change_one(record_type, pk, values, version=version, actor=actor, at=at)
                _note(result, pk, outcome)
            Run.objects.filter(pk=context.run.pk, token=context.run.token).update(result=result)
            context.progress(min(start + STEP, len(ids)), len(ids))
    return result


def undo_bulk_change(run: Run, *, actor: Actor, at: datetime) -> Run:
    """Queue the return of every record of a finished change to its earlier values."""
    if run.kind != "bulk_change" or run.actor_user_id != actor.user_id:
        raise NotFound
    params = {"run": str(run.pk), "channel": actor.channel.value}
    return start_run("bulk_undo", params, actor=actor, at=at)


@job("bulk_undo")
def run_bulk_undo(context: RunContext) -> dict[str, Any]:
    """Put earlier values back except where somebody changed the field since; those are named."""
    run = Run.objects.get(pk=context.run.params["run"])
    record_type = get_record_type(run.params["record_key"])
    actor = _actor_of(context.run)
    events = _events_of(run, record_type)
    result = dict(context.run.result or _nothing_yet())
    for start in range(context.run.progress_done, len(events), STEP):
        at = timezone.now()
        with transaction.atomic():
            for event in events[start : start + STEP]:
                values = run.params["values"]
                outcome = _restore_one(record_type, event, values, actor=actor, at=at)
                _note(result, int(event.subject_id), outcome)
            Run.objects.filter(pk=context.run.pk, token=context.run.token).update(result=result)
            context.progress(min(start + STEP, len(events)), len(events))
    return result


def _actor_of(run: Run) -> Actor:
    """Whoever asked, with the rights that they have now, marked with the run's id."""
    actor = get_actor(run.actor_user_id, Channel(run.params["channel"]))
    return actor.within(str(run.pk))


def _nothing_yet() -> dict[str, Any]:
    return {"changed": 0, "unchanged": 0, "failed": 0, "failures": []}


def _note(result: dict[str, Any], pk: int, outcome: str) -> None:
    if outcome in {"changed", "unchanged"}:
        result[outcome] += 1
        return
    result["failed"] += 1
    if len(result["failures"]) < KEPT_FAILURES:
        result["failures"].append({"id": pk, "reason": outcome})


def _change_one(
    record_type: RecordType, pk: int, values: Mapping[str, Any], *, version: int, actor: Actor,
    at: datetime, is_return: bool = False,
) -> str:  # fmt: skip
    """`changed`, `unchanged`, or the reason why not."""
    try:
        with transaction.atomic():
            typed = parse_values(record_type, values, actor=actor)
            merged = merge_record(
                record_type, pk, typed,
                version=version, actor=actor, at=at, is_return=is_return,
            )  # fmt: skip
    except RuleViolation as error:
        return gettext("; ").join(each.text for each in error.violations)
    except (NotFound, Denied):
        return str(_("You may not change this record."))
    except StaleVersion as error:
        return _set_meanwhile(error)
    except GuanxiError as error:
        return str(error)
    return "changed" if merged.is_changed else "unchanged"


def _set_meanwhile(error: StaleVersion) -> str:
    """Who has set which fields since the records were seen."""
    who = gettext(", ").join(dict.fromkeys(d.by for d in error.differences if d.by))
    if not who:
        return gettext("Somebody else changed this record meanwhile.")
    names = gettext(", ").join(str(d.label) for d in error.differences)
    words = gettext("%(who)s meanwhile set other values, which were kept: %(fields)s")
    return words % {"who": who, "fields": names}


def _events_of(run: Run, record_type: RecordType) -> list[Event]:
    return list(
        Event.objects.filter(
            kind=RecordChanged.kind,
            subject_type=record_type.key,
            actor_user_id=run.actor_user_id,
            request_id=str(run.pk),
        ).order_by("id")
    )


def _restore_one(
    record_type: RecordType,
    event: Event,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> str:
    """Put back what still holds the run's values; the rest is kept and named."""
    old, fields = _old_values(event), record_type.all_fields()
    instance: Any = record_type.model._base_manager.get(pk=event.subject_id)
    kept = [n for n in old if to_json(fields[n].read(instance)) != values.get(n)]
    back = {n: value for n, value in old.items() if n not in kept}
    outcome = "unchanged"
    if back:
        version = instance.version  # what somebody sets from now on is kept, too
        outcome = _change_one(
            record_type, instance.pk, back,
            version=version, actor=actor, at=at, is_return=True,
        )  # fmt: skip
    if not kept:
        return outcome
    names = gettext(", ").join(str(fields[n].label) for n in kept)
    said = gettext("Changed since, so it was kept: %(fields)s") % {"fields": names}
    return said if outcome in {"changed", "unchanged"} else gettext("; ").join([outcome, said])


def _old_values(event: Event) -> dict[str, Any]:
    return {name: pair[0] for name, pair in changes_of(event).items()}


def failures_of(run: Run) -> Iterable[Mapping[str, Any]]:
    """The records that a run could not change, each with its reason."""
    failures: list[Mapping[str, Any]] = run.result.get("failures", [])
    return failures
