"""The page for administrators: what the standard pack would change here, and applying it."""

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.packs import sections
from guanxi.packs import queries, services
from guanxi.packs.access import APPLY_PACKS, VIEW_PACKS
from guanxi.packs.models import Pack
from guanxi.packs.planning import MISSING, Change, State, Step
from guanxi.packs.reading import STANDARD, read_pack
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, now


@require_GET
@allows(VIEW_PACKS)
def show_pack(request: HttpRequest) -> HttpResponse:
    """Every section with what is new, changed or kept as edited here."""
    actor, at = actor_of(request), now()
    files = read_pack(STANDARD)
    steps = [] if files.faults else queries.plan_pack(files)
    pack = Pack.objects.filter(name=files.name).first()
    context = {
        "title": gettext("Standard packs"),
        "faults": [str(fault) for fault in files.faults],
        "sections": list(_sections(steps, actor)),
        "applied": pack and {"when": Formatter(actor, at).when(pack.applied_at), "by": pack},
        "may_apply": actor.can(APPLY_PACKS),
        "waits": sum(1 for step in steps if step.writes),
    }
    return answer(request, "packs/packs.html", context)


def _sections(steps: list[Step], actor: Actor) -> Iterable[dict[str, Any]]:
    for section in sections().values():
        mine = [step for step in steps if step.section == section.name]
        if mine:
            yield {
                "label": section.label,
                "is_allowed": actor.can(section.permission),
                "count": len(mine),
                "rows": [_row(step) for step in mine if step.state is not State.SAME],
            }


def _row(step: Step) -> dict[str, Any]:
    words, look = {
        State.NEW: (gettext("New in the pack"), "chip-jade"),
        State.CHANGED: (gettext("Changed in the pack"), "chip-indigo"),
        State.KEPT: (gettext("Edited here: kept"), "chip-amber"),
        State.ARCHIVED: (gettext("Archived here: kept so"), "chip-line"),
        State.REMOVED: (gettext("Removed here: not made again"), "chip-line"),
        State.WITHDRAWN: (gettext("No longer in the pack: kept"), "chip-line"),
    }[step.state]
    return {
        "key": step.key,
        "name": str((step.values or {}).get("name") or step.name),
        "state": words,
        "look": look,
        "changes": [] if step.state is State.NEW else [_line(each) for each in step.changes],
        "kept": [_line(each) for each in step.kept],
    }


def _line(change: Change) -> dict[str, str]:
    return {
        "path": ".".join(change.path),
        "here": _value(change.here),
        "wanted": _value(change.wanted),
    }


def _value(value: Any) -> str:
    if value == MISSING:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@require_POST
@allows(APPLY_PACKS)
def apply_pack(request: HttpRequest) -> HttpResponse:
    """Apply the sections whose objects the person may change; of edited ones those chosen."""
    actor = actor_of(request)
    only = [s.name for s in sections().values() if actor.can(s.permission)]
    try:
        steps = services.apply_pack(
            read_pack(STANDARD),
            take=request.POST.getlist("take")[:500],
            only=only,
            actor=actor,
            at=now(),
        )
    except RuleViolation as refused:
        return go(request, "/packs/", told=refused.text, failed=True)
    count = sum(1 for step in steps if step.writes)
    told = ngettext(
        "The pack was applied: %(count)s object written.",
        "The pack was applied: %(count)s objects written.",
        count,
    )
    return go(request, "/packs/", told=told % {"count": count})
