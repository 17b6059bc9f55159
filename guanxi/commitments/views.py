"""Pages of to-dos and promises beside the generic ones."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from guanxi.commitments import feeds, forms
from guanxi.commitments.calendar import CalendarPage, Wanted
from guanxi.commitments.models import CalendarFeed
from guanxi.commitments.services import feeds as feed_services
from guanxi.customers.models import Customer
from guanxi.kernel.access import get_visible
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.once import make_once
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, now, open_to_all
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


@require_GET
@allows("commitments.view")
def show_calendar(request: HttpRequest) -> HttpResponse:
    """What is due when: a month, a week, a day, or what lies ahead."""
    actor = actor_of(request)
    formatter = Formatter(actor, now())
    wanted = Wanted.read(request.GET.dict(), formatter.today)
    context = {"page": CalendarPage(wanted, actor, formatter)}
    return answer(request, "commitments/calendar.html", context)


# The calendar for other programs ------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@allows("commitments.view")
def show_feed(request: HttpRequest) -> HttpResponse:
    """Whether there is a link to one's calendar; a new one is shown this once."""
    actor, at, link = actor_of(request), now(), ""
    if request.method == "POST":
        key = feed_services.make_feed(actor=actor, at=at)
        link = f"{settings.SITE_URL.rstrip('/')}/calendar/feed/{key}.ics"
    feed = CalendarFeed.objects.filter(user_id=actor.user_id or 0).first()
    formatter = Formatter(actor, at)
    context = {
        "feed": feed,
        "link": link,
        "made": formatter.moment(feed.made_at) if feed else "",
        "read": formatter.moment(feed.read_at) if feed and feed.read_at else "",
    }
    return answer(request, "commitments/feed.html", context)


@require_POST
@allows("commitments.view")
def revoke_feed(request: HttpRequest) -> HttpResponse:
    """Take the link to one's calendar back."""
    feed_services.revoke_feed(actor=actor_of(request), at=now())
    return go(request, "/calendar/feed/", told=gettext("The link no longer works"))


@require_safe
@open_to_all
def read_feed(request: HttpRequest, token: str) -> HttpResponse:
    """One's calendar, for whichever program has the link; any other key is as if it were none."""
    at = now()
    feed, actor = feeds.get_feed(token, actor_of(request).ip)
    written = feeds.write_feed(actor, at)
    feed_services.note_feed_read(feed, at=at)
    response = HttpResponse(written, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = 'inline; filename="guanxi.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response
