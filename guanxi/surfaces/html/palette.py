"""The palette and the search page: records, pages and actions by a few typed characters."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from guanxi.kernel import text
from guanxi.kernel.actor import Actor
from guanxi.kernel.html import format_html
from guanxi.surfaces import search
from guanxi.surfaces.html import navigation
from guanxi.surfaces.html.formats import in_sentence
from guanxi.surfaces.html.home import recent_records
from guanxi.surfaces.html.requests import actor_of, answer, is_fragment, signed_in
from guanxi.surfaces.records import get_record_type, record_types

LONGEST = 80


@dataclass(frozen=True)
class Found:
    """One line of the palette."""

    url: str
    icon: str
    html: Any
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Lines of one kind."""

    label: str
    items: list[Found]


@require_GET
@signed_in
def palette(request: HttpRequest) -> HttpResponse:
    """The palette, or for each keystroke what it finds."""
    query = request.GET.get("q", "").strip()[:LONGEST]
    context = {"query": query, "groups": groups(query, request), "url": "/palette/"}
    if is_fragment(request, "palette-found"):
        return answer(request, "surfaces/_palette.html", context)
    return answer(request, "surfaces/palette.html", context)


@require_GET
@signed_in
def search_page(request: HttpRequest) -> HttpResponse:
    """The same search as a page."""
    query = request.GET.get("q", "").strip()[:LONGEST]
    context = {"query": query, "groups": groups(query, request, each=25), "url": "/search/"}
    return answer(request, "surfaces/search.html", context)


def groups(query: str, request: HttpRequest, each: int = 6) -> list[Group]:
    """What a query finds; an empty one shows the way to what one used last."""
    actor = actor_of(request)
    if not query:
        recent = [Found(r.url, r.icon, r.title, r.note) for r in recent_records(actor)]
        return [
            g for g in (Group(gettext("Recently viewed"), recent), _go_to("", actor)) if g.items
        ]
    found = _records(query, actor, each)
    return [g for g in (*found, _actions(query, actor), _go_to(query, actor)) if g.items]


def _records(query: str, actor: Actor, each: int) -> list[Group]:
    hits = search.search_everywhere(query, record_types(), actor, each=each)
    by_type: dict[str, list[Found]] = {}
    for hit in hits:
        record_type = get_record_type(hit.record_key)
        url = f"/{record_type.plural}/{hit.object_id}/"
        line = Found(url, record_type.icon, marked(hit.title, query))
        by_type.setdefault(hit.record_key, []).append(line)
    return [Group(str(get_record_type(key).label_plural), items) for key, items in by_type.items()]


def marked(title: str, query: str) -> SafeString | str:
    """The title with the found part marked, where it is there as typed."""
    place = title.lower().find(query.lower())
    if place < 0:
        return title
    end = place + len(query)
    return format_html("{}<mark>{}</mark>{}", title[:place], title[place:end], title[end:])


def _actions(query: str, actor: Actor) -> Group:
    """Create, named or by what was typed."""
    items = []
    for item in navigation.creatable(actor):
        label = gettext("New %(label)s") % {"label": in_sentence(item.label)}
        if _says(label, query):
            items.append(Found(item.url, "plus", label))
    return Group(gettext("Actions"), items[:4])


def _go_to(query: str, actor: Actor) -> Group:
    """Pages whose name fits."""
    items = [
        Found(page["url"], page["icon"], page["label"])
        for page in navigation.pages(actor)
        if not query or _says(page["label"], query)
    ]
    return Group(gettext("Pages"), items[: 5 if query else 12])


def _says(label: str, query: str) -> bool:
    """Whether a label holds the query as characters or as pinyin initials."""
    return text.matches(query, text.search_text(label))
