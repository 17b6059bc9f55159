"""Whoever tries values to learn which ones others have is stopped, and leaves a trail (B05)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar, cast

from guanxi.kernel.actor import Actor, Channel
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import Seen, record_access
from guanxi.surfaces import limits
from guanxi.surfaces.records import RecordType

P = ParamSpec("P")
R = TypeVar("R")
TAKEN_CODES: Final = frozenset({"unique", "unique_together", "taken"})
_TRAIL: Final = "trail"
TRYING: Final = frozenset({Channel.WEB, Channel.API})


def limited(
    write: Callable[Concatenate[RecordType, P], R],
) -> Callable[Concatenate[RecordType, P], R]:
    """Let somebody learn only so often that a value is taken; then every write of theirs waits.

    A value that is free must wait as well: else the refusal itself would tell.
    """

    @wraps(write)
    def watched(record_type: RecordType, /, *args: P.args, **kwargs: P.kwargs) -> R:
        actor, at = cast(Actor, kwargs["actor"]), cast(datetime, kwargs["at"])
        caller = (actor.user_id, record_type.key)
        is_watched = actor.channel in TRYING and not actor.is_system
        if is_watched:
            limits.probes.require(caller)
        try:
            return write(record_type, *args, **kwargs)
        except RuleViolation as error:
            taken = [v.field or "" for v in error.violations if v.code in TAKEN_CODES]
            if taken and is_watched:
                limits.probes.take(caller)
                seen = Seen("taken", record_type.key, fields=tuple(sorted(taken)))
                record_access(seen, actor=actor, at=at)
                error.__dict__[_TRAIL] = seen
            raise

    return watched


@contextmanager
def keeping_trail(actor: Actor, at: datetime) -> Iterator[None]:
    """Around a transaction: what a refusal left on record in it is kept when it is undone."""
    try:
        yield
    except RuleViolation as error:
        if seen := error.__dict__.get(_TRAIL):
            record_access(seen, actor=actor, at=at)
        raise
