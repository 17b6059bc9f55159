"""A record's page, its peek, its hover card, and the way to its neighbours in the list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces import services
from guanxi.surfaces.html import facts, record_verbs
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.happenings import timeline_of
from guanxi.surfaces.html.list_query import EXTRA, remembered
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    go,
    in_box,
    is_fragment,
    list_url,
    needs,
    now,
    record_url,
)
from guanxi.surfaces.listing import Listing, ListRequest, Row
from guanxi.surfaces.live_topics import latest_event
from guanxi.surfaces.models import Mark, MarkKind
from guanxi.surfaces.records import Panel, RecordType, panels_of

CARD_FACTS = 6


@dataclass(frozen=True)
class LineFact:
    """A fact in the header of the page."""

    label: str
    html: Any


@dataclass(frozen=True)
class ShownPanel:
    """A related part of the page, already in markup."""

    key: str
    label: str
    html: Any
    icon: str = ""
    count: str = ""
    add_url: str = ""
    all_url: str = ""
    url: str = ""
    is_quiet: bool = False


class RecordPage:
    """What a record's template shows."""

    def __init__(self, request: HttpRequest, record_type: RecordType, pk: Any) -> None:
        self.request, self.type, self.id = request, record_type, pk
        self.actor, self.at = actor_of(request), now()
        self.seen = latest_event()  # before anything is read: what comes later is told live
        self.listing = Listing(record_type, self.actor, at=self.at)
        self.row: Row = self.listing.read(pk)
        self.actor = self.listing.actor  # what this very record guards is masked
        self.formatter = Formatter(self.actor, self.at)
        if record_type.hooks.opening:
            record_type.hooks.opening(self.row, self.actor, self.at)
        self.key = record_type.key
        self.url = record_url(record_type, pk)

    @property
    def instance(self) -> Model:
        """The record itself, for panels; it was found in scope already."""
        if not hasattr(self, "_instance"):
            self._instance = self.type.model._base_manager.get(pk=self.id)
        return self._instance

    @property
    def title(self) -> str:
        """What people call the record."""
        field = self.listing.fields.get(self.type.title_field)
        words = self.formatter.text(field, self.row.values[field.name]) if field else ""
        return words[:120] or f"#{self.id}"

    @property
    def code(self) -> str:
        """Its number, where that is not its name."""
        has_number = "number" in self.listing.fields and self.type.title_field != "number"
        return str(self.row.values.get("number") or "") if has_number else ""

    @property
    def badges(self) -> list[Any]:
        """What is marked beside the name."""
        found = [
            self.formatter.html(f, self.row.values[f.name])
            for f in self.listing.fields.values()
            if f.look == "tier" and self.row.values.get(f.name)
        ]
        if self.row.archived_at:
            label = gettext("archived")
            found.append(render_to_string("surfaces/components/chip.html", {"label": label}))
        return found

    @property
    def line(self) -> list[LineFact]:
        """The fields of the list's columns that say most, in one line."""
        names = [n for n in self.type.listing.columns if n != self.type.title_field][:5]
        return [
            LineFact(str(f.label), html)
            for f in (self.listing.fields[n] for n in names if n in self.listing.fields)
            if f.look != "tier" and (html := facts.one_fact(
                self.type, self.row, f, self.formatter, can_change=False
            ).html)
        ]  # fmt: skip

    @property
    def can_change(self) -> bool:
        """Whether the reader may change this very record."""
        if not hasattr(self, "_can_change"):
            self._can_change = self._may("change")
        return self._can_change

    def _may(self, verb: str) -> bool:
        code = self.type.allows(verb)
        if not self.actor.can(code):
            return False
        is_as_far = self.actor.reach(code) == self.actor.reach(self.type.allows("view"))
        if is_as_far and not self.row.is_opened:
            return True
        return self.type.in_scope(self.actor, verb).filter(pk=self.id).exists()

    @property
    def sections(self) -> list[facts.FactSection]:
        """The facts."""
        if not hasattr(self, "_sections"):
            self._sections = facts.sections(
                self.listing, self.row, self.formatter, can_change=self.can_change
            )
        return self._sections

    @property
    def verbs(self) -> list[record_verbs.Verb]:
        """The two or three things that one does with it now."""
        return record_verbs.main(self)

    @property
    def more(self) -> list[record_verbs.Verb]:
        """Everything else, with the reason where it is not possible now."""
        return record_verbs.more(self)

    @property
    def star_url(self) -> str:
        """Where it is marked as a favourite."""
        return f"{self.url}mark/favourite/" if isinstance(self.id, int) else ""

    @property
    def marks(self) -> set[str]:
        """The reader's own marks on this record."""
        if not hasattr(self, "_marks"):
            rows = Mark.objects.filter(
                user_id=self.actor.user_id or 0, record_key=self.key, object_id=self.id
            ) if isinstance(self.id, int) else Mark.objects.none()  # fmt: skip
            self._marks = set(rows.values_list("kind", flat=True))
        return self._marks

    @property
    def starred(self) -> bool:
        """Whether it is a favourite."""
        return MarkKind.FAVOURITE in self.marks

    @property
    def steps(self) -> dict[str, str] | None:
        """The way to the neighbours in the list that one came from."""
        query = remembered(self.request, self.type)
        url = list_url(self.type) + (f"?{query}" if query else "")
        return {
            "previous_url": f"{self.url}previous/",
            "next_url": f"{self.url}next/",
            "list_url": url,
        }

    @property
    def notes(self) -> list[dict[str, str]]:
        """What the reader should know before anything else."""
        if not self.row.archived_at:
            return []
        text = gettext("Archived %(when)s; it is in no daily list.") % {
            "when": self.formatter.moment(self.row.archived_at)
        }
        return [{"tone": "amber", "icon": "archive", "text": text}]

    @property
    def panels(self) -> list[ShownPanel]:
        """What its record type shows beside the facts."""
        if not hasattr(self, "_panels"):
            shown = (self._panel(p) for p in panels_of(self.type) if self._is_shown(p))
            self._panels = [panel for panel in shown if panel is not None]
        return self._panels

    @property
    def is_alone(self) -> bool:
        """Whether nothing related is shown beside it; a domain's own page always shows some."""
        return type(self) is RecordPage and not self.panels

    def _is_shown(self, panel: Panel) -> bool:
        return not panel.permission or self.actor.can(panel.permission)

    def _panel(self, panel: Panel) -> ShownPanel | None:
        if panel.is_later:
            url = f"{self.url}panels/{panel.key}/"
            is_quiet = panel.hides_empty
            return ShownPanel(
                panel.key, str(panel.label), "", panel.icon, url=url, is_quiet=is_quiet
            )
        return self.filled(panel)

    def panel(self, key: str) -> Panel:
        """The panel of a key that this reader is shown, or NotFound."""
        for each in panels_of(self.type):
            if each.key == key and self._is_shown(each):
                return each
        raise NotFound

    def filled(self, panel: Panel) -> ShownPanel | None:
        """A panel with what it shows; None where there is nothing to show."""
        context = {"record": self.instance, "actor": self.actor, "formatter": self.formatter}
        context.update(panel.context(self.actor, self.instance, self.at))
        if panel.hides_empty and not context.get("rows"):
            return None
        html = render_to_string(panel.template, context, request=self.request)
        count, add, every = (str(context.get(n, "")) for n in ("count", "add_url", "all_url"))
        return ShownPanel(panel.key, str(panel.label), html, panel.icon, count, add, every)


