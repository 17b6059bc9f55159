"""Who may see and do what: one compiled scope serves list and single check alike (SEC-1).

A role grants (permission, reach). A model declares what each reach means as a Q, and by which
ways a share, a person stood for or open work opens its rows. A field group is clear, masked or
hidden per role, and never clearer than masked in rows that a model guards. Anything undeclared is
refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Model, Q, QuerySet

from guanxi.kernel.actor import Actor, Level, Openings, Reach
from guanxi.kernel.errors import Denied, Message, NotFound, Unconfirmed

M = TypeVar("M", bound=Model)
RECENT: Final = timedelta(minutes=15)


class _Everything:
    """The scope that leaves a queryset as it is."""


class _Nothing:
    """The scope that lets no row through."""


ALL: Final = _Everything()
NONE: Final = _Nothing()
Scope = _Everything | _Nothing | Q
ScopeRule = Callable[[Actor], Scope]


@dataclass(frozen=True)
class Permission:
    """A named right; `code` is also the verb's word in URL, service and event.

    `share` says what kind of share carries it to a record beyond the reach: "read", "write" or,
    for what no share carries (archive, transfer, share on), "".
    """

    code: str
    label: Message
    share: str = ""


@dataclass(frozen=True)
class FieldGroup:
    """Fields that are shown clear, masked or not at all together."""

    name: str
    label: Message
    mask: Callable[[Any], str]


@dataclass(frozen=True)
class Opening:
    """A way by which shares open rows: shares of `record_key` open those whose `path` names it.

    `permissions` narrows what such a share carries; `aside` is the field that a list must be
    asked for before it shows rows that came by this way alone. `is_of_work` when open work about
    `record_key` opens them instead (`kernel.work`), for reading only.
    """

    record_key: str
    path: str
    permissions: frozenset[str] = frozenset()
    aside: str = ""
    is_of_work: bool = False

    @property
    def step(self) -> str:
        """What the way is called where access is explained."""
        return "open_work" if self.is_of_work else f"shared_{self.record_key.rpartition('.')[2]}"

    def ids(self, open_now: Openings, *, may_write: bool) -> tuple[int, ...]:
        """What is open by this way now."""
        if self.is_of_work:
            return () if may_write else open_now.ids_at_work(self.record_key)
        return open_now.ids(self.record_key, may_write=may_write)

    def carries(self, permission: str) -> bool:
        """Whether a share by this way carries a permission at all."""
        return not self.permissions or permission in self.permissions


@dataclass(frozen=True)
class RowLevel:
    """Rows whose `column` is filled show a group masked at most."""

    group: str
    column: str

    def binds(self, actor: Actor) -> bool:
        """Whether the actor sees such rows masked."""
        return not actor.is_system


@dataclass(frozen=True)
class Reaches:
    """What each reach means for one model; `own ⊆ team ⊆ branch` is the declarer's duty."""

    own: ScopeRule
    team: ScopeRule
    branch: ScopeRule
    everywhere: ScopeRule | None = None
    is_to_many: bool = False
    openings: tuple[Opening, ...] = ()
    owner_path: str = ""

    def scope(self, actor: Actor, reach: Reach) -> Scope:
        """The rows that a reach covers for this actor."""
        if reach is Reach.ALL:
            return self.everywhere(actor) if self.everywhere else ALL
        rules = {Reach.OWN: self.own, Reach.TEAM: self.team, Reach.BRANCH: self.branch}
        return rules[reach](actor)


_permissions: dict[str, Permission] = {}
_groups: dict[str, FieldGroup] = {}
_reaches: dict[type[Model], Reaches] = {}
_row_levels: dict[type[Model], tuple[RowLevel, ...]] = {}


def declare_permission(code: str, label: Message, *, share: str = "") -> str:
    """Add a right to the catalogue; declaring the same code twice is a mistake."""
    if code in _permissions:
        raise ValueError(f"permission {code} is declared twice")
    _permissions[code] = Permission(code, label, share)
    return code


