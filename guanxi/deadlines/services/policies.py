"""The writes of policies: what may be in them, their versions, and moving clocks to them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import models, transaction

from guanxi.deadlines import messages, policy_queries
from guanxi.deadlines.declarations import clock_kinds, get_kind
from guanxi.deadlines.events import PolicyApplied
from guanxi.deadlines.models import Calendar, Clock, Policy, PolicyVersion
from guanxi.deadlines.rules.levels import Level
from guanxi.deadlines.rules.policies import OF_MOMENT, read_levels, target_of
from guanxi.deadlines.rules.promises import Target
from guanxi.deadlines.rules.times import Impossible, ticks_of
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record
from guanxi.kernel.jobs import start_run
from guanxi.kernel.models import Run
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record

Values = dict[str, Any]
_CONTENT: Final = (
    "name", "kind", "position", "condition", "unit", "amount", "is_recurring", "reasons",
    "levels", "calendar_id", "is_on",
)  # fmt: skip
_CHUNK: Final = 200
KEY: Final = "deadlines.policy"


@dataclass(frozen=True)
class Promise:
    """What a clock promises: how much of which time, who may pause it why, when it speaks up.

    Without a calendar it is that of the record's team or department.
    """

    target: Target
    calendar: Calendar | None = None
    levels: tuple[Level, ...] = ()
    reasons: tuple[str, ...] = ()
    policy: PolicyVersion | None = None

    def hung_on(self, moment: datetime | None) -> "Promise":
        """The same promise for a record of this moment."""
        ticks = ticks_of(moment) if moment and self.target.measure.is_of_moment else None
        return replace(self, target=replace(self.target, moment=ticks))

    @property
    def lacks_moment(self) -> bool:
        """Whether nobody knows yet what the days are to be counted back from."""
        return self.target.measure.is_of_moment and self.target.moment is None

    @property
    def terms(self) -> dict[str, Any]:
        """What a clock keeps of it beside the target, as its columns store that."""
        return {
            "levels": [asdict(level) | {"to": list(level.to)} for level in self.levels],
            "reasons": list(self.reasons),
            "policy": self.policy,
        }


def promise_of(version: PolicyVersion) -> Promise:
    """What a version of a policy promises."""
    content = version.content
    target = target_of(content["unit"], content["amount"], recurring=content["is_recurring"])
    calendar_id = content["calendar_id"]
    return Promise(
        target,
        Calendar.objects.select_related("current").get(pk=calendar_id) if calendar_id else None,
        read_levels(content["levels"], target),
        tuple(content["reasons"]),
        version,
    )


def check_policy(values: Values, current: Mapping[str, Any]) -> Values:
    """A deadline that exists, a target that can be reached, levels that can be read."""
    names = ("kind", "unit", "amount", "levels", "audience")
    given = {name: values.get(name, current.get(name)) or "" for name in names}
    if given["kind"] and given["kind"] not in {kind.name for kind in clock_kinds()}:
        raise RuleViolation("no_such_kind", messages.NO_SUCH_KIND, "kind")
    if not (given["kind"] and given["unit"] and given["amount"]):
        return values  # What is required is told elsewhere.
    check_unit(str(given["kind"]), str(given["unit"]))
    try:
        target = target_of(str(given["unit"]), int(given["amount"]))
    except Impossible as error:
        raise RuleViolation("bad_target", messages.BAD_TARGET, "amount") from error
    try:
        read_levels(str(given["levels"]), target)
    except Impossible as error:
        raise RuleViolation("bad_level", messages.BAD_LEVEL, "levels", line=str(error)) from error
    if given["audience"]:
        _check_audience(given)
    return values


def check_unit(kind: str, unit: str) -> None:
    """Only what leads up to a moment of the record can be due so many days ahead of it."""
    if unit in OF_MOMENT and get_kind(kind).moment is None:
        raise RuleViolation("no_moment", messages.NO_MOMENT, "unit")


def _check_audience(given: Mapping[str, Any]) -> None:
    view = policy_queries.get_audience(given)
    if view is None or not view.condition:
        raise RuleViolation("bad_audience", messages.BAD_AUDIENCE, "audience")


def keep_policy(
    policy: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """Freeze the view's condition as it is now, and what the policy says as a version of it."""
    del actor
    assert isinstance(policy, Policy)  # noqa: S101
    if "audience" in changes:
        view = policy_queries.get_audience(policy) if policy.audience else None
        policy.condition = view.condition if view else {}
    content = {name: getattr(policy, name) for name in _CONTENT}
    if policy.current is None or policy.current.content != content:
        number = policy.versions.count() + 1
        policy.current = PolicyVersion.objects.create(
            policy=policy, number=number, content=content, made_at=at
        )
    Policy.objects.filter(pk=policy.pk).update(condition=policy.condition, current=policy.current)


@transaction.atomic
def apply_policy(policy_id: int, *, actor: Actor, at: datetime) -> Run:
    """Begin to give running clocks the promise of a policy as it is now."""
    rows = Policy.objects.filter(archived_at=None)
    policy = get_allowed(
        actor, "deadline_policies.apply", rows, seen_by="deadline_policies.view", pk=policy_id
    )
    if not policy.is_on:
        raise RuleViolation("not_in_force", messages.NOT_IN_FORCE)
    run = start_run("deadlines.apply", {"policy": policy.pk, "record_key": KEY}, actor=actor, at=at)
    record(PolicyApplied(policy.name), subject=policy, actor=actor, at=at)
    return run


@transaction.atomic
def bring_policy(name: str, values: Values, *, actor: Actor, at: datetime) -> None:
    """Create or change the policy of a name as a pack has it, its condition with it."""
    kind = get_record_type(KEY)
    condition = values["condition"]
    wanted = {key: value for key, value in values.items() if key != "condition"}
    here = Policy.objects.filter(name=name).first()
    if here is None:
        create_record(kind, {"name": name, **wanted}, actor=actor, at=at)
    else:
        wanted = {**wanted, "audience": ""}
        change_record(kind, here.pk, wanted, version=here.version, actor=actor, at=at)
    Policy.objects.filter(name=name).update(condition=condition)
    keep_policy(Policy.objects.select_related("current").get(name=name), {}, actor, at)


def check_shift(values: Values, current: Mapping[str, Any]) -> Values:
    """A shift ends after it begins."""
    start, end = (values.get(name, current.get(name)) for name in ("starts_at", "ends_at"))
    if start and end and end <= start:
        raise RuleViolation("bad_shift", messages.BAD_SHIFT, "ends_at")
    return values


def move_clocks(
    policy: Policy, progress: Callable[[int, int], None], *, actor: Actor, at: datetime
) -> int:
    """Give the running clocks that a policy is about its promise; safe to begin again."""
    from guanxi.deadlines.services.clocks import retarget

    touched = list(policy_queries.list_touched(policy, at=at).values_list("pk", flat=True))
    assert policy.current is not None  # noqa: S101
    promise = promise_of(policy.current)
    for start in range(0, len(touched), _CHUNK):
        with transaction.atomic():
            for pk in touched[start : start + _CHUNK]:
                retarget(Clock.objects.filter(pk=pk), promise, policy.name, actor=actor, at=at)
        progress(min(len(touched), start + _CHUNK), len(touched))
    return len(touched)
