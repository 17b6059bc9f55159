"""The picture of how right entries are (CUS-8)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from guanxi.customers.sampling.picture import Picture
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, allows, answer, now


@require_GET
@allows("entry_checks.view")
def accuracy(request: HttpRequest) -> HttpResponse:
    """Half a year of checks: each person's months, and the total, against the target."""
    picture = Picture(Formatter(actor_of(request), now()))
    return answer(request, "customers/sampling/accuracy.html", {"picture": picture})
