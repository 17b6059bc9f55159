"""The customer's page itself, its timeline and what is done on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.customers import forms, services
from guanxi.customers.models import Tag
from guanxi.customers.page.customer import CustomerPage
from guanxi.customers.page.timeline import read_wanted
from guanxi.customers.timeline import Timeline, Wanted
from guanxi.kernel.access import visible
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.surfaces.html.conflicts import in_words, with_kept
from guanxi.surfaces.html.drafts import save_form
from guanxi.surfaces.html.once import make_once
from guanxi.surfaces.html.requests import (
    actor_of,
    allows,
    answer,
    go,
    in_box,
    is_fragment,
    now,
    version_of,
)
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record, merge_record, note_viewed


@require_GET
@allows("customers.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer with everything that is known and happened."""
    page = CustomerPage(request, pk)
    response = answer(request, "customers/customer.html", _context(request, page))
    note_viewed(page.type, pk, pk, actor=page.actor, at=page.at)
    return response


def _context(
    request: HttpRequest, page: CustomerPage, error: RuleViolation | None = None
) -> dict[str, Any]:
    """The page with its timeline; after a refusal with what was typed and why it was refused."""
    wanted = read_wanted(request.GET.dict())
    values = forms.typed_talk(request.POST) if error else None
    errors = [violation.text for violation in error.violations] if error else []
    people: list[tuple[int, str]] = []
    if "filter" in request.GET or wanted.is_narrowed:
        people = Timeline(page.opened, page.actor).people()
    return {
        "page": page,
        "timeline": page.story(wanted),
        "composer": page.composer(values, errors),
        "people": people,
        "is_filtering": "filter" in request.GET or wanted.is_narrowed,
    }


@require_GET
@allows("customers.view")
def business(request: HttpRequest, pk: int) -> HttpResponse:
    """Orders, payments and files of the customer; without a script a page of their own."""
    page = CustomerPage(request, pk)
    context = {"page": page, "related": page.related}
    if is_fragment(request):
        return answer(request, "customers/_business.html", context)
    title = gettext("Orders, payments and files")
    return in_box(request, "customers/_business.html", {**context, "title": title})


@require_GET
@allows("customers.view")
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """A part of the timeline; without a script the page with that part."""
    page = CustomerPage(request, pk)
    if not is_fragment(request):
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"/customers/{pk}/" + (f"?{query}" if query else ""))
    context = _context(request, page)
    earlier = is_fragment(request, "earlier")
    name = "customers/_days.html" if earlier else "customers/_timeline.html"
    return answer(request, name, context)


@require_POST
@allows("interactions.create")
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a talk down from the composer (COM-1)."""
    page = CustomerPage(request, pk)
    try:
        values = forms.read_talk(request.POST, pk, page.actor)
        record_type = get_record_type("customers.interaction")
        save_form(request, lambda: make_once(
            request, lambda: create_record(record_type, values, actor=page.actor, at=page.at)
        ))  # fmt: skip
    except RuleViolation as error:
        part = "_talk.html" if is_fragment(request) else "customer.html"
        return answer(request, f"customers/{part}", _context(request, page, error), status=422)
    if not is_fragment(request):
        return go(request, f"{page.url}#talk", told=gettext("Written down"))
    return _talk_and_header(request, pk)


def _talk_and_header(request: HttpRequest, pk: int) -> HttpResponse:
    """The timeline as it is now, and the header's facts that a talk moves."""
    page = CustomerPage(request, pk)
    return answer(request, "customers/_talk.html", {**_context(request, page), "is_swap": True})


# Pins ---------------------------------------------------------------------------------------------
@require_POST
@allows("customers.pin")
def pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an entry on top of the timeline."""
    event_id = forms.read_id(request.POST, "event")
    services.pin_event(pk, event_id=event_id, actor=actor_of(request), at=now())
    return _timeline_again(request, pk)


@require_POST
@allows("customers.pin")
def unpin(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an entry go back to its place."""
    event_id = forms.read_id(request.POST, "event")
    services.unpin_event(pk, event_id=event_id, actor=actor_of(request), at=now())
    return _timeline_again(request, pk)


def _timeline_again(request: HttpRequest, pk: int) -> HttpResponse:
    if not is_fragment(request):
        return go(request, f"/customers/{pk}/#talk")
    return answer(request, "customers/_timeline.html", _context(request, CustomerPage(request, pk)))


# Quick changes ------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allows("customers.change")
def next_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Say when the customer is to be contacted next."""
    page = CustomerPage(request, pk)
    context = {"page": page, "title": gettext("Next contact"), "days": page.days, "errors": []}
    context["day"] = request.POST.get("next_contact_at", page.next_day)
    if request.method == "GET":
        return in_box(request, "customers/_next_contact.html", context)
    try:
        values = forms.read_next_contact(request.POST, page.actor)
        merged = merge_record(
            page.type, pk, values, version=version_of(request), actor=page.actor, at=page.at
        )
    except RuleViolation as error:
        context["errors"] = [violation.text for violation in error.violations]
        return in_box(request, "customers/_next_contact.html", context, status=422)
    except StaleVersion as error:
        context["errors"] = [in_words(page.listing, error)]
        response = in_box(request, "customers/_next_contact.html", context, status=409)
        response["X-Guanxi-Dialog"] = "1"  # shown where the dialog stood
        return response
    told = with_kept(gettext("Next contact kept"), page.listing, merged)
    return go(request, page.url, told=told)


@require_GET
@allows("customers.change")
def tags(request: HttpRequest, pk: int) -> HttpResponse:
    """The tags of the library, those of the customer pressed."""
    page = CustomerPage(request, pk)
    return in_box(request, "customers/_tags.html", _tag_context(page))


def _tag_context(page: CustomerPage) -> dict[str, Any]:
    library = visible(page.actor, "tags.view", Tag.objects.filter(archived_at=None))
    groups: dict[str, list[Tag]] = {}
    for each in library.order_by("group", "name"):
        groups.setdefault(str(each.get_group_display()), []).append(each)
    mine = {each["id"] for each in page.tags}
    return {"page": page, "title": gettext("Tags"), "groups": groups, "mine": mine}


@require_POST
@allows("customers.change")
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tag on."""
    tag_id = forms.read_id(request.POST, "tag")
    services.add_tag(pk, tag_id=tag_id, actor=actor_of(request), at=now())
    return _tags_again(request, pk)


@require_POST
@allows("customers.change")
def untag(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tag off."""
    tag_id = forms.read_id(request.POST, "tag")
    services.remove_tag(pk, tag_id=tag_id, actor=actor_of(request), at=now())
    return _tags_again(request, pk)


def _tags_again(request: HttpRequest, pk: int) -> HttpResponse:
    if not is_fragment(request):
        return go(request, f"/customers/{pk}/")
    page = CustomerPage(request, pk)
    context = {**_tag_context(page), "is_box": True, "is_swap": True}
    return answer(request, "customers/_tags.html", context)


# Paper --------------------------------------------------------------------------------------------
@require_GET
@allows("customers.view")
def print_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer on A4: masks kept, with who printed it when; the access log knows (M02)."""
    page = CustomerPage(request, pk)
    mark = f"{page.actor.label} {page.formatter.moment(page.at)}"
    context = {"page": page, "timeline": page.story(Wanted()), "mark": mark}
    response = answer(request, "customers/print.html", context)
    services.note_printed(pk, actor=page.actor, at=page.at)
    return response
