"""Turns the refusals of services and queries into pages."""

import logging
import re
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from guanxi.kernel.errors import Denied, GuanxiError, NotFound
from guanxi.surfaces.html.errors import error_page, from_refusal
from guanxi.surfaces.html.requests import actor_of, now
from guanxi.surfaces.moved import moved_to
from guanxi.surfaces.records import get_record_type_by_plural
from guanxi.surfaces.services import note_refused

log = logging.getLogger(__name__)
#: The pages of one record begin with the word of its list and its key.
_OF_A_RECORD = re.compile(r"([a-z-]+)/<\w+:pk>/")


class ErrorMiddleware:
    """Shows every expected refusal as its page, and a plain 405 as one, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a wrong method gets a page with the allowed ones in its header."""
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = error_page(request, 405)
            page["Allow"] = response.headers.get("Allow", "")
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of a refusal; anything else is a fault and goes on to the 500 page."""
        if not isinstance(error, GuanxiError):
            return None
        if isinstance(error, NotFound) and (url := moved_to(request, actor_of(request))):
            is_read = request.method in {"GET", "HEAD"}
            response = HttpResponsePermanentRedirect(url, preserve_request=not is_read)
            # For good, but for a merge that is taken back: no browser may remember it.
            response["Cache-Control"] = "private, no-store"
            return response
        if isinstance(error, NotFound | Denied):
            _note(request)
        return from_refusal(request, error)


def _note(request: HttpRequest) -> None:
    """Keep who asked for a record and did not get it (M02)."""
    match, actor = request.resolver_match, actor_of(request)
    found = _OF_A_RECORD.match(match.route) if match else None
    record_type = get_record_type_by_plural(found[1]) if found else None
    if match is None or record_type is None or actor.user_id is None:
        return
    try:
        wanted = f"{request.method} {request.path}"
        note_refused(record_type, match.kwargs["pk"], wanted, actor=actor, at=now())
    except DatabaseError:
        log.exception("a refusal could not be noted")
