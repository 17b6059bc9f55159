"""The pages of RFM groups and of insight; ratings, models and runs have the generic pages."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from guanxi.segments.lifecycle.dashboard import Dashboard
from guanxi.segments.rfm_page import RfmPage
from guanxi.surfaces.html.requests import actor_of, allows, answer


@require_GET
@allows("standings.view")
def show_rfm(request: HttpRequest) -> HttpResponse:
    """How recently, how often and for how much customers buy, in one picture (SEG-1)."""
    page = RfmPage(actor_of(request), request.GET.get("rating", ""))
    return answer(request, "segments/rfm.html", {"page": page})


@require_GET
@allows("stage_standings.view")
def show_insight(request: HttpRequest) -> HttpResponse:
    """Who the customers are, what they are worth, who is leaving (SEG-5, SEG-6)."""
    page = Dashboard(actor_of(request), request.GET.get("run", ""))
    return answer(request, "segments/lifecycle/insight.html", {"page": page})
