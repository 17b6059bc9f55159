"""Pages: asking to cooperate on a colleague's customer, and what was asked."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.customers.duplicates import queries
from guanxi.customers.duplicates.services import requests
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.list_query import parameters
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, in_box, now

_TYPED = ("name", "credit_code")


@require_http_methods(["GET", "POST"])
@allows("customers.create")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask to cooperate on a customer that looks like the one typed."""
    given = parameters(request.POST if request.method == "POST" else request.GET)
    typed = {name: given.get(name, "")[:200] for name in _TYPED}
    handle, message = given.get("hit", "")[:100], given.get("message", "")
    errors: list[str] = []
    if request.method == "POST":
        try:
            requests.ask_to_cooperate(
                typed, handle=handle, message=message[:1000], actor=actor_of(request), at=now()
            )
            return go(request, "/customers/requests/", told=gettext("Asked"))
        except RuleViolation as error:
            errors = [each.text for each in error.violations]
    context = {
        "title": gettext("Ask to cooperate"),
        "typed": typed,
        "handle": handle,
        "message": message,
        "errors": errors,
    }
    status = 422 if errors else 200
    return in_box(request, "customers/duplicates/_ask.html", context, status=status)


@require_GET
@allows("customers.view")
def asked(request: HttpRequest) -> HttpResponse:
    """What colleagues ask about my customers, and what I asked about theirs."""
    actor = actor_of(request)
    formatter = Formatter(actor, now())
    mine = [
        {**row, "when": formatter.when(row["asked_at"])} for row in queries.list_asked_by(actor)
    ]
    of_me = [
        {"request": each, "when": formatter.when(each.asked_at)}
        for each in queries.list_asked_of(actor)[:100]
    ]
    return answer(request, "customers/duplicates/requests.html", {"mine": mine, "of_me": of_me})


@require_POST
@allows("customers.change")
def answer_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or decline a colleague's request."""
    given = parameters(request.POST)
    requests.answer_request(
        pk,
        is_accepted=given.get("decision") == "accept",
        answer=given.get("answer", "")[:1000],
        actor=actor_of(request),
        at=now(),
    )
    return go(request, "/customers/requests/", told=gettext("Answered"))
