"""The ticket's page and its conversation; everything else is the generic page of the type."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.kernel.errors import BadRequest, RuleViolation, StaleVersion
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.html.drafts import save_form
from guanxi.surfaces.html.once import make_once
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, is_fragment, now
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.services import note_viewed
from guanxi.tickets import forms, queries, services
from guanxi.tickets.choices import Said
from guanxi.tickets.page import TicketPage, bubbles_of, ways_of

_SERVICES: Final[Mapping[str, Callable[..., Any]]] = {
    Said.REPLY: services.reply_to_ticket,
    Said.NOTE: services.note_on_ticket,
    Said.CUSTOMER: services.hear_customer,
}


@require_GET
@allows("tickets.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The ticket with everything that was said, the newest page first."""
    page = TicketPage(request, pk)
    context = {"page": page, "talk": page.talk(_number(request, "before"))}
    context["composer"] = page.composer()
    response = answer(request, "tickets/ticket.html", context)
    note_viewed(page.type, pk, page.ticket.customer_id, actor=page.actor, at=page.at)
    return response


@require_GET
@allows("tickets.view")
def messages(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said before or after a message; without a script the page with it."""
    page = TicketPage(request, pk)
    before, after = _number(request, "before"), _number(request, "after")
    if not is_fragment(request):
        query = f"?before={before}" if before else ""
        return HttpResponseRedirect(f"{page.url}{query}")
    if after is None:
        context: dict[str, Any] = {"talk": page.talk(before)}
    else:
        found, has_more = queries.list_messages(pk, after=after)
        context = {"talk": {"bubbles": bubbles_of(found, page.formatter)}, "has_more": has_more}
    return answer(request, "tickets/_messages.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    written = request.GET.get(name)
    if written is None:
        return None
    if not is_number(written) or len(written) > 9:
        raise BadRequest("bad_number", gettext("“%(name)s” is not a number here."), name=name)
    return int(written)


@require_POST
@allows("tickets.view")
def talk(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something: a reply, a note, the customer's word. Who has read less is shown the rest."""
    page = TicketPage(request, pk)
    said, values = forms.read_talk(request.POST)
    service = _SERVICES[said]
    try:
        if said in dict(ways_of(page.ticket, page.actor)):  # else the service says why not
            values["files"] = forms.read_files(request.FILES)
        key = save_form(request, lambda: make_once(
            request, lambda: service(pk, **values, actor=page.actor, at=page.at)
        ))  # fmt: skip
    except RuleViolation as error:
        errors = [violation.text for violation in error.violations]
        is_forbidden = error.code == "forbidden_wording"
        return _again(request, pk, 422, errors=errors, is_forbidden=is_forbidden)
    except StaleVersion as error:
        return _again(request, pk, 409, newer=error.differences)
    if key != str(pk):
        return go(request, f"/tickets/{key}/", told=gettext("A new ticket follows this one"))
    if not is_fragment(request):
        return go(request, f"{page.url}#talk", told=gettext("Sent"))
    return _box(request, TicketPage(request, pk))


@require_GET
@allows("tickets.view")
def download(request: HttpRequest, pk: int, file_id: int) -> HttpResponseBase:
    """A file that came with a message, to be kept and never run."""
    found = services.download_file(pk, file_id=file_id, actor=actor_of(request), at=now())
    return hand_out(found)


def _again(request: HttpRequest, pk: int, status: int, **refused: Any) -> HttpResponse:
    """The conversation as it is now, with what was typed and why it was not sent."""
    page = TicketPage(request, pk)
    if request.FILES:
        told = gettext("Choose the files again: a browser does not keep them.")
        refused["errors"] = [*refused.get("errors", ()), told]
    composer = page.composer(forms.typed_talk(request.POST), **refused)
    return _box(request, page, composer, status)


def _box(
    request: HttpRequest, page: TicketPage, composer: Any = None, status: int = 200
) -> HttpResponse:
    context = {"page": page, "talk": page.talk(), "composer": composer or page.composer()}
    name = "_talk.html" if is_fragment(request) else "ticket.html"
    response = answer(request, f"tickets/{name}", context, status=status)
    if status == 409:
        response["X-Guanxi-Swap"] = "1"  # shown where it was typed
    return response
