"""Pages of to-dos and promises beside the generic ones."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from guanxi.commitments import forms
from guanxi.customers.models import Customer
from guanxi.kernel.access import get_visible
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.html.once import make_once
from guanxi.surfaces.html.requests import actor_of, allows, go, now
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record


@require_POST
@allows("commitments.create")
def add_to_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down on a customer's page what is to be done, or was promised (VIS-6)."""
    actor, at = actor_of(request), now()
    get_visible(actor, "customers.view", Customer.objects.all(), pk=pk)
    record_type, page = get_record_type("commitments.commitment"), f"/customers/{pk}/"
    try:
        values = forms.read_line(request.POST, pk, actor)
        make_once(request, lambda: create_record(record_type, values, actor=actor, at=at))
    except RuleViolation as error:
        return go(request, f"{page}#related", told=error.violations[0].text, failed=True)
    return go(request, f"{page}#related", told=gettext("Written down"))