def declare_group(name: str, label: Message, *, mask: Callable[[Any], str]) -> str:
    """Add a field group to the catalogue."""
    if name in _groups:
        raise ValueError(f"field group {name} is declared twice")
    _groups[name] = FieldGroup(name, label, mask)
    return name


def declare_scope(
    model: type[Model],
    *,
    own: ScopeRule,
    team: ScopeRule,
    branch: ScopeRule,
    everywhere: ScopeRule | None = None,
    is_to_many: bool = False,
    openings: tuple[Opening, ...] = (),
    owner_path: str = "",
) -> None:
    """Say which rows of a model each reach covers; `is_to_many` when the Q crosses a to-many.

    `everywhere` narrows even the widest reach, as for files that need a field level too.
    `openings` are the ways of shares, `owner_path` leads to whom a substitute stands for.
    """
    if model in _reaches:
        raise ValueError(f"scope of {model.__name__} is declared twice")
    _reaches[model] = Reaches(own, team, branch, everywhere, is_to_many, openings, owner_path)


def declare_row_level(model: type[Model], group: str, *, column: str) -> None:
    """Say that rows whose column is filled show a group masked, whatever the role's level."""
    _row_levels[model] = (*_row_levels.get(model, ()), RowLevel(group, column))


def permissions() -> dict[str, Permission]:
    """The catalogue of rights."""
    return dict(_permissions)


def groups() -> dict[str, FieldGroup]:
    """The catalogue of field groups."""
    return dict(_groups)


def scope_of(
    actor: Actor, permission: str, model: type[Model], *, asked: frozenset[str] | None = None
) -> Scope:
    """The rows of a model on which the actor holds the permission; undeclared means none.

    With `asked` (the fields that a list was asked for) rows that lie aside stay out of it.
    """
    _require_declared(permission)
    reach = actor.reach(permission)
    if reach is None:
        return NONE
    declared = _reaches.get(model)
    if declared is None:
        return ALL if reach is Reach.ALL else NONE
    scope = declared.scope(actor, reach)
    if actor.openings is None or reach is Reach.ALL:
        return scope
    return _widened(scope, actor, permission, declared, asked)


def _widened(
    scope: Scope,
    actor: Actor,
    permission: str,
    declared: Reaches,
    asked: frozenset[str] | None,
) -> Scope:
    """The scope and, beside it, what shares and people stood for open."""
    opened = Q()
    for _step, way in _opened(actor, permission, declared, asked):
        opened |= way
    if not opened or isinstance(scope, _Everything):
        return scope
    narrowed = declared.everywhere(actor) if declared.everywhere else ALL
    if isinstance(narrowed, _Nothing):
        return scope
    opened = opened & narrowed if isinstance(narrowed, Q) else opened
    return opened if isinstance(scope, _Nothing) else scope | opened


def _opened(
    actor: Actor, permission: str, declared: Reaches, asked: frozenset[str] | None = None
) -> Iterator[tuple[str, Q]]:
    """Every way beyond the reach that is open to the actor now, by its name."""
    share, open_now = _permissions[permission].share, actor.openings
    if open_now is None or not share:
        return
    for way in declared.openings:
        lies_aside = asked is not None and way.aside and way.aside not in asked
        if lies_aside or not way.carries(permission):
            continue
        ids = way.ids(open_now, may_write=share == "write")
        if ids:
            yield way.step, Q(**{f"{way.path}__in": ids})
    if declared.owner_path and open_now.people:
        yield "stands_for", Q(**{f"{declared.owner_path}__in": open_now.person_ids})


def _require_declared(permission: str) -> None:
    """A misspelt permission must neither open nor seem to close anything."""
    if permission not in _permissions:
        raise LookupError(f"permission {permission} is not declared")


