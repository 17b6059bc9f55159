"""Who may see and do what: one compiled scope serves list and single check alike (SEC-1).

A role grants (permission, reach). A model declares what each reach means as a Q. A field
group is clear, masked or hidden per role. Anything undeclared is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import Model, Q, QuerySet

from guanxi.kernel.actor import Actor, Level, Reach
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
    """A named right; `code` is also the verb's word in URL, service and event."""

    code: str
    label: Message


@dataclass(frozen=True)
class FieldGroup:
    """Fields that are shown clear, masked or not at all together."""

    name: str
    label: Message
    mask: Callable[[Any], str]


@dataclass(frozen=True)
class Reaches:
    """What each reach means for one model; `own ⊆ team ⊆ branch` is the declarer's duty."""

    own: ScopeRule
    team: ScopeRule
    branch: ScopeRule
    everywhere: ScopeRule | None = None
    is_to_many: bool = False

    def scope(self, actor: Actor, reach: Reach) -> Scope:
        """The rows that a reach covers for this actor."""
        if reach is Reach.ALL:
            return self.everywhere(actor) if self.everywhere else ALL
        rules = {Reach.OWN: self.own, Reach.TEAM: self.team, Reach.BRANCH: self.branch}
        return rules[reach](actor)


_permissions: dict[str, Permission] = {}
_groups: dict[str, FieldGroup] = {}
_reaches: dict[type[Model], Reaches] = {}


def declare_permission(code: str, label: Message) -> str:
    """Add a right to the catalogue; declaring the same code twice is a mistake."""
    if code in _permissions:
        raise ValueError(f"permission {code} is declared twice")
    _permissions[code] = Permission(code, label)
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
) -> None:
    """Say which rows of a model each reach covers; `is_to_many` when the Q crosses a to-many.

    `everywhere` narrows even the widest reach, as for files that need a field level too.
    """
    if model in _reaches:
        raise ValueError(f"scope of {model.__name__} is declared twice")
    _reaches[model] = Reaches(own, team, branch, everywhere, is_to_many)


def permissions() -> dict[str, Permission]:
    """The catalogue of rights."""
    return dict(_permissions)


def groups() -> dict[str, FieldGroup]:
    """The catalogue of field groups."""
    return dict(_groups)


def scope_of(actor: Actor, permission: str, model: type[Model]) -> Scope:
    """The rows of a model on which the actor holds the permission; undeclared means none."""
    _require_declared(permission)
    reach = actor.reach(permission)
    if reach is None:
        return NONE
    declared = _reaches.get(model)
    if declared is None:
        return ALL if reach is Reach.ALL else NONE
    return declared.scope(actor, reach)


def _require_declared(permission: str) -> None:
    """A misspelt permission must neither open nor seem to close anything."""
    if permission not in _permissions:
        raise LookupError(f"permission {permission} is not declared")


def visible(actor: Actor, permission: str, queryset: QuerySet[M]) -> QuerySet[M]:
    """Narrow a queryset to the rows on which the actor holds the permission."""
    scope = scope_of(actor, permission, queryset.model)
    if isinstance(scope, _Nothing):
        return queryset.none()
    if isinstance(scope, _Everything):
        return queryset
    if _reaches[queryset.model].is_to_many:
        allowed = queryset.model._base_manager.filter(scope)
        return queryset.filter(pk__in=allowed.values("pk"))
    return queryset.filter(scope)


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
        is_allowed = visible(actor, permission, rows).exists()
    return [*steps, {"step": "allowed", "ok": is_allowed, "detail": ""}]


def _reach_step(actor: Actor, reach: Reach, rows: QuerySet[Model]) -> dict[str, Any]:
    """Whether one reach would cover the record, whatever was granted."""
    declared = _reaches.get(rows.model)
    undeclared: Scope = ALL if reach is Reach.ALL else NONE
    scope = declared.scope(actor, reach) if declared else undeclared
    is_within = isinstance(scope, _Everything) or (
        isinstance(scope, Q) and rows.filter(scope).exists()
    )
    return {"step": f"within_{reach.name.lower()}", "ok": is_within, "detail": ""}
