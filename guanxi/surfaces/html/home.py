"""The desk: what waits for this person, and the way back to what they used last."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from guanxi.kernel.actor import Actor
from guanxi.kernel.models import Event
from guanxi.surfaces import blocks
from guanxi.surfaces.html import navigation
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.happenings import told
from guanxi.surfaces.html.requests import actor_of, answer, in_box, now, signed_in
from guanxi.surfaces.models import Mark, MarkKind
from guanxi.surfaces.naming import by_what_way, titles_of
from guanxi.surfaces.records import RecordType, get_record_type

MOST = 8
MINE, DEPARTMENT = "mine", "department"


@dataclass(frozen=True)
class Marked:
    """A record that the person marked or opened."""

    url: str
    icon: str
    title: str
    note: str
    key: str
    pk: int


def marked_records(actor: Actor, kind: MarkKind, most: int = MOST) -> list[Marked]:
    """The person's own marks, newest first, as far as they still see the records."""
    marks = list(
        Mark.objects.filter(user_id=actor.user_id or 0, kind=kind).order_by("-at")[: most * 2]
    )
    titles = _titles(actor, marks)
    found = []
    for mark in marks:
        title = titles.get((mark.record_key, mark.object_id))
        if title is not None:
            record_type = get_record_type(mark.record_key)
            url = f"/{record_type.plural}/{mark.object_id}/"
            line = Marked(
                url, record_type.icon, title, str(record_type.label), mark.record_key,
                mark.object_id,
            )  # fmt: skip
            found.append(line)
    return found[:most]


def recent_records(actor: Actor, most: int = MOST) -> list[Marked]:
    """What the person opened last."""
    return marked_records(actor, MarkKind.RECENT, most)


def _titles(actor: Actor, marks: Iterable[Mark]) -> dict[tuple[str, int], str]:
    """The names of marked records in scope: one query per record type."""
    wanted: dict[str, list[int]] = {}
    for mark in marks:
        wanted.setdefault(mark.record_key, []).append(mark.object_id)
    found: dict[tuple[str, int], str] = {}
    for key, ids in wanted.items():
        for record_type in _known(key):
            rows = record_type.in_scope(actor).filter(pk__in=ids)
            names = titles_of(record_type, rows, actor)
            found |= {(key, pk): title[:80] for pk, title in names.items()}
    return found


def _known(key: str) -> list[RecordType]:
    try:
        return [get_record_type(key)]
    except KeyError:
        return []


# Views --------------------------------------------------------------------------------------------
@require_GET
@signed_in
def show_desk(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    actor, at = actor_of(request), now()
    formatter = Formatter(actor, at)
    local = at.astimezone(formatter.zone)
    oversees, whose = blocks.oversees(actor), _whose(request)
    is_wide = oversees and whose != MINE
    shown = (_block(request, b, actor, at, is_wide=is_wide) for b in blocks.blocks(actor))
    context = {
        "oversees": oversees,
        "is_wide": is_wide,
        "title": _greeting(local.hour, actor.label),
        "today": formatter.day(local.date()),
        "blocks": [each for each in shown if each],
        "recent": recent_records(actor),
        "favourites": marked_records(actor, MarkKind.FAVOURITE),
        "create": navigation.creatable(actor),
    }
    return answer(request, "surfaces/desk.html", context)


def _greeting(hour: int, name: str) -> str:
    if hour < 11:
        said = gettext("Good morning, %(name)s")
    elif hour < 18:
        said = gettext("Good afternoon, %(name)s")
    else:
        said = gettext("Good evening, %(name)s")
    return said % {"name": name}


def _whose(request: HttpRequest) -> str:
    """Whose desk the person wants to see; who oversees others is asked once a session."""
    asked = request.GET.get("of", "")
    if asked in {MINE, DEPARTMENT} and request.session.get("desk") != asked:
        request.session["desk"] = asked
    return str(request.session.get("desk", DEPARTMENT))


def _block(
    request: HttpRequest, block: blocks.Block, actor: Actor, at: Any, *, is_wide: bool
) -> dict[str, Any]:
    give = block.department if is_wide and block.department else block.context
    found = give(actor, at)
    if block.hides_empty and not found.get("rows"):
        return {}
    context = {"formatter": Formatter(actor, at), **found}
    html = render_to_string(block.template, context, request=request)
    url = str(context.get("all_url", ""))
    late = context.get("late", "")
    return {"label": block.label, "html": html, "url": url, "key": block.key, "late": late}


@require_GET
@signed_in
def following(request: HttpRequest) -> HttpResponse:
    """What others did with the records that the person follows."""
    actor, at = actor_of(request), now()
    formatter = Formatter(actor, at)
    followed = marked_records(actor, MarkKind.FOLLOW, most=200)
    by_key = {(m.key, str(m.pk)): m for m in followed}
    rows = _events_of(followed, actor)
    entries = [_line(event, by_key, formatter) for event in rows]
    context = {"title": gettext("Messages"), "entries": entries, "followed": followed[:30]}
    return answer(request, "surfaces/following.html", context)


def _events_of(followed: list[Marked], actor: Actor) -> list[Event]:
    by_type: dict[str, list[str]] = {}
    for mark in followed:
        by_type.setdefault(mark.key, []).append(str(mark.pk))
    rows: list[Event] = []
    for key, ids in by_type.items():
        events = Event.objects.filter(subject_type=key, subject_id__in=ids)
        rows += events.exclude(actor_user_id=actor.user_id).order_by("-id")[:50]
    return sorted(rows, key=lambda e: -e.pk)[:50]


def _line(
    event: Event, by_key: dict[tuple[str, str], Marked], formatter: Formatter
) -> dict[str, Any]:
    verb, icon = told(event.kind)
    return {
        "record": by_key[(event.subject_type, event.subject_id)],
        "actor": event.who,
        "verb": verb,
        "icon": icon,
        "when": formatter.when(event.at),
        "channel": by_what_way(event.channel),
    }


@require_GET
@signed_in
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Every key, as a sheet or as a page."""
    return in_box(request, "surfaces/_shortcuts.html", {"title": gettext("Keyboard shortcuts")})
