"""Pages of complaints beside the generic ones."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.complaints import messages, papers, queries, services, statistics
from guanxi.complaints.choices import Satisfaction
from guanxi.complaints.limits import guessers
from guanxi.kernel import files as store
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.text import clean_text
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.once import make_once
from guanxi.surfaces.html.requests import (
    actor_of,
    allows,
    answer,
    go,
    in_box,
    now,
    open_to_all,
)


# Evidence -----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allows("complaints.add_evidence")
def add_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file into a complaint's file, through the gate of every upload."""
    actor, at = actor_of(request), now()
    complaint = queries.get_complaint(pk, actor, "complaints.add_evidence")
    page, error = f"/complaints/{pk}/", ""
    if request.method == "POST":
        try:
            given = request.FILES.get("file")
            if given is None:
                raise RuleViolation("no_file", messages.NO_FILE, "file")
            accepted = store.accept_upload(
                given, given.name or "", max_bytes=settings.UPLOAD_MAX_BYTES
            )
            text = request.POST.get("text", "")
            make_once(
                request,
                lambda: services.add_evidence(pk, accepted=accepted, text=text, actor=actor, at=at),
            )
        except RuleViolation as refused:
            error = refused.violations[0].text
        else:
            return go(request, page, told=gettext("Filed"))
    context = {
        "complaint": complaint,
        "title": gettext("Add evidence"),
        "error": error,
        "typed": request.POST.get("text", ""),
    }
    return in_box(request, "complaints/_add_evidence.html", context, status=422 if error else 200)


@require_GET
@allows("complaints.download", is_hidden=True)
def open_evidence(request: HttpRequest, pk: int, entry_id: int) -> HttpResponseBase:
    """A file of a complaint, to be kept and never run; who opened it is written down."""
    stored = services.open_evidence(pk, entry_id=entry_id, actor=actor_of(request), at=now())
    return hand_out(stored)


# On paper -----------------------------------------------------------------------------------------
@require_GET
@allows("complaints.print")
def show_paper(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The investigation report or the reply letter on A4."""
    actor, at = actor_of(request), now()
    complaint = services.note_printed(pk, name=name, actor=actor, at=at)
    context = papers.write(name, complaint, actor, at, request.GET.get("template", ""))
    return answer(request, f"complaints/{name}.html", context)


# How the handling was -----------------------------------------------------------------------------
@require_POST
@allows("complaints.invite")
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the link by which the customer answers once; it is shown this once."""
    try:
        key = services.invite_customer(pk, actor=actor_of(request), at=now())
    except RuleViolation as refused:
        return go(request, f"/complaints/{pk}/", told=refused.text, failed=True)
    link = f"{settings.SITE_URL.rstrip('/')}/complaints/answer/{key}/"
    context = {"link": link, "back": f"/complaints/{pk}/"}
    return answer(request, "complaints/invite.html", context)


@require_http_methods(["GET", "POST"])
@open_to_all
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's one answer, without signing in; any other link is as if it were none."""
    actor, at = actor_of(request), now()
    guessers.take(actor.ip)
    link = services.find_link(token, at=at)
    context: dict[str, Any] = {
        "number": link.complaint.number,
        "choices": Satisfaction.choices,
        "token": token,
    }
    given = request.POST.get("satisfaction", "")
    if request.method == "POST" and given in Satisfaction.values:
        comment = clean_text(request.POST.get("comment", "")[:1000], multiline=True)
        services.rate_handling(token, satisfaction=given, comment=comment, actor=actor, at=at)
        context["is_done"] = True
    response = answer(request, "complaints/rate.html", context)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_GET
@allows("complaints.statistics")
def show_statistics(request: HttpRequest) -> HttpResponse:
    """One month in figures, without a single complaint."""
    formatter = Formatter(actor_of(request), now())
    month = statistics.month_of(request.GET.get("month", ""), formatter.today)
    context = dict(statistics.read_figures(month, formatter))
    context["can_add"] = formatter.actor.can("commitments.create")
    return answer(request, "complaints/statistics.html", context)
