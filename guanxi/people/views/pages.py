"""What the pages of people share: forms with their broken rules, and the way back."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from guanxi.kernel.errors import RuleViolation


def show_violations(form: Form, error: RuleViolation) -> None:
    """Put broken rules at the fields of a form, or above it."""
    for broken in error.violations:
        field = broken.field if broken.field in form.fields else None
        form.add_error(field, broken.text)


def page(
    request: HttpRequest, template: str, form: Form | None = None, **context: Any
) -> HttpResponse:
    """Render a page; a form with errors answers 422, one that is far too long 400."""
    status = 200
    if form is not None and form.errors:
        status = 400 if _is_too_long(form) else 422
    response = render(request, template, {"form": form, **context}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _is_too_long(form: Form) -> bool:
    """Whether somebody sent what no person types (E12)."""
    problems = [problem for errors in form.errors.as_data().values() for problem in errors]
    return any(problem.code == "max_length" for problem in problems)


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """Return to the page that posted, when it is one of ours."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(referer)
    return HttpResponseRedirect(otherwise)
