"""Turns the refusals of services and queries into pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from guanxi.kernel.errors import GuanxiError
from guanxi.surfaces.html.errors import error_page, from_refusal


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
        return from_refusal(request, error) if isinstance(error, GuanxiError) else None