def visible(
    actor: Actor,
    permission: str,
    queryset: QuerySet[M],
    *,
    asked: frozenset[str] | None = None,
    within: Callable[[Q], Any] | None = None,
) -> QuerySet[M]:
    """Narrow a queryset to the rows on which the actor holds the permission.

    `within` may put the scope's condition another way that means the same.
    """
    scope = scope_of(actor, permission, queryset.model, asked=asked)
    if isinstance(scope, _Nothing):
        return queryset.none()
    if isinstance(scope, _Everything):
        return queryset
    if _reaches[queryset.model].is_to_many:
        allowed = queryset.model._base_manager.filter(scope)
        return queryset.filter(pk__in=allowed.values("pk"))
    return queryset.filter(within(scope) if within else scope)


def own(actor: Actor, queryset: QuerySet[M]) -> QuerySet[M]:
    """Narrow to what the actor made: files brought in or taken out are nobody else's (A12)."""
    return queryset.filter(created_by_id=actor.user_id, archived_at=None)


def require(actor: Actor, permission: str, instance: Model | None = None) -> None:
    """Refuse unless the actor holds the permission (on this record, when one is given)."""
    _require_declared(permission)
    if instance is None:
        if not actor.can(permission):
            raise Denied(permission)
        return
    rows = type(instance)._base_manager.filter(pk=instance.pk)
    if not visible(actor, permission, rows).exists():
        raise Denied(permission)


def require_recent(actor: Actor, at: datetime, *, within: timedelta = RECENT) -> None:
    """Ask for the password again unless it was given a short while ago (E08)."""
    if actor.is_system:
        return
    if actor.authenticated_at is None or at - actor.authenticated_at > within:
        raise Unconfirmed


def get_visible(actor: Actor, permission: str, queryset: QuerySet[M], **lookup: Any) -> M:
    """Fetch one record in the actor's scope; out of scope and missing are the same NotFound."""
    try:
        found = visible(actor, permission, queryset).filter(**lookup).first()
    except (ValueError, TypeError, OverflowError, ValidationError, DataError) as error:
        raise NotFound from error
    if found is None:
        raise NotFound
    return found


def get_allowed(
    actor: Actor, permission: str, queryset: QuerySet[M], *, seen_by: str, **lookup: Any
) -> M:
    """Fetch one record for a verb: unseen is NotFound, seen but not allowed is Denied."""
    try:
        return get_visible(actor, permission, queryset, **lookup)
    except NotFound:
        get_visible(actor, seen_by, queryset, **lookup)
        raise Denied(permission) from None


# How clearly --------------------------------------------------------------------------------------
def row_levels(model: type[Model]) -> Sequence[RowLevel]:
    """The groups that a model guards in some of its rows."""
    return _row_levels.get(model, ())


def row_level(actor: Actor, model: type[Model] | None, group: str | None) -> RowLevel | None:
    """What guards a group in some rows of a model against this actor, if anything does."""
    if model is None or group is None or model not in _row_levels:
        return None
    found = (each for each in _row_levels[model] if each.group == group and each.binds(actor))
    return next(found, None)


def clear_rows(actor: Actor, model: type[Model] | None, group: str | None) -> Q:
    """The rows in which the actor's level for a group holds: all but the guarded ones."""
    guard = row_level(actor, model, group)
    return Q(**{f"{guard.column}__isnull": True}) if guard else Q()


def before_row(actor: Actor, model: type[Model], row: Mapping[str, Any]) -> Actor:
    """The actor as they stand before one row that was read with its guards' columns."""
    binding = (guard for guard in row_levels(model) if guard.binds(actor))
    return actor.masking([g.group for g in binding if row.get(g.column) is not None])


def before(actor: Actor, instance: Model) -> Actor:
    """The actor as they stand before one record: no clearer than the record itself allows."""
    columns = [guard.column for guard in row_levels(type(instance)) if guard.binds(actor)]
    return before_row(actor, type(instance), {c: _reached(instance, c) for c in columns})


