"""The roles of a pack, with their rights and levels."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from guanxi.kernel import access as kernel_access
from guanxi.kernel.actor import Level, Reach
from guanxi.kernel.packs import Part, Section, Values, declare_section
from guanxi.people import access, queries, rules
from guanxi.people.models import Role
from guanxi.people.services.packs import write_roles

REACHES = tuple(reach.name.lower() for reach in Reach)
LEVELS = tuple(level.name.lower() for level in Level)


def read_role(part: Part) -> Values:
    """A role as written; the strict profile takes away what it separates."""
    part.only("name", "name_en", "description", "grants", "levels", "withheld_when_strict")
    rules.check_role_code(part.name)
    withheld = part.texts("withheld_when_strict") if settings.STRICT_PROFILE else []
    grants = {p: r for p, r in _read_grants(part.part("grants")).items() if p not in withheld}
    return {
        "name": part.text("name", is_required=True, longest=80),
        "name_en": part.text("name_en", longest=80),
        "description": part.text("description", longest=300),
        "grants": grants,
        "levels": _read_levels(part.part("levels")),
    }


def _read_grants(written: Part) -> dict[str, str]:
    known = queries.grantable_permissions()
    found = {}
    for area in written.values:
        verbs = written.part(area)
        for verb in verbs.values:
            permission = f"{area}.{verb}"
            if permission not in known:
                message = _("There is no right “%(permission)s”.")
                raise verbs.fault(message, verb, permission=permission[:80])
            found[permission] = verbs.choice(verb, REACHES)
    return found


def _read_levels(written: Part) -> dict[str, str]:
    for group in written.values:
        if group not in kernel_access.groups():
            raise written.fault(_("There is no field group “%(group)s”."), group, group=group[:40])
    chosen = {group: written.choice(group, LEVELS) for group in written.values}
    return {group: level for group, level in chosen.items() if level != "hidden"}


def current_roles() -> Mapping[str, Values | None]:
    """Every role that is here, in the form of packs."""
    rows = queries.list_roles_with_rights()
    return {role.code: None if role.archived_at else _as_values(role) for role in rows}


def _as_values(role: Role) -> Values:
    grants, levels = list(role.grants.all()), list(role.levels.all())
    return {
        "name": role.name,
        "name_en": role.name_en,
        "description": role.description,
        "grants": {grant.permission: Reach(grant.reach).name.lower() for grant in grants},
        "levels": {each.group: Level(each.level).name.lower() for each in levels},
    }


ROLES = declare_section(
    Section(
        "roles",
        _("Roles"),
        read_role,
        current_roles,
        write_roles,
        access.CHANGE_ROLES,
        order=10,
        merged=frozenset({"grants", "levels"}),
        origin=queries.list_first_rights,
    )
)
