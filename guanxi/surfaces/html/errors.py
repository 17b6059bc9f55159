"""What went wrong, said alike on every page: what, where, what next."""

import logging
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import (
    BadRequest,
    Denied,
    GuanxiError,
    NotFound,
    RuleViolation,
    StaleVersion,
    TooMany,
    Unconfirmed,
    VersionMissing,
)
from guanxi.kernel.outages import RETRY_SECONDS, outage_of
from guanxi.surfaces.html.requests import ask_to_confirm, left_for_later, told_in_header

log = logging.getLogger(__name__)

PAGES: dict[int, tuple[Any, Any]] = {
    400: (
        _("This request cannot be read"),
        _("A part of the address or of the form is not what this page expects."),
    ),
    401: (_("Please sign in"), _("Your session has ended. What you typed is kept.")),
    403: (
        _("You may not do this"),
        _("Your role does not include this right. Ask your administrator if you need it."),
    ),
    404: (
        _("There is no such page, or none for you"),
        _("The link may be mistyped, the record archived, or outside what you may see."),
    ),
    405: (_("This page is not for that"), _("Open the page and use its buttons.")),
    409: (
        _("Somebody was quicker"),
        _("The record was changed after you opened it. Open it again and repeat your change."),
    ),
    413: (_("That is too large"), _("Send less at once.")),
    422: (_("This cannot be saved"), _("Something in it is against a rule.")),
    428: (
        _("The version is missing"),
        _("A change must say which version of the record it was made from. Open the record again."),
    ),
    429: (_("Too many at once"), _("Wait a little and try again.")),
    500: (
        _("Something broke here"),
        _("It is not your fault, nothing was half saved, and it has been noted."),
    ),
    503: (_("Back in a moment"), _("The system is being maintained.")),
}


def error_page(
    request: HttpRequest, status: int, *, text: str = "", title: str = "", kept: str = ""
) -> HttpResponse:
    """A whole page, or for a part of a page just the status with the reason in a header.

    Where what was typed is `kept`, the page leads there.
    """
    known_title, known_text = PAGES.get(status, PAGES[500])
    said = text or str(known_text)
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": str(known_title), "status": status, "detail": said}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
        told_in_header(response, said)
        if kept:
            response["HX-Redirect"] = kept
        return response
    reference = getattr(request, "request_id", "") if status >= 500 else ""
    context = {
        "code": status,
        "lang": get_language(),
        "title": title or str(known_title),
        "text": said,
        "reference": reference[:8],
        "verbs": _next_steps(request, status, kept),
    }
    response = HttpResponse(render_to_string("surfaces/error.html", context), status=status)
    response["Cache-Control"] = "no-store"
    return response


def _next_steps(request: HttpRequest, status: int, kept: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    if kept:
        label = gettext("Go on with what you typed")
        steps.append({"label": label, "url": kept, "icon": "history", "primary": True})
    steps.append({"label": gettext("To my desk"), "url": "/", "icon": "home", "primary": not kept})
    if status in {409, 428, 429, 500, 503} and request.method == "GET":
        steps.append({"label": gettext("Try again"), "url": request.get_full_path()})
    if status == 404:
        steps.append({"label": gettext("Search"), "url": "/search/", "icon": "search"})
    return steps


def from_refusal(request: HttpRequest, error: GuanxiError) -> HttpResponse:
    """The page of an expected refusal that no view took care of itself."""
    if isinstance(error, NotFound):
        return error_page(request, 404)
    if isinstance(error, Denied):
        return error_page(request, 403)
    if isinstance(error, StaleVersion):
        return error_page(request, 409, kept=left_for_later(request))
    if isinstance(error, VersionMissing):
        return error_page(request, 428)
    if isinstance(error, Unconfirmed):
        return _unconfirmed(request)
    return _from_words(request, error)


def _unconfirmed(request: HttpRequest) -> HttpResponse:
    """Ask a person for the password again; a program cannot be asked."""
    if request.path.startswith("/api/"):
        return error_page(request, 403, text=gettext("Confirm your password on the page first."))
    return ask_to_confirm(request)


def _from_words(request: HttpRequest, error: GuanxiError) -> HttpResponse:
    if isinstance(error, TooMany):
        kept = left_for_later(request)
        response = error_page(request, 429, text=str(error.message), kept=kept)
        response["Retry-After"] = str(error.retry_after)
        return response
    if isinstance(error, BadRequest):
        return error_page(request, 400, text=error.text)
    if isinstance(error, RuleViolation):
        return error_page(request, 422, text=" ".join(v.text for v in error.violations))
    log.error("a refusal of an unknown kind: %r", error)
    return error_page(request, 500)


# Django's own -------------------------------------------------------------------------------------
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 400."""
    del exception
    return error_page(request, 400)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 403."""
    del exception
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 404."""
    del exception
    return error_page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Django's 500, or the outage behind it: the database is away, the disk full (H09, H11)."""
    outage = outage_of(sys.exc_info()[1])
    if outage is None:
        return error_page(request, 500, kept=left_for_later(request))
    response = error_page(request, 503, text=str(outage.words))
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of this session: old page, other tab, or not ours at all."""
    del reason
    kept = left_for_later(request)
    text = gettext("Open the page again and send it once more.")
    if kept:
        text = gettext("Open the page again and send it once more; what you typed is kept.")
    title = gettext("This form is out of date")
    return error_page(request, 403, title=title, text=text, kept=kept)
