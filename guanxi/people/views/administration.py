"""Pages for administrators: the rights of a role, the company and its sign-in rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel import access as kernel_access
from guanxi.kernel.access import get_visible, require, require_recent
from guanxi.kernel.actor import Level, Reach
from guanxi.kernel.errors import BadRequest, RuleViolation, StaleVersion
from guanxi.people import access, queries, services
from guanxi.people.forms import OrganisationForm
from guanxi.people.models import Role, UserSession
from guanxi.people.views.pages import back, page, show_violations
from guanxi.surfaces.html.requests import actor_of, signed_in


# Roles --------------------------------------------------------------------------------------------
@signed_in
@require_http_methods(["GET", "POST"])
def role_rights(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the matrix of a role: permission by reach, field group by level."""
    actor = actor_of(request)
    role = get_visible(actor, access.VIEW_ROLES, Role.objects.all(), pk=pk)
    require(actor, access.CHANGE_ROLES, role)
    require_recent(actor, timezone.now())
    grants, levels = queries.list_role_matrix(role)
    problems: list[str] = []
    if request.method == "POST":
        grants, levels = _chosen(request, "grant", Reach), _chosen(request, "level", Level)
        try:
            services.change_role_grants(
                role.pk,
                grants=grants,
                levels=levels,
                version=_version(request),
                actor=actor,
                at=timezone.now(),
            )
        except RuleViolation as error:
            problems = [broken.text for broken in error.violations]
        except StaleVersion:
            problems = [gettext("Somebody else changed the role meanwhile. Check and save again.")]
            role.refresh_from_db()
        else:
            messages.success(request, gettext("Saved. It counts from everybody's next click."))
            return redirect("people:role_rights", pk=role.pk)
    context = {"role": role, "problems": problems, **_matrix(grants, levels)}
    response = page(request, "people/role_rights.html", **context)
    response.status_code = 422 if problems else 200
    return response


def _version(request: HttpRequest) -> int:
    written = request.POST.get("version", "")
    if not written.isascii() or not written.isdigit() or len(written) > 9:
        raise BadRequest("bad_version", gettext("The version is missing."))
    return int(written)


def _chosen(request: HttpRequest, kind: str, words: type[Any]) -> dict[str, Any]:
    """The chosen cells of one half of the matrix; an empty choice grants nothing."""
    chosen: dict[str, Any] = {}
    for name, value in request.POST.items():
        head, _colon, code = name.partition(":")
        if head == kind and value:
            try:
                chosen[code] = words(int(str(value)))
            except ValueError:
                chosen[code] = str(value)[:20]
    return chosen


def _matrix(grants: Mapping[str, Any], levels: Mapping[str, Any]) -> dict[str, Any]:
    areas: dict[str, list[dict[str, Any]]] = {}
    for code, declared in sorted(queries.grantable_permissions().items(), key=queries.by_area):
        row = {"code": code, "label": declared.label, "reach": grants.get(code)}
        areas.setdefault(queries.area_of(code), []).append(row)
    groups = kernel_access.groups()
    return {
        "reaches": list(Reach),
        "areas": [
            {"key": a.replace(".", "-"), "label": queries.area_label(a), "rows": rows}
            for a, rows in areas.items()
        ],
        "level_choices": list(Level),
        "groups": [
            {"name": n, "label": g.label, "level": levels.get(n, Level.HIDDEN)}
            for n, g in groups.items()
        ],
    }


# Other people's sessions and tokens ---------------------------------------------------------------
@signed_in
@require_POST
def user_session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one session of another user."""
    actor = actor_of(request)
    require(actor, access.END_SESSIONS)
    session = UserSession.objects.filter(pk=pk).select_related("user").first()
    if session is not None:
        require(actor, access.END_SESSIONS, session.user)
        services.end_session(session.session_key, reason="forced", actor=actor, at=timezone.now())
    return back(request, "/users/")


@signed_in
@require_POST
def user_token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a token of another user."""
    services.revoke_token(pk, actor=actor_of(request), at=timezone.now())
    return back(request, "/users/")


# The company --------------------------------------------------------------------------------------
@signed_in
@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """Edit the company's names and its password rules."""
    actor, at = actor_of(request), timezone.now()
    require(actor, access.CHANGE_ORGANISATION)
    require_recent(actor, at)
    company = queries.get_organisation()
    given = {
        "name": company.name,
        "short_names": company.short_names,
        "password_profile": company.password_profile,
    }
    form = OrganisationForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_organisation(form.cleaned_data, actor=actor, at=at)
        except RuleViolation as error:
            show_violations(form, error)
        else:
            messages.success(request, gettext("Saved"))
            return redirect("people:organisation")
    return page(request, "people/organisation.html", form)
