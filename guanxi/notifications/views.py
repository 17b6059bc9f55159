"""What one is told: the page behind the bell, and how one wants to be told."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.kernel.errors import RuleViolation
from guanxi.notifications import queries, services
from guanxi.notifications.choices import Channel, MailMode
from guanxi.notifications.declarations import kinds
from guanxi.notifications.models import Notification
from guanxi.notifications.telling import tell_all
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, answer, go, now, signed_in
from guanxi.surfaces.parsing import is_number

MOST_NEW: Final = 200
EARLIER: Final = 50


@require_GET
@signed_in
def show_notifications(request: HttpRequest) -> HttpResponse:
    """What waits, by kind, the newest first; below it what was read or is settled."""
    actor, at = actor_of(request), now()
    formatter = Formatter(actor, at)

    def shown(rows: list[Notification]) -> list[dict[str, Any]]:
        told = tell_all(rows, actor, at)
        return [{**asdict(each), "when": formatter.when(each.at)} for each in told]

    earlier = queries.list_earlier(actor, at)
    mark = _mark(request.GET.get("before", ""))
    if mark:
        earlier = queries.list_before(earlier, queries.get_own(actor, at, mark))
    unread = list(queries.list_unread(actor, at)[:MOST_NEW])
    rows = list(earlier[: EARLIER + 1])
    context = {
        "title": gettext("Messages"),
        "groups": [] if mark else list(_groups(shown(unread))),
        "earlier": shown(rows[:EARLIER]),
        "older": str(rows[EARLIER - 1].pk) if len(rows) > EARLIER else "",
        "is_first": not mark,
    }
    return answer(request, "notifications/notifications.html", context)


def _mark(written: str) -> str:
    try:
        return str(UUID(written)) if written else ""
    except ValueError:
        return ""


def _groups(shown: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """By kind, in the order in which the kinds come first."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for each in shown:
        by_kind.setdefault(each["kind"], []).append(each)
    for rows in by_kind.values():
        yield {"label": rows[0]["label"], "rows": rows}


@require_POST
@signed_in
def read(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that one has read it; with `open`, go on to what it is about."""
    actor, at = actor_of(request), now()
    row = services.mark_read(str(pk), actor=actor, at=at)
    url = tell_all([row], actor, at)[0].url if "open" in request.POST else ""
    return go(request, url or "/notifications/")


@require_POST
@signed_in
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that one has read everything."""
    services.mark_all_read(actor=actor_of(request), at=now())
    return go(request, "/notifications/")


@require_http_methods(["GET", "POST"])
@signed_in
def wishes(request: HttpRequest) -> HttpResponse:
    """Choose when mails come, and by which ways each kind does."""
    actor = actor_of(request)
    if request.method == "POST":
        chosen = {code: request.POST.get(f"kind:{code}", Channel.ALL) for code in kinds()}
        hour = request.POST.get("hour", "")
        try:
            services.set_wishes(
                request.POST.get("mode", ""),
                int(hour) if is_number(hour) else 8,
                chosen,
                actor=actor,
                at=now(),
            )
        except RuleViolation as refused:
            return go(request, "/me/notifications/", told=refused.text, failed=True)
        return go(request, "/me/notifications/", told=gettext("Saved"))
    return answer(request, "notifications/wishes.html", _wishes(actor.user_id or 0))


def _wishes(user_id: int) -> dict[str, Any]:
    wish = queries.get_wish(user_id)
    return {
        "tab": "notifications",
        "wish": wish,
        "modes": MailMode.choices,
        "hours": range(24),
        "has_mail": bool(settings.EMAIL_HOST),
        "kinds": [
            {
                "code": kind.code,
                "label": kind.label,
                "channel": wish.kinds.get(kind.code, Channel.ALL),
                "channels": [c for c in Channel.choices if not (kind.urgent and c[0] == "none")],
            }
            for kind in kinds().values()
        ],
    }
