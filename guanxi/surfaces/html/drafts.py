"""Drafts on pages: kept while one types, offered when one comes back, listed and discarded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces import drafts
from guanxi.surfaces.blocks import Block, declare_block
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.formats import Formatter, in_sentence
from guanxi.surfaces.html.forms import as_typed
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    go,
    now,
    showing_sent,
    signed_in,
    version_of,
)
from guanxi.surfaces.models import Draft
from guanxi.surfaces.moved import successor_in_scope
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services import drafts as services
from guanxi.surfaces.services import presence

T = TypeVar("T")
ON_DESK = 5


class FormDraft:
    """What a form knows of drafts: its own mark, the one it is filled in from, one it offers."""

    def __init__(
        self, request: HttpRequest, record_type: RecordType, pk: Any, purpose: str, *,
        is_new: bool = False,
    ) -> None:  # fmt: skip
        """A form answered to a POST is the one that was sent, unless it `is_new`."""
        self.request, self.actor, self.is_new = request, actor_of(request), is_new
        self._type = record_type
        self.at = now()
        self._new = drafts.new_showing(self.actor, record_type.key, str(pk), purpose)

    @cached_property
    def _earlier(self) -> list[Draft]:
        """What was left here before; a form that comes back with its refusal asks for none."""
        if self.request.method != "GET":
            return []
        return drafts.drafts_of_form(self.actor, self._new)

    @cached_property
    def restored(self) -> Draft | None:
        """The draft that the address asks for, if it is the reader's own and of this form."""
        wanted = drafts.as_uuid(self.request.GET.get("draft", ""))
        found = next((each for each in self._earlier if each.pk == wanted), None)
        return found or (self._moved_here(wanted) if wanted else None)

    def _moved_here(self, draft_id: UUID) -> Draft | None:
        """What was said of a record that has become part of this one; its fields are not taken."""
        kinds = {"record_key": self._type.key, "purpose": drafts.TALK}
        draft = drafts.own_drafts(self.actor).filter(pk=draft_id, **kinds).first()
        if draft is None or self._new.purpose != drafts.TALK or self.request.method != "GET":
            return None
        here = successor_in_scope(self._type, draft.object_id, self.actor)
        return draft if str(here) == self._new.object_id else None

    def restore_latest(self) -> None:
        """Fill the newest one in unasked, where it covers nothing."""
        self.restored = self.restored or (self._earlier[0] if self._earlier else None)

    def values_or(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """What a composer holds: what was typed before, filled in unasked, else what is given."""
        self.restore_latest()
        typed = self.posted
        return {name: str(typed.get(name, "")) for name in typed} if typed else given

    @property
    def offered(self) -> Draft | None:
        """The newest one, when none is filled in."""
        return None if self.restored or not self._earlier else self._earlier[0]

    @property
    def has_more(self) -> bool:
        """Whether there are others beside the one that is spoken of."""
        return len(self._earlier) > 1

    @property
    def when(self) -> str:
        """When the draft that is spoken of was kept."""
        draft = self.restored or self.offered
        return Formatter(self.actor, self.at).moment_short(draft.kept_at) if draft else ""

    @cached_property
    def showing(self) -> drafts.Showing:
        """This showing of the form: the draft's own, the one that was sent, or a new one."""
        if self.restored:
            return drafts.showing_of(self.restored)
        sent = None if self.is_new else showing_sent(self.request)
        if sent is None or replace(sent, id=self._new.id) != self._new:
            return self._new
        return sent

    @property
    def about(self) -> str:
        """What the draft of a new record calls it."""
        draft = self.restored or self.offered
        return _typed_title(self._type, draft, self.actor) if draft else ""

    @property
    def restore_url(self) -> str:
        """Where the form is filled in with the draft that is offered; it still leads back."""
        if self.offered is None:
            return ""
        asked = self.request.GET.copy()
        asked["draft"] = str(self.offered.pk)
        return f"{self._new.url}?{asked.urlencode()}"

    @property
    def posted(self) -> QueryDict | None:
        """What was typed, as the form would send it."""
        if self.restored is None:
            return None
        posted = QueryDict(mutable=True)
        for name, texts in self.restored.values.items():
            posted.setlist(name, texts)
        return posted

    def typed(self, fields: Mapping[str, Field]) -> dict[str, Any]:
        """What was typed into those fields that the person may still set."""
        posted = self.posted
        if posted is None:
            return {}
        had = set(str(posted["_fields"]).split(",") if "_fields" in posted else posted)
        return as_typed(posted, {n: f for n, f in fields.items() if n in had})


def edit_mark(request: HttpRequest, record_type: RecordType, pk: Any) -> str:
    """The mark of a small form for some fields: refused, what it holds waits in the whole one."""
    return drafts.new_showing(actor_of(request), record_type.key, str(pk), drafts.EDIT).token


def save_form(request: HttpRequest, save: Callable[[], T]) -> T:
    """Save what was sent; its draft goes in the same transaction."""
    sent = showing_sent(request)
    return services.save_form(sent, save, actor=actor_of(request), at=now())


def forget_draft(request: HttpRequest) -> None:
    """What was sent is done; what a refused try of it has left goes."""
    sent = showing_sent(request)
    if sent is not None:
        services.forget_draft(sent, actor=actor_of(request))


# Views --------------------------------------------------------------------------------------------
@require_POST
@signed_in
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what a form holds now."""
    actor, at, showing = actor_of(request), now(), _showing(request)
    if showing.user_id != actor.user_id:
        raise NotFound
    kept = services.keep_draft(showing, request.POST.lists(), version_of(request), at=at)
    said = {"kept": kept, "id": showing.id, "at": f"{Formatter(actor, at).clock(at)}"}
    response = JsonResponse(said)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@signed_in
def drop(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Discard one's own draft, then back to the form or the list it was discarded in."""
    showing = services.drop_draft(draft_id, actor=actor_of(request))
    is_in_form = request.POST.get("_in") == "form"
    return go(request, showing.url if is_in_form else "/drafts/", told=gettext("Draft discarded"))


@require_POST
@signed_in
def editing(request: HttpRequest) -> HttpResponse:
    """A form says that it is in use, or that it has been left."""
    actor, showing = actor_of(request), _showing(request)
    if request.POST.get("left"):
        presence.note_left(showing, actor=actor)
    else:
        presence.note_editing(showing, actor=actor, at=now())
    return HttpResponse(status=204)


def _showing(request: HttpRequest) -> drafts.Showing:
    """The form that speaks."""
    showing = showing_sent(request)
    if showing is None:
        raise BadRequest("no_form", gettext("Open the form again."))
    return showing


# The list -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """One draft as its list shows it."""

    id: UUID
    label: str
    title: str
    url: str
    when: Any


@require_GET
@signed_in
def show_drafts(request: HttpRequest) -> HttpResponse:
    """One's own drafts, as far as what they are about is still to be seen."""
    actor, at = actor_of(request), now()
    context = {"title": gettext("Drafts"), "lines": _lines(actor, Formatter(actor, at))}
    return answer(request, "surfaces/drafts.html", context)


def _lines(actor: Actor, formatter: Formatter, most: int = services.MOST_EACH) -> list[Line]:
    found = list(drafts.own_drafts(actor)[:most])
    titles = _titles(actor, found)
    return [
        Line(
            draft.pk, _label(draft), titles[draft.pk] or gettext("no name yet"),
            drafts.showing_of(draft).restore_url, formatter.when(draft.kept_at),
        )
        for draft in found if draft.pk in titles
    ]  # fmt: skip


def _label(draft: Draft) -> str:
    words = {
        drafts.NEW: _("New %(label)s"),
        drafts.EDIT: _("Edit %(label)s"),
        drafts.TALK: _("Communication"),
    }
    record_type = get_record_type(draft.record_key)
    verb = record_type.verb(draft.purpose)
    if verb is not None:
        return str(verb.label)
    return str(words.get(draft.purpose, "%(label)s")) % {"label": in_sentence(record_type.label)}


def _titles(actor: Actor, found: Iterable[Draft]) -> dict[UUID, str]:
    """What each draft is about: one query per record type; what is out of sight is left out."""
    titles: dict[UUID, str] = {}
    by_type: dict[str, list[Draft]] = {}
    for draft in found:
        by_type.setdefault(draft.record_key, []).append(draft)
    for key, some in by_type.items():
        try:
            record_type = get_record_type(key)
        except KeyError:
            continue
        new = [draft for draft in some if draft.purpose == drafts.NEW]
        if actor.can(record_type.allows("create")):
            titles |= {draft.pk: _typed_title(record_type, draft, actor) for draft in new}
        ids = [draft.object_id for draft in some if draft.object_id]
        if ids:
            rows = record_type.in_scope(actor).filter(pk__in=ids)
            names = {str(pk): name for pk, name in titles_of(record_type, rows, actor).items()}
            titles |= _moved_titles(
                actor, record_type, [d for d in some if d.object_id not in names]
            )
            titles |= {d.pk: names[d.object_id][:80] for d in some if d.object_id in names}
    return titles


def _moved_titles(
    actor: Actor, record_type: RecordType, some: Iterable[Draft]
) -> dict[UUID, str]:  # fmt: skip
    """What was said of records that have become part of others."""
    moved = {
        draft.pk: successor_in_scope(record_type, draft.object_id, actor)
        for draft in some if draft.purpose == drafts.TALK
    }  # fmt: skip
    rows = record_type.in_scope(actor).filter(pk__in=[pk for pk in moved.values() if pk])
    names = titles_of(record_type, rows, actor) if any(moved.values()) else {}
    return {draft_id: names[pk][:80] for draft_id, pk in moved.items() if pk in names}


def _typed_title(record_type: RecordType, draft: Draft, actor: Actor) -> str:
    field = record_type.declared().get(record_type.title_field)
    if draft.purpose != drafts.NEW or field is None or not field.is_clear(actor):
        return ""
    typed = draft.values.get(record_type.title_field) or [""]
    return str(typed[0])[:80]


def waiting_drafts(actor: Actor, at: Any) -> Mapping[str, Any]:
    """What the person began and has not saved."""
    lines = _lines(actor, Formatter(actor, at), ON_DESK)
    rows = [
        {"url": line.url, "name": line.title, "is_plain": True, "note": line.label,
         "when": line.when}
        for line in lines
    ]  # fmt: skip
    return {"rows": rows, "all_url": "/drafts/"}


declare_block(
    Block(
        "drafts",
        _("Drafts"),
        "surfaces/components/desk_rows.html",
        waiting_drafts,
        order=8,
        hides_empty=True,
    )
)
