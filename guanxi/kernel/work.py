"""Work that opens what it is about to whoever does it, as long as it is open (SEC-1).

Domains declare theirs; nothing is stored, so nothing can be forgotten when work ends: each actor
asks once, when something is first read that work could open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from guanxi.kernel.actor import Actor, AtWork, Ids, Reach


@dataclass(frozen=True)
class Work:
    """Work that opens what it is about to whoever does it, as long as it is open.

    `find` gives the ids of these records of `record_key`, as one statement that rests on the
    actor alone. It is asked of those who hold `permission`, and `seeing` for less than everything.
    """

    record_key: str
    permission: str
    seeing: str
    find: Callable[[Actor], QuerySet[Any]]

    def may_open(self, grants: Mapping[str, Reach]) -> bool:
        """Whether such work could open anything to a person with these grants."""
        reach = grants.get(self.seeing)
        return self.permission in grants and reach is not None and reach < Reach.ALL


_works: list[Work] = []


def declare_work(work: Work) -> None:
    """Let open work open what it is about; the models lead there by their openings."""
    _works.append(work)


def at_work(actor: Actor, grants: Mapping[str, Reach]) -> AtWork | None:
    """What the actor's open work opens to them; nothing for whom it could not open anything.

    `grants` are the person's: what a token may do is asked of the actor when the work is found.
    """
    works = tuple(work for work in _works if work.may_open(grants))
    return AtWork(lambda: _about(works, actor)) if works else None


@dataclass(frozen=True)
class _Standing:
    """An actor, the same as any other who stands where this one stands with the same rights."""

    standing: tuple[Any, ...]
    actor: Actor = field(compare=False)

    @classmethod
    def of(cls, actor: Actor) -> "_Standing":
        place = (actor.user_id, actor.department_id, actor.team_ids, actor.branch_ids)
        rights = (frozenset(actor.grants.items()), frozenset(actor.levels.items()))
        return cls((*place, *rights, actor.openings), actor)


def _about(works: tuple[Work, ...], actor: Actor) -> Ids:
    """What open work is about, by kind."""
    found = []
    for key, statement in _statements(works, _Standing.of(actor)):
        with connection.cursor() as cursor:
            cursor.execute(*statement)
            found.append((key, tuple(sorted({pk for (pk,) in cursor.fetchall() if pk}))))
    return tuple(found)


@lru_cache(maxsize=4096)
def _statements(
    works: tuple[Work, ...], standing: _Standing
) -> tuple[tuple[str, tuple[str, Any]], ...]:
    """One statement for each kind; to make one takes longer than to ask it."""
    made = []
    for key in dict.fromkeys(work.record_key for work in works):
        first, *rest = [work.find(standing.actor) for work in works if work.record_key == key]
        try:
            made.append((key, first.union(*rest).query.sql_with_params()))
        except EmptyResultSet:
            continue
    return tuple(made)
