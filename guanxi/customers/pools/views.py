"""The pages of pools that are no plain record pages."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.customers.pools import candidates, panels, services
from guanxi.customers.pools.models import Pool, PoolRule
from guanxi.kernel.access import get_visible
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, in_box, now
from guanxi.surfaces.html.widgets import Controls, Slot
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import get_record_type

PAGE = 50


@require_GET
@allows("pool_rules.view")
def chosen(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Whom a rule would release or warn tonight and why, page by page."""
    actor, at = actor_of(request), now()
    rule = get_visible(actor, "pool_rules.view", PoolRule.objects.all(), pk=pk)
    rows = panels.chosen(rule, kind, actor, at).order_by("pk")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: PAGE + 1])
    is_more = len(found) > PAGE
    titles = {
        "tonight": gettext("Would be released tonight"),
        "warn": gettext("Owners would be warned tonight"),
    }
    context = {
        "title": titles[kind],
        "rows": found[:PAGE],
        "why": candidates.why(rule),
        "more_url": f"?after={found[PAGE - 1].pk}" if is_more else "",
        "back_url": f"/pool-rules/{rule.pk}/",
    }
    return in_box(request, "customers/pools/_chosen.html", context)


# The board of a pool ------------------------------------------------------------------------------
COLUMNS = ("name", "tier", "industry", "province", "last_order_on", "phone")


@require_GET
@allows("pools.view")
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """The customers of a pool, each to be claimed where it stands."""
    return _board(request, pk, [])


@require_POST
@allows("customers.claim")
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim one or several, or assign them; what was refused is said of each."""
    actor, at = actor_of(request), now()
    get_visible(actor, "pools.view", Pool.objects.all(), pk=pk)
    alone = request.POST.get("one", "")
    given = [alone] if alone else request.POST.getlist("id")
    ids = [int(each) for each in given if is_number(each)][: services.MOST]
    if not ids:
        return go(request, _url(pk), told=gettext("Select some rows first."), failed=True)
    to_user = request.POST.get("to_user", "")
    if request.POST.get("verb") == "assign" and not alone:
        if not is_number(to_user):
            told = gettext("Choose to whom the customers are assigned.")
            return go(request, _url(pk), told=told, failed=True)
        found = services.assign_many(ids, to_user=int(to_user), actor=actor, at=at)
    else:
        found = services.claim_many(ids, actor=actor, at=at)
    refused = [each for each in found if each.refusal]
    if not refused:
        count = len(found)
        told = ngettext("%(n)s customer taken", "%(n)s customers taken", count) % {"n": count}
        return go(request, _url(pk), told=told)
    return _board(request, pk, found)


def _url(pk: int) -> str:
    return f"/pools/{pk}/board/"


def _board(request: HttpRequest, pk: int, taken: Sequence[services.Taken]) -> HttpResponse:
    actor, at = actor_of(request), now()
    pool = get_visible(actor, "pools.view", Pool.objects.all(), pk=pk)
    listing = Listing(get_record_type("customers.customer"), actor, at=at)
    columns = tuple(name for name in COLUMNS if name in listing.fields)
    after = request.GET.get("after", "")
    page = listing.page(ListRequest(filters={"pool": str(pk)}, columns=columns, after=after))
    formatter = Formatter(actor, at)
    rows = [
        {
            "pk": row.pk,
            "name": row.values["name"],
            "cells": [
                (column.label if column.type == "date" else "", shown)
                for column in page.columns[1:]
                if (shown := formatter.html(column, row.values[column.name]))
            ],
        }
        for row in page.rows
    ]
    context: dict[str, Any] = {
        "title": pool.name,
        "pool": pool,
        "rows": rows,
        "more_url": f"?after={page.next_cursor}" if page.next_cursor else "",
        "url": f"/pools/{pk}/take/",
        "taken": [each for each in taken if not each.refusal],
        "refused": [each for each in taken if each.refusal],
        "can_claim": actor.can("customers.claim"),
        "receiver": _receiver(request) if actor.can("customers.assign") else None,
    }
    status = 422 if taken and not context["taken"] else 200
    return answer(request, "customers/pools/board.html", context, status=status)


def _receiver(request: HttpRequest) -> Any:
    """The control in which the receiver of an assignment is chosen."""
    verb = get_record_type("customers.customer").verb("assign")
    field = next(f for f in verb.fields if f.name == "to_user") if verb else None
    if field is None:
        return None
    slot = Slot("to_user", "to_user", label=str(field.label))
    return Controls(actor_of(request)).control(field, None, slot)
