"""Signing in, confirming, resetting a password; allauth's flow under the house's look."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView as AllauthLoginView
from allauth.core import ratelimit
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from guanxi.kernel.errors import NotFound, RuleViolation, TooMany
from guanxi.people import hashers, reset_links, services
from guanxi.people.forms import LoginForm, NewPasswordForm, ResetRequestForm
from guanxi.people.views.pages import page, show_violations
from guanxi.surfaces.html.requests import actor_of


class LoginView(AllauthLoginView):  # type: ignore[misc]
    """User name and password."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the password, or ask to come back when too many are at the door (E13)."""
        try:
            with hashers.door:
                answer: HttpResponse = super().post(request, *args, **kwargs)
        except TooMany as error:
            form = LoginForm(initial={"login": request.POST.get("login", "")[:80]})
            answer = page(request, "account/login.html", form, busy=error.message)
            answer.status_code = 429
            answer["Retry-After"] = str(error.retry_after)
        return answer

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show the form again; what no person types is a bad request."""
        return page(self.request, "account/login.html", form, **self.get_context_data(form=form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Keep the page to go to, without the form that `page` gets by itself."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.request.method == "POST":
            context.pop("form", None)
        return context


@never_cache
@require_http_methods(["GET", "POST"])
def reset_request(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; the answer is the same for everybody (E02)."""
    form = ResetRequestForm(request.POST or None)
    if not form.is_valid():
        return page(request, "people/reset_request.html", form)
    identifier = form.cleaned_data["identifier"].strip()
    if ratelimit.consume(request, action="reset_password", key=identifier.casefold()):
        services.request_reset_link(identifier, actor=actor_of(request), at=timezone.now())
    return page(request, "people/reset_sent.html")


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def choose_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose a new password with the link of a mail."""
    if reset_links.find_user(uid, token) is None:
        return _dead_link(request)
    form = NewPasswordForm(request.POST or None)
    if not form.is_valid():
        return page(request, "people/choose_password.html", form)
    try:
        services.choose_password_by_link(
            uid, token, form.cleaned_data["password"], actor=actor_of(request), at=timezone.now()
        )
    except NotFound:
        return _dead_link(request)
    except RuleViolation as error:
        show_violations(form, error)
        return page(request, "people/choose_password.html", form)
    return page(request, "people/password_chosen.html")


def _dead_link(request: HttpRequest) -> HttpResponse:
    response = page(request, "people/dead_link.html")
    response.status_code = 404
    return response
