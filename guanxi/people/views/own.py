"""One's own account: profile, preferences, password, second factor, sessions, tokens."""

from __future__ import annotations

import base64
from typing import Any, Final

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel import identifiers
from guanxi.kernel.access import require_recent
from guanxi.kernel.errors import RuleViolation
from guanxi.people import queries, rules, services
from guanxi.people.choices import Locale, Theme
from guanxi.people.forms import (
    CodeEntryForm,
    OwnPasswordForm,
    PreferencesForm,
    ProfileForm,
    TokenForm,
)
from guanxi.people.middleware import LANGUAGE_COOKIE, THEME_COOKIE
from guanxi.people.models import User
from guanxi.people.services.tokens import NewToken
from guanxi.people.services.users import Preferences
from guanxi.people.views.pages import back, page, show_violations
from guanxi.surfaces.html.requests import actor_of, signed_in

_SECRET: Final = "second_factor_secret"  # noqa: S105  the name of a place in the session
_NEAR_ZONES: Final = (
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  `signed_in` let nobody else in
    return user


# Profile ------------------------------------------------------------------------------------------
@signed_in
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show who one is here, and how one is reached and reads."""
    user = _user(request)
    given = {"email": user.email, "phone": identifiers.written_phone(user.phone)}
    form = ProfileForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if values == given:
            return redirect("people:profile")
        try:
            services.change_own_contact(
                values["email"], values["phone"], actor=actor_of(request), at=timezone.now()
            )
        except RuleViolation as error:
            show_violations(form, error)
        else:
            messages.success(request, gettext("Saved"))
            return redirect("people:profile")
    return page(request, "people/profile.html", form, **_profile_context(user))


def _profile_context(user: User) -> dict[str, Any]:
    chosen = {"locale": user.locale, "time_zone": user.time_zone, "theme": user.theme}
    return {
        "tab": "profile",
        "person": user,
        "roles": user.roles.filter(archived_at=None),
        "teams": user.teams.filter(archived_at=None),
        "preferences": PreferencesForm(initial=chosen),
        "zones": rules.offered_time_zones(),
        "near_zones": _NEAR_ZONES,
    }


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Set language, time zone or appearance; a visitor's language stays in a cookie."""
    response = back(request, reverse("people:profile"))
    actor = actor_of(request)
    locale = request.POST.get("locale", "")
    if actor.user_id is not None:
        user = _user(request)
        wanted = Preferences(
            locale=locale or user.locale,
            time_zone=request.POST.get("time_zone", "") or user.time_zone,
            theme=request.POST.get("theme", "") or user.theme,
        )
        try:
            services.set_preferences(wanted, actor=actor, at=timezone.now())
        except RuleViolation as error:
            messages.error(request, error.text)
    if locale in Locale.values:
        _remember(response, LANGUAGE_COOKIE, locale)
    if request.POST.get("theme", "") in Theme.values:
        _remember(response, THEME_COOKIE, request.POST["theme"])
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        httponly=True,
    )


# Password -----------------------------------------------------------------------------------------
@sensitive_post_parameters("old", "password", "again")
@signed_in
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the other sessions end with it."""
    form = OwnPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            user = services.change_own_password(
                values["old"], values["password"], actor=actor_of(request), at=timezone.now()
            )
        except RuleViolation as error:
            show_violations(form, error)
        else:
            _keep_session(request, user)
            messages.success(request, gettext("Your password was changed. Other sessions ended."))
            return redirect("people:profile")
    return page(
        request,
        "people/password.html",
        form,
        tab="password",
        is_forced=_user(request).must_change_password,
        policy=queries.get_password_policy(),
    )


def _keep_session(request: HttpRequest, user: User) -> None:
    """Stay signed in here: the session is bound to the hash of the password."""
    request.session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()


# Second factor ------------------------------------------------------------------------------------
@signed_in
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show whether the second factor is on, or turn it on with a first code."""
    actor, user = actor_of(request), _user(request)
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is not None:
        left = _recovery_codes_left(user)
        return page(
            request, "people/second_factor_on.html", tab="second_factor", app=app, left=left
        )
    require_recent(actor, timezone.now())
    secret = request.session.get(_SECRET) or generate_totp_secret()
    form = CodeEntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = services.enable_second_factor(
                secret, form.cleaned_data["code"], actor=actor, at=timezone.now()
            )
        except RuleViolation as error:
            show_violations(form, error)
        else:
            request.session.pop(_SECRET, None)
            return page(request, "people/recovery_codes.html", tab="second_factor", codes=codes)
    request.session[_SECRET] = secret
    return page(
        request,
        "people/second_factor_off.html",
        form,
        tab="second_factor",
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        picture=_qr_picture(user, secret),
    )


def _qr_picture(user: User, secret: str) -> str:
    """The code for the phone's camera, as an image that the content policy allows."""
    adapter = get_mfa_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _recovery_codes_left(user: User) -> int:
    held = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(held.wrap().get_unused_codes()) if held else 0


@signed_in
@require_POST
def second_factor_disable(request: HttpRequest) -> HttpResponse:
    """Turn the second factor off."""
    services.disable_second_factor(actor=actor_of(request), at=timezone.now())
    messages.success(request, gettext("The second factor is off."))
    return redirect("people:second_factor")


@signed_in
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them once."""
    codes = services.renew_recovery_codes(actor=actor_of(request), at=timezone.now())
    return page(request, "people/recovery_codes.html", tab="second_factor", codes=codes)


# Sessions -----------------------------------------------------------------------------------------
@signed_in
@require_http_methods(["GET"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Show where one is signed in."""
    actor = actor_of(request)
    rows = queries.list_open_sessions(_user(request).pk, timezone.now())
    listed = [
        {
            "session": row,
            "device": queries.describe_device(row.user_agent),
            "is_here": row.session_key == actor.session_key,
        }
        for row in rows
    ]
    return page(request, "people/sessions.html", tab="sessions", sessions=listed)


@signed_in
@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one session of the list."""
    services.end_own_session(pk, actor=actor_of(request), at=timezone.now())
    messages.success(request, gettext("The session was ended."))
    return redirect("people:sessions")


@signed_in
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    services.end_other_sessions(actor=actor_of(request), at=timezone.now())
    messages.success(request, gettext("All other sessions were ended."))
    return redirect("people:sessions")


# Tokens -------------------------------------------------------------------------------------------
@signed_in
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's API tokens, or issue one and show its key this once."""
    actor = actor_of(request)
    at = timezone.now()
    require_recent(actor, at)
    form = TokenForm(request.POST or None)
    key = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        wanted = NewToken(values["name"], form.scopes(), values["days"])
        try:
            _token, key = services.issue_token(_user(request).pk, wanted, actor=actor, at=at)
        except RuleViolation as error:
            show_violations(form, error)
        else:
            form = TokenForm()
    listed = queries.list_tokens(_user(request).pk, at)
    return page(request, "people/tokens.html", form, tab="tokens", tokens=listed, key=key)


@signed_in
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one token."""
    services.revoke_token(pk, actor=actor_of(request), at=timezone.now())
    messages.success(request, gettext("The token was revoked."))
    return HttpResponseRedirect(reverse("people:tokens"))
