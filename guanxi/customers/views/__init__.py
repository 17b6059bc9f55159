"""The pages of a customer: parse, one service or query call, render."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from guanxi.kernel.access import require
from guanxi.kernel.errors import NotFound
from guanxi.surfaces.html.requests import actor_of, ask_to_sign_in

View = Callable[..., HttpResponseBase]


def allows(permission: str, *, is_hidden: bool = False) -> Callable[[View], View]:
    """A page for whoever holds this right at all; how far it reaches is the services' business.

    A hidden one does not exist for anybody else.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = actor_of(request)
            if actor.user_id is None:
                return ask_to_sign_in(request)
            if is_hidden and not actor.can(permission):
                raise NotFound
            require(actor, permission)
            return view(request, *args, **kwargs)

        inner.needs = permission  # type: ignore[attr-defined]
        return inner

    return decorate
