"""Pages of complaints beside the generic ones."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.complaints import messages, papers, queries, services
from guanxi.kernel import files as store
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.html.once import make_once
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, in_box, now


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
    context = papers.write(name, complaint, actor, at)
    return answer(request, f"complaints/{name}.html", context)
