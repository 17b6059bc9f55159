"""What every page view shares: who asks, when, with which right, and how an answer is given."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.contrib import messages
from django.db import DatabaseError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from guanxi.kernel.access import require
from guanxi.kernel.actor import ANONYMOUS, Actor
from guanxi.kernel.errors import GuanxiError, NotFound
from guanxi.surfaces import drafts
from guanxi.surfaces.drafts import Showing, read_token
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services.drafts import keep_draft

View = Callable[..., HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware put on the request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def now() -> datetime:
    """The instant of this request."""
    return timezone.now()


# Rights -------------------------------------------------------------------------------------------
def open_to_all(view: View) -> View:
    """A page that even a stranger's machine may ask for: said here, never by oversight."""
    view.needs = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """A page for anybody who is signed in."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if actor_of(request).user_id is None:
            return ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    inner.needs = "signed_in"  # type: ignore[attr-defined]
    return inner


def needs(verb: str) -> Callable[[View], View]:
    """A page of a record type for whoever holds this verb's permission at all."""

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def inner(
            request: HttpRequest, record_type: RecordType, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            require(actor_of(request), record_type.allows(verb))
            return view(request, record_type, *args, **kwargs)

        inner.needs = verb  # type: ignore[attr-defined]
        return inner

    return decorate


def allows(permission: str, *, is_hidden: bool = False) -> Callable[[View], View]:
    """A page for whoever holds this right at all; how far it reaches is the services' business.

    A hidden one does not exist for anybody else.
    """

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_hidden and not actor_of(request).can(permission):
                raise NotFound
            require(actor_of(request), permission)
            return view(request, *args, **kwargs)

        inner.needs = permission  # type: ignore[attr-defined]
        return inner

    return decorate


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send an anonymous reader to the sign-in page and back here, or to what they had typed."""
    here = left_for_later(request) or _place(request)
    login = f"{reverse('account_login')}?{urlencode({'next': here})}"
    if is_fragment(request):
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = login
        return answer
    return HttpResponseRedirect(login)


def showing_sent(request: HttpRequest) -> Showing | None:
    """The showing of a form that is sent, when it is one of ours."""
    return read_token(request.POST.get(drafts.NAME, "")) if request.method == "POST" else None


def left_for_later(request: HttpRequest) -> str:
    """Keep what a refused form holds for the person it was shown to; where they find it again.

    The form itself says for whom, under our signature: the session may be over by now.
    """
    showing = showing_sent(request)
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if showing is None or actor.user_id not in {None, showing.user_id}:
        return ""
    try:
        is_kept = keep_draft(showing, request.POST.lists(), version_of(request), at=now())
    except (GuanxiError, DatabaseError):  # too much of it, or the fault is the database's
        return ""
    return showing.restore_url if is_kept else ""


def _place(request: HttpRequest) -> str:
    """The page that the reader looks at, to which a form or a part of it belongs."""
    if request.method == "GET" and not is_fragment(request):
        return request.get_full_path()
    return page_behind(request)


def ask_to_confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password again, then go on to the page (or back to the form) it was for (E08)."""
    is_read = request.method == "GET"
    here = request.get_full_path() if is_read else left_for_later(request) or page_behind(request)
    url = f"{reverse('account_reauthenticate')}?{urlencode({'next': here})}"
    if is_fragment(request):
        answer = HttpResponse(status=403)
        answer["HX-Redirect"] = url
        return answer
    return HttpResponseRedirect(url)


def page_behind(request: HttpRequest) -> str:
    """The page that asks or posts, when it is one of ours."""
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(said, allowed_hosts={request.get_host()}):
        return "/"
    page = urlsplit(said)
    return page.path + (f"?{page.query}" if page.query else "")


# Answers ------------------------------------------------------------------------------------------
def is_fragment(request: HttpRequest, target: str = "") -> bool:
    """Whether htmx asked for a part of the page (into this target, when one is named)."""
    if request.headers.get("HX-Request") != "true":
        return False
    if request.headers.get("HX-History-Restore-Request") == "true":
        return False
    return not target or request.headers.get("HX-Target") == target


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page or a part; what personal data it holds is kept by no cache."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    response["Vary"] = "HX-Request, HX-Target, Cookie"
    return response


def in_box(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A drawer's or dialog's content; without a script the same content as a page of its own."""
    if is_fragment(request):
        return answer(request, template, {**context, "is_box": True}, status=status)
    return answer(
        request, "surfaces/box_page.html", {**context, "box_template": template}, status=status
    )


def go(
    request: HttpRequest, url: str, *, told: str = "", undo: str = "", failed: bool = False
) -> HttpResponse:
    """Go on to a page of our own, saying there what was done and how to take it back."""
    if told:
        tags = "failed" if failed else f"saved undo {undo}" if undo else "saved"
        messages.add_message(
            request, messages.ERROR if failed else messages.SUCCESS, told, extra_tags=tags
        )
    if is_fragment(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def tell(response: HttpResponse, text: str, *, undo: str = "", failed: bool = False) -> None:
    """Add a toast to an answer that htmx swaps in."""
    trigger(response, "toast", {"text": text, "undo": undo, "failed": failed})


def trigger(response: HttpResponse, event: str, detail: dict[str, Any]) -> None:
    """Have the browser raise an event when the answer arrives."""
    raised = json.loads(response.headers.get("HX-Trigger", "{}"))
    raised[event] = detail
    response["HX-Trigger"] = json.dumps(raised)


def told_in_header(response: HttpResponse, text: str) -> None:
    """The reason of a refusal where a script can read it."""
    response["X-Guanxi-Message"] = quote(text[:300])


# Addresses ----------------------------------------------------------------------------------------
def list_url(record_type: RecordType, **query: Any) -> str:
    """The list of a record type."""
    return f"/{record_type.plural}/" + (f"?{urlencode(query)}" if query else "")


def record_url(record_type: RecordType, instance: Model | int | str, part: str = "") -> str:
    """A record's page, or a part of it."""
    pk = instance.pk if isinstance(instance, Model) else instance
    return f"/{record_type.plural}/{pk}/{part}"


def safe_back(request: HttpRequest, fallback: str) -> str:
    """Where the form asks to return to, if that is one of our own pages (D12)."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    is_path = wanted.startswith("/") and wanted.isprintable()
    is_ours = is_path and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else fallback


def version_of(request: HttpRequest) -> int | None:
    """The version that the form was made from, when it says one."""
    written = request.POST.get("version", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None