# Views --------------------------------------------------------------------------------------------
@require_GET
@needs("view")
def show(request: HttpRequest, record_type: RecordType, pk: Any) -> HttpResponse:
    """The record's page."""
    page = RecordPage(request, record_type, pk)
    context: dict[str, Any] = {"page": page}
    context["timeline"] = timeline_of(record_type, pk, page.actor, page.at)
    response = answer(request, record_type.templates.get("record", "surfaces/record.html"), context)
    if isinstance(pk, int):
        customer_id = services.customer_of(record_type, page.instance)
        services.note_viewed(record_type, pk, customer_id, actor=page.actor, at=page.at)
    return response


@require_GET
@needs("view")
def peek(request: HttpRequest, record_type: RecordType, pk: Any) -> HttpResponse:
    """The record beside the list, without leaving it."""
    page = RecordPage(request, record_type, pk)
    context: dict[str, Any] = {"page": page, "title": page.title}
    context["timeline"] = timeline_of(record_type, pk, page.actor, page.at, size=5)
    return in_box(request, record_type.templates.get("peek", "surfaces/_peek.html"), context)


@require_GET
@needs("view")
def panel(
    request: HttpRequest, record_type: RecordType, pk: Any, *, panel_key: str
) -> HttpResponse:
    """One panel that was left for later; without a script a page of its own."""
    page = RecordPage(request, record_type, pk)
    declared = page.panel(panel_key)
    context: dict[str, Any] = {"panel": page.filled(declared)}
    if is_fragment(request):
        return answer(request, "surfaces/components/panel.html", context)
    title = f"{page.title} · {declared.label}"
    return in_box(request, "surfaces/components/panel.html", {**context, "title": title})


