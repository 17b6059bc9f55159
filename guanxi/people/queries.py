"""Reads about people: who acts with which rights, which sessions and tokens are open."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext

from guanxi.kernel.access import Permission, permissions
from guanxi.kernel.actor import ANONYMOUS, Actor, Channel, Level, Openings, Reach
from guanxi.kernel.db.compiled import Compiled
from guanxi.kernel.models import Event, Share, Substitution
from guanxi.kernel.work import at_work
from guanxi.people import access, rules
from guanxi.people.choices import PasswordProfile
from guanxi.people.events import RoleGrantsChanged
from guanxi.people.models import (
    ApiToken,
    Department,
    Organisation,
    Role,
    RoleGrant,
    RoleLevel,
    Team,
    User,
    UserSession,
)
from guanxi.surfaces.brand import Brand
from guanxi.surfaces.records import STANDARD_VERBS, record_types

# In this order: several browsers also name those that they descend from.
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_NOTHING: Mapping[str, Reach] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AccessProfile:
    """What a user may do and where they stand, as long as the access stamp is the same."""

    grants: Mapping[str, Reach]
    levels: Mapping[str, Level]
    department_id: int | None
    team_ids: frozenset[int]
    branch_ids: frozenset[int]
    department_path: str
    openings: Openings | None
    is_opened_for_a_while: bool


@lru_cache(maxsize=5000)
def get_access_profile(user_id: int, access_stamp: int) -> AccessProfile:
    """Return the merged rights of a user; read once per stamp and process."""
    del access_stamp  # Part of the key: every change of rights gives the user another stamp.
    in_force = Q(role__members=user_id, role__archived_at=None)
    grants = RoleGrant.objects.filter(in_force).values_list("permission", "reach")
    levels = RoleLevel.objects.filter(in_force).values_list("group", "level")
    department = Department.objects.filter(members=user_id).first()
    teams = Team.objects.filter(members=user_id, archived_at=None)
    team_ids = frozenset(teams.values_list("pk", flat=True))
    path = department.path if department else ""
    return AccessProfile(
        MappingProxyType(rules.merge_grants(grants)),
        MappingProxyType(rules.merge_levels(levels)),
        department.pk if department else None,
        team_ids,
        _branch_ids(department),
        path,
        *_openings(user_id, team_ids, path),
    )


# What is opened to a person beyond their reach ----------------------------------------------------
def _shares_with(user_id: int, team_ids: frozenset[int], path: str) -> QuerySet[Share]:
    """The shares with a person, their teams and the departments they belong to; ended ones not."""
    with_them = (
        Q(with_user_id=user_id)
        | Q(with_team_id__in=team_ids)
        | Q(with_department_id__in=rules.path_ids(path))
    )
    lasting = Q(until=None) | Q(until__gt=Now())
    return Share.objects.filter(with_them, lasting, archived_at=None)


def _substitutions_by(user_id: int) -> QuerySet[Substitution]:
    """The substitutions of a person that have not ended; some may only begin."""
    return Substitution.objects.filter(substitute_id=user_id, archived_at=None, until__gt=Now())


def _openings(user_id: int, team_ids: frozenset[int], path: str) -> tuple[Openings | None, bool]:
    """The records and people open to a person now, and whether that changes by itself."""
    reads: dict[str, set[int]] = {}
    writes: dict[str, set[int]] = {}
    shares = _shares_with(user_id, team_ids, path)
    rows = list(shares.values_list("subject_type", "subject_id", "may_write", "until"))
    for key, pk, may_write, _until in rows:
        reads.setdefault(key, set()).add(pk)
        if may_write:
            writes.setdefault(key, set()).add(pk)
    has_begun = ExpressionWrapper(Q(starts_at__lte=Now()), output_field=BooleanField())
    people = _substitutions_by(user_id).annotate(has_begun=has_begun)
    named = list(people.values_list("person_id", "person__name", "has_begun"))
    present = sorted({(pk, name) for pk, name, is_now in named if is_now})
    is_for_a_while = bool(named) or any(until for *_rest, until in rows)
    if not reads and not present:
        return None, is_for_a_while
    return Openings(_sorted(reads), _sorted(writes), tuple(present)), is_for_a_while


def _sorted(ids: Mapping[str, set[int]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((key, tuple(sorted(pks))) for key, pks in sorted(ids.items()))


def _openings_now(user: User, profile: AccessProfile) -> Openings | None:
    """What is open to a user; what ends by itself is asked for anew, so that it ends at once."""
    if not profile.is_opened_for_a_while:
        return profile.openings
    return _openings(user.pk, profile.team_ids, profile.department_path)[0]


def _branch_ids(department: Department | None) -> frozenset[int]:
    """The department and everything below it; an empty path must not mean everything."""
    if department is None or not department.path:
        return frozenset()
    below = Department.objects.filter(path__startswith=department.path)
    return frozenset(below.values_list("pk", flat=True))


def build_actor(
    user: User,
    *,
    channel: Channel,
    ip: str = "",
    request_id: str = "",
    token: ApiToken | None = None,
    session_key: str = "",
    authenticated_at: datetime | None = None,
) -> Actor:
    """Return the actor that a user is at this moment; a deactivated user has no rights."""
    if not user.is_active or user.archived_at is not None:
        return ANONYMOUS
    profile = get_access_profile(user.pk, user.access_stamp)
    grants = _NOTHING if user.must_change_password else profile.grants
    if token is not None:
        grants = rules.narrow_grants(grants, token.scopes, access.SESSION_ONLY)
    actor = Actor(
        user_id=user.pk,
        label=user.name,
        channel=channel,
        grants=grants,
        levels=profile.levels,
        department_id=profile.department_id,
        team_ids=profile.team_ids,
        branch_ids=profile.branch_ids,
        ip=ip,
        request_id=request_id,
        token_id=token.pk if token else None,
        session_key=session_key,
        locale=user.locale,
        time_zone=user.time_zone,
        authenticated_at=authenticated_at,
        openings=_openings_now(user, profile),
    )
    work = at_work(actor, profile.grants)
    if work is None:
        return actor
    return replace(actor, openings=replace(actor.openings or Openings(), work=work))


def get_actor(user_id: int, *, channel: Channel) -> Actor:
    """Return the actor of a user by id, for jobs and commands that run in their name."""
    user = User.objects.filter(pk=user_id).first()
    return build_actor(user, channel=channel) if user else ANONYMOUS


def list_upward(department_id: int) -> list[int]:
    """Return a department and those above it, the nearest first."""
    path = Department.objects.filter(pk=department_id).values_list("path", flat=True).first()
    return [*reversed(rules.path_ids(path or ""))]


def get_place(user_id: int) -> tuple[int | None, int | None]:
    """Return a team and the department of a person."""
    rows = User.objects.filter(pk=user_id).values_list("teams", "department").order_by("teams")
    return rows.first() or (None, None)


def list_heads(department_id: int) -> list[int]:
    """Return who heads a department and those above it, the nearest first; vacant ones left out."""
    upward = list_upward(department_id)
    heads = Department.objects.filter(pk__in=upward, archived_at=None).values_list("pk", "head_id")
    active = set(list_active_ids(head for _pk, head in heads if head))
    by_place = {pk: head for pk, head in heads if head in active}
    return list(dict.fromkeys(by_place[pk] for pk in upward if pk in by_place))


def list_administrators() -> list[int]:
    """Return who administers the business, for what nobody else answers for."""
    found = User.objects.filter(roles__code="administrator").values_list("pk", flat=True)
    return list_active_ids(found)


def list_active(user_ids: Iterable[int]) -> QuerySet[User]:
    """Return those of some users who may sign in, in the order of their ids."""
    active = User.objects.filter(pk__in=set(user_ids), is_active=True, archived_at=None)
    return active.order_by("pk")


def list_active_ids(user_ids: Iterable[int]) -> list[int]:
    """Return the ids of those of some users who may sign in, in their order."""
    return list(list_active(user_ids).values_list("pk", flat=True))


def _is_stale(at: datetime) -> Q:
    """Sessions that nobody ended but that would not open anything any more."""
    idle, absolute = settings.SESSION_IDLE, settings.SESSION_ABSOLUTE
    return Q(last_seen_at__lte=at - idle) | Q(created_at__lte=at - absolute)


def list_stale_sessions(at: datetime) -> QuerySet[UserSession]:
    """Return the sessions of everybody that were left to themselves."""
    return UserSession.objects.filter(_is_stale(at), ended_at=None)


def list_open_sessions(user_id: int, at: datetime) -> QuerySet[UserSession]:
    """Return the sessions of a user that still open something, last used first."""
    open_ones = UserSession.objects.filter(user_id=user_id, ended_at=None)
    return open_ones.exclude(_is_stale(at)).order_by("-last_seen_at")


def list_tokens(user_id: int, at: datetime) -> QuerySet[ApiToken]:
    """Return the tokens of a user that still work, newest first."""
    return usable_tokens(at).filter(user_id=user_id).order_by("-created_at")


def usable_tokens(at: datetime) -> QuerySet[ApiToken]:
    """Return the tokens that are neither revoked nor expired."""
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)


#: The token of a hash unless it is revoked, with its user; whether it has expired is left to ask.
TOKENS_BY_HASH: Final[Compiled[ApiToken]] = Compiled(
    lambda wanted: ApiToken.objects.filter(token_hash=wanted, revoked_at=None).select_related(
        "user"
    )
)


def get_organisation() -> Organisation:
    """Return the one company, unsaved defaults when nobody has filled it in yet."""
    return Organisation.objects.order_by("pk").first() or Organisation()


def get_brand() -> Brand:
    """Return the company's name for the frame of the pages; read anew every half minute."""
    return _brand_of(int(time.monotonic() // 30))


@lru_cache(maxsize=1)
def _brand_of(half_minute: int) -> Brand:
    del half_minute  # Part of the key only.
    return Brand(name=get_organisation().name)


def get_password_policy() -> rules.PasswordPolicy:
    """Return the password rules in force: strict when the installation or the company says so."""
    if settings.STRICT_PROFILE:
        return rules.STRICT
    is_strict = get_organisation().password_profile == PasswordProfile.STRICT
    return rules.STRICT if is_strict else rules.STANDARD


def list_holders(permission: str) -> QuerySet[User]:
    """The active users who hold a permission, once for each role that gives it."""
    return User.objects.filter(
        is_active=True,
        archived_at=None,
        roles__archived_at=None,
        roles__grants__permission=permission,
    )


def has_grantor() -> bool:
    """Whether anybody active may give roles."""
    return list_holders(access.ASSIGN_ROLES).exists()


def is_last_grantor(user: User) -> bool:
    """Whether no other active user could give roles any more without this one."""
    holders = list_holders(access.ASSIGN_ROLES)
    return holders.filter(pk=user.pk).exists() and not holders.exclude(pk=user.pk).exists()


def grantable_permissions() -> dict[str, Permission]:
    """Return the rights that a role can hold; what is only written down, nobody may change."""
    fixed = {
        kind.allows(verb)
        for kind in record_types()
        if all(f.readonly for f in kind.fields)
        for verb in ("create", "change", "archive", "import")
    }
    never = {kind.allows("import") for kind in record_types() if not kind.is_importable}
    return {c: p for c, p in permissions().items() if c not in fixed | never}


def area_of(permission: str) -> str:
    """Return everything of a permission's code but its verb."""
    return permission.rpartition(".")[0]


def by_area(item: tuple[str, Permission]) -> tuple[int, str, int, str]:
    """Sort permissions as the navigation sorts record types, the usual verbs first."""
    code, _permission = item
    area, verb = rules.area_and_verb(code)
    kinds = [kind.permission for kind in record_types()]
    place = kinds.index(area_of(code)) if area_of(code) in kinds else len(kinds)
    verbs = STANDARD_VERBS.index(verb) if verb in STANDARD_VERBS else len(STANDARD_VERBS)
    return place, area, verbs, verb


def describe_device(user_agent: str) -> str:
    """Return browser and system in two words, as far as a browser says so."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), "")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    return " · ".join(word for word in (browser, system) if word) or user_agent[:40]


def area_label(area: str) -> str:
    """Return what people call the record type that permissions speak of."""
    beside = {
        "people.organisation": gettext("Our company"),
        "packs": gettext("Standard packs"),
        "system": gettext("State of the installation"),
    }
    if area in beside:
        return beside[area]
    found = next((k for k in record_types() if area in (k.permission, k.plural)), None)
    return str(found.label_plural) if found else area


def list_role_codes(user: User) -> list[str]:
    """Return the codes of the roles that a user has in force."""
    return sorted(user.roles.filter(archived_at=None).values_list("code", flat=True))


def list_role_matrix(role: Role) -> tuple[dict[str, Reach], dict[str, Level]]:
    """Return the grants and levels of one role."""
    grants = rules.merge_grants(role.grants.values_list("permission", "reach"))
    return grants, rules.merge_levels(role.levels.values_list("group", "level"))


def list_roles_with_rights() -> QuerySet[Role]:
    """Return every role, archived ones too, with its grants and levels."""
    return Role.objects.prefetch_related("grants", "levels").order_by("code")


def list_first_rights() -> dict[str, dict[str, dict[str, str]]]:
    """Return the rights with which each role came, by its code, as the trail tells them."""
    codes = dict(Role.objects.filter(is_system=True).values_list("pk", "code"))
    found: dict[str, dict[str, dict[str, str]]] = {}
    told = Event.objects.filter(kind=RoleGrantsChanged.kind).order_by("id")
    for subject_id, data in told.values_list("subject_id", "data"):
        code = codes.get(int(subject_id))
        parts = {part: data.get(part) or {} for part in ("grants", "levels")}
        pairs = [pair for values in parts.values() for pair in values.values()]
        if code is None or code in found or any(old is not None for old, _new in pairs):
            continue
        found[code] = {
            part: {name: new for name, (_old, new) in values.items()}
            for part, values in parts.items()
        }
    return found
