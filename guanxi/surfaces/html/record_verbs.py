"""What can be done with a record now, and the reason why not for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from guanxi.kernel.access import require
from guanxi.kernel.errors import NotFound, RuleViolation, StaleVersion
from guanxi.surfaces import records
from guanxi.surfaces.html import forms, maps
from guanxi.surfaces.html.conflicts import in_words
from guanxi.surfaces.html.drafts import FormDraft, forget_draft
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
    safe_back,
    version_of,
)
from guanxi.surfaces.listing import Listing, Row
from guanxi.surfaces.models import MarkKind
from guanxi.surfaces.naming import title_in
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services.verbs import perform_verb

if TYPE_CHECKING:
    from guanxi.surfaces.html.records import RecordPage


GONE = 0


@dataclass(frozen=True)
class Verb:
    """A button or a line of the menu."""

    label: str
    url: str
    icon: str = ""
    primary: bool = False
    danger: bool = False
    post: bool = False
    dialog: bool = False
    reason: str = ""
    key: str = ""
    name: str = ""
    copy: bool = False
    print: bool = False
    elsewhere: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


def main(page: "RecordPage") -> list[Verb]:
    """The verbs in the header."""
    found = [replace(verb, primary=True) for verb in _own(page, is_main=True)]
    if page.can_change and page.type.sections:
        found.append(Verb(gettext("Edit"), f"{page.url}edit/", "pencil", key="e"))
    return found


def more(page: "RecordPage") -> list[Verb]:
    """The verbs in the menu: the domain's own, then those of every record."""
    return [*_own(page), *_common(page)]


def _own(page: "RecordPage", *, is_main: bool = False) -> list[Verb]:
    return [
        _own_verb(page, verb)
        for verb in page.type.verbs
        if verb.is_listed
        and verb.is_main == is_main
        and page.actor.can(verb.permission)
        and (verb.fits is None or verb.fits(page.row.values))
    ]


def _own_verb(page: "RecordPage", verb: records.Verb) -> Verb:
    reason = verb.why_not(page.actor, page.instance) if verb.why_not else None
    url = f"{page.url}{verb.name}/"
    return Verb(
        str(verb.label), url, verb.icon or "zap", dialog=True, danger=verb.is_danger,
        reason=str(reason or ""),
    )  # fmt: skip


def _common(page: "RecordPage") -> list[Verb]:
    found = []
    if isinstance(page.id, int):
        follows = MarkKind.FOLLOW in page.marks
        label = gettext("Follow no longer") if follows else gettext("Follow")
        found.append(Verb(label, f"{page.url}mark/follow/", "bell", post=True))
    found.append(Verb(gettext("Copy the link"), page.url, "link", copy=True))
    if url := maps.map_url(page.listing, page.row):
        found.append(Verb(gettext("Look it up on the map"), url, "map", elsewhere=True))
    found.append(Verb(gettext("Print or PDF"), page.url, "printer", print=True))
    found.append(Verb(gettext("History"), f"{page.url}history/", "history"))
    return found + _archiving(page)


def _archiving(page: "RecordPage") -> list[Verb]:
    if not page.type.sections or not page.actor.can(page.type.allows("archive")):
        return []
    version = {"version": page.row.version}
    if page.row.archived_at:
        url = f"{page.url}restore/"
        return [Verb(gettext("Bring back"), url, "archive-restore", post=True, fields=version)]
    url = f"{page.url}archive/"
    return [Verb(gettext("Archive"), url, "archive", post=True, danger=True, fields=version)]


# Doing one ----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@needs("view")
def perform(request: HttpRequest, record_type: RecordType, pk: Any, verb_name: str) -> HttpResponse:
    """A verb's own small form, then the verb."""
    verb = record_type.verb(verb_name)
    if verb is None:
        raise NotFound
    actor, at = actor_of(request), now()
    require(actor, verb.permission)
    listing = Listing(record_type, actor, at=at)
    row = _found(request, listing, verb, pk)
    fields = verb.asked()
    if request.method == "GET":
        present = {n: row.values[n] for n in fields if n in row.values}  # what the record has now
        return _show(request, record_type, verb, row, present, error=None)
    raw, wrong = forms.read_form(request.POST, fields, actor)
    try:
        if wrong:
            raise wrong[0]
        perform_verb(record_type, verb, pk, raw, version=version_of(request), actor=actor, at=at)
    except RuleViolation as error:
        if row.version == GONE and error.code != verb.finds:
            raise NotFound from error
        typed = {n: request.POST.get(n, "") for n in fields}
        return _show(request, record_type, verb, row, typed, error=error)
    except StaleVersion as error:
        changed = RuleViolation("stale", in_words(listing, error))
        seen = error.version if error.differences else 0
        return _show(request, record_type, verb, row, request.POST.dict(), error=changed, seen=seen)
    forget_draft(request)
    return _after(request, listing, record_type, pk, verb)


def _found(request: HttpRequest, listing: Listing, verb: records.Verb, pk: Any) -> Row:
    """The record; a verb that finds it itself also speaks of one that has just gone."""
    try:
        return listing.read(pk)
    except NotFound:
        if not verb.finds or request.method == "GET":
            raise
        return Row(pk, GONE, {})


def _after(
    request: HttpRequest, listing: Listing, record_type: RecordType, pk: Any, verb: records.Verb
) -> HttpResponse:
    """Back where one came from or to the record; to the list when it has left one's reach."""
    told = gettext("%(verb)s: done") % {"verb": verb.label}
    if listing.base().filter(pk=pk).exists():
        return go(request, safe_back(request, record_url(record_type, pk)), told=told)
    return go(request, list_url(record_type), told=told)


def _show(
    request: HttpRequest, record_type: RecordType, verb: records.Verb, row: Any,
    values: Mapping[str, Any], *, error: RuleViolation | None, seen: int = 0,
) -> HttpResponse:  # fmt: skip
    """The verb's form; whoever was shown what others set meanwhile has `seen` that version."""
    actor = actor_of(request)
    fields = verb.asked()
    draft = FormDraft(request, record_type, row.pk, verb.name)
    draft.restore_latest()
    values = {**values, **draft.typed(fields)}
    summary, by_field = forms.problems(error, fields) if error else ([], {})
    maker = forms.FormMaker(record_type, fields, actor)
    shown = [
        maker.field(f, values.get(n), by_field.get(n, []))
        for n, f in fields.items() if f.look != "hidden"
    ]  # fmt: skip
    context = {
        "title": str(verb.label),
        "subtitle": title_in(record_type, row.values),
        "url": record_url(record_type, row.pk, f"{verb.name}/"),
        "cancel_url": safe_back(request, record_url(record_type, row.pk)),
        "back": safe_back(request, ""),
        "fields": shown,
        "hidden": [(n, values.get(n, "")) for n, f in fields.items() if f.look == "hidden"],
        "problems": summary,
        "version": seen or version_of(request) or row.version,
        "danger": verb.is_danger,
        "names": ",".join(fields),
        "draft": draft,
    }
    status = (409 if error.code == "stale" else 422) if error else 200
    if not is_fragment(request):
        return in_box(request, "surfaces/_verb.html", context, status=status)
    context["is_box"] = True
    response = answer(request, "surfaces/_verb.html", context, status=status)
    if status == 409:
        response["X-Guanxi-Dialog"] = "1"  # shown where the dialog stood
    return response
