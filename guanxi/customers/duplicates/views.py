"""Pages: asking to cooperate on a colleague's customer; making two customers one."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.customers.duplicates import jobs, queries
from guanxi.customers.duplicates.page import MergePage, list_alike, list_past
from guanxi.customers.duplicates.services import merging, requests, undoing
from guanxi.customers.duplicates.services.merging import Merging
from guanxi.customers.models import Customer
from guanxi.kernel.access import get_allowed
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.list_query import parameters
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, in_box, now
from guanxi.surfaces.parsing import is_number

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


# Merging ------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allows("customers.merge")
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose another customer, then field by field what is kept; then make them one."""
    actor, at = actor_of(request), now()
    given = parameters(request.POST if request.method == "POST" else request.GET)
    rows = Customer.objects.filter(merged_into=None)
    customer = get_allowed(actor, "customers.merge", rows, seen_by="customers.view", pk=pk)
    word = given.get("with", "").strip()[:40]
    other = queries.find_by_word(word, actor) if word else None
    if other is None or other.pk == pk:
        return _choose(request, customer, word)
    survivor, loser = queries.get_pair(pk, other.pk, actor)
    if request.method == "POST":
        asked = Merging(
            survivor.pk, loser.pk, _version(given, "version"), _version(given, "other_version"),
            {n.removeprefix("pick."): v for n, v in given.items() if n.startswith("pick.")},
        )  # fmt: skip
        merging.merge_customers(asked, actor=actor, at=at)
        return go(request, f"/customers/{pk}/", told=gettext("Merged"))
    page = MergePage(survivor, loser, actor, at)
    return answer(request, "customers/duplicates/merge.html", {"page": page})


def _version(given: Mapping[str, str], name: str) -> int | None:
    written = given.get(name, "")
    return int(written) if is_number(written) else None


def _choose(request: HttpRequest, customer: Customer, word: str) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "customer": customer,
        "word": word,
        "alike": list_alike(customer, actor),
        "past": list_past(customer.pk, Formatter(actor, now())),
    }
    return answer(request, "customers/duplicates/choose.html", context)


@require_POST
@allows("customers.merge")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back, and say what was kept."""
    made = undoing.undo_merge(pk, actor=actor_of(request), at=now())
    return go(request, f"/customers/{made.survivor_id}/merge/", told=gettext("Taken back"))


# The scan -----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allows("duplicate_pairs.scan")
def scan(request: HttpRequest) -> HttpResponse:
    """Look for duplicates now, or stop looking."""
    actor, at = actor_of(request), now()
    if request.method == "POST":
        given = parameters(request.POST)
        if given.get("cancel"):
            jobs.stop_scan(given["cancel"], actor=actor, at=at)
            return go(request, "/duplicate-pairs/scan/", told=gettext("Stopped"))
        started = jobs.start_scan(is_full=given.get("what") == "all", actor=actor, at=at)
        told = gettext("Begun") if started else gettext("A scan is under way already.")
        return go(request, "/duplicate-pairs/scan/", told=told)
    formatter = Formatter(actor, at)
    context = {"runs": [jobs.shown_run(run, formatter.when) for run in jobs.list_runs()]}
    return answer(request, "customers/duplicates/scan.html", context)
