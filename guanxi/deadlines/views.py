"""Pages of deadlines that are no plain record pages: what is due next."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from guanxi.deadlines import clock_queries, panels
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, allows, answer, now


@require_GET
@allows("clocks.view")
def due(request: HttpRequest) -> HttpResponse:
    """Every running deadline in sight, what is due next first."""
    actor, at = actor_of(request), now()
    is_mine = request.GET.get("whose") == "mine"
    after = request.GET.get("after", "")
    page = clock_queries.list_due(actor, at, is_mine=is_mine, after=after)
    clocks = clock_queries.get_in_order([row.pk for row in page.rows])
    formatter = Formatter(actor, at)
    whose = {"whose": "mine"} if is_mine else {}
    following = urlencode({**whose, "after": page.next_cursor}) if page.next_cursor else ""
    context = {
        "title": gettext("What is due next"),
        "rows": [panels.row_of(clock, formatter) for clock in clocks],
        "tabs": [
            {"label": gettext("All that I see"), "url": "?", "current": not is_mine},
            {"label": gettext("Only mine"), "url": "?whose=mine", "current": is_mine},
        ],
        "next_url": f"?{following}" if following else "",
        "list_url": "/clocks/?view=",
    }
    return answer(request, "deadlines/queue.html", context)
