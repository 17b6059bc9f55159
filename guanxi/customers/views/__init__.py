"""The pages of a customer: parse, one service or query call, render."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from guanxi.kernel.access import require
from guanxi.surfaces.html.requests import View, actor_of, ask_to_sign_in


def allows(permission: str) -> Callable[[View], View]:
    """A page for whoever holds this right at all; how far it reaches is the services' business."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if actor.user_id is None:
                return ask_to_sign_in(request)
            require(actor, permission)
            return view(request, *args, **kwargs)

        inner.needs = permission  # type: ignore[attr-defined]
        return inner

    return decorate