def is_guarded(instance: Model, group: str) -> bool:
    """Whether a record shows a group masked, but to those who are excepted."""
    guards = (guard for guard in row_levels(type(instance)) if guard.group == group)
    return any(_reached(instance, guard.column) is not None for guard in guards)


def _reached(instance: Any, path: str) -> Any:
    """What stands at the end of a path of columns; nothing once one of them is empty."""
    for part in path.split("__"):
        instance = getattr(instance, part, None)
    return instance


def stands_for(actor: Actor, instance: Model) -> tuple[int, str] | None:
    """The person for whom the actor deals with a record, when it is one of theirs (id, name)."""
    declared = _reaches.get(type(instance))
    if actor.openings is None or declared is None or not declared.owner_path:
        return None
    owner_id = _reached(instance, declared.owner_path) if actor.openings.people else None
    return next((each for each in actor.openings.people if each[0] == owner_id), None)


def opening_columns(model: type[Model]) -> list[str]:
    """The columns of a row that tell whether a share or a person stood for may have opened it."""
    declared = _reaches.get(model)
    if declared is None:
        return []
    return [path for path in (*(w.path for w in declared.openings), declared.owner_path) if path]


def may_be_opened(actor: Actor, model: type[Model], row: Mapping[str, Any]) -> bool:
    """Whether a row in sight may have come by a share: then other rights are to be asked."""
    declared, open_now = _reaches.get(model), actor.openings
    if open_now is None or declared is None:
        return False
    if row.get(declared.owner_path) in open_now.person_ids:
        return True
    return any(row.get(way.path) in way.ids(open_now, may_write=False) for way in declared.openings)


def masked(group: str | None, value: Any) -> str:
    """The masked form of a value of a group; an empty value stays empty."""
    if value in (None, "", [], ()):
        return ""
    return _groups[group].mask(value) if group else str(value)


def shown(actor: Actor, group: str | None, value: Any) -> Any:
    """The value as this actor may see it: clear, masked, or None when hidden."""
    level = actor.level(group)
    if level is Level.CLEAR:
        return value
    return masked(group, value) if level is Level.MASKED else None


def explain_access(actor: Actor, permission: str, instance: Model) -> list[dict[str, Any]]:
    """Say step by step why the actor may or may not do this with this record."""
    reach = actor.reach(permission)
    steps: list[dict[str, Any]] = [
        {"step": "declared", "ok": permission in _permissions, "detail": permission},
        {"step": "granted", "ok": reach is not None, "detail": reach.name.lower() if reach else ""},
    ]
    is_allowed = False
    if permission in _permissions and reach is not None:
        rows = type(instance)._base_manager.filter(pk=instance.pk)
        steps += [_reach_step(actor, each, rows) for each in Reach]
        steps += _opening_steps(actor, permission, rows)
        is_allowed = visible(actor, permission, rows).exists()
    return [*steps, {"step": "allowed", "ok": is_allowed, "detail": ""}]


def _opening_steps(actor: Actor, permission: str, rows: QuerySet[Model]) -> list[dict[str, Any]]:
    """Whether a share or a person stood for covers the record, for those who have any."""
    declared = _reaches.get(rows.model)
    ways = list(_opened(actor, permission, declared)) if declared else []
    return [{"step": name, "ok": rows.filter(q).exists(), "detail": ""} for name, q in ways]


def _reach_step(actor: Actor, reach: Reach, rows: QuerySet[Model]) -> dict[str, Any]:
    """Whether one reach would cover the record, whatever was granted."""
    declared = _reaches.get(rows.model)
    undeclared: Scope = ALL if reach is Reach.ALL else NONE
    scope = declared.scope(actor, reach) if declared else undeclared
    is_within = isinstance(scope, _Everything) or (
        isinstance(scope, Q) and rows.filter(scope).exists()
    )
    return {"step": f"within_{reach.name.lower()}", "ok": is_within, "detail": ""}