@require_GET
@needs("view")
def card(request: HttpRequest, record_type: RecordType, pk: Any) -> HttpResponse:
    """The few facts that a link's hover card shows."""
    page = RecordPage(request, record_type, pk)
    context = {"page": page, "title": page.title, "facts": page.line[:CARD_FACTS]}
    if not is_fragment(request):
        return HttpResponseRedirect(page.url)
    return answer(request, "surfaces/components/card.html", context)


@require_GET
@needs("view")
def beside(
    request: HttpRequest, record_type: RecordType, pk: Any, *, is_next: bool
) -> HttpResponse:
    """Go to the next or previous record of the list that one came from."""
    listing = Listing(record_type, actor_of(request), at=now())
    query = QueryDict(remembered(request, record_type)).dict()
    try:
        asked = ListRequest.from_query(query, ignore=EXTRA)
        found = listing.beside(asked, pk, is_next=is_next)
    except (BadRequest, NotFound):
        found = listing.beside(ListRequest(), pk, is_next=is_next)
    if found is None:
        told = gettext("This is the last one of the list.")
        if not is_next:
            told = gettext("This is the first one of the list.")
        return go(request, record_url(record_type, pk), told=told)
    return HttpResponseRedirect(record_url(record_type, found))


@require_POST
@needs("view")
def mark(request: HttpRequest, record_type: RecordType, pk: int | str, kind: str) -> HttpResponse:
    """Mark or unmark a record for oneself; files, whose ids are random, are not marked."""
    if not isinstance(pk, int):
        raise NotFound
    actor = actor_of(request)
    wanted = MarkKind(kind)
    marks = Mark.objects.filter(
        user_id=actor.user_id or 0, record_key=record_type.key, object_id=pk, kind=wanted
    )
    is_on = not marks.exists()
    if is_on:
        services.mark_record(record_type, pk, wanted, actor=actor, at=now())
    else:
        services.unmark_record(record_type, pk, wanted, actor=actor)
    if is_fragment(request) and wanted is MarkKind.FAVOURITE:
        url = record_url(record_type, pk, "mark/favourite/")
        return answer(request, "surfaces/components/star_form.html", {"on": is_on, "url": url})
    told = gettext("You follow it now") if is_on else gettext("You follow it no longer")
    if wanted is MarkKind.FAVOURITE:
        told = gettext("Added to your favourites") if is_on else gettext("No favourite any more")
    return go(request, record_url(record_type, pk), told=told)
