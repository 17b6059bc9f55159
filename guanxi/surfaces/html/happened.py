"""What has happened to the records a page shows, for browsers whose stream does not come."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from guanxi.kernel.errors import NotFound
from guanxi.surfaces import live_topics
from guanxi.surfaces.html.requests import actor_of, now, signed_in
from guanxi.surfaces.parsing import is_number


@require_GET
@signed_in
def happened(request: HttpRequest) -> HttpResponse:
    """The same occurrences as the live stream tells, since an event."""
    actor = actor_of(request)
    try:
        topics = live_topics.read_topics(request.GET.get("topics", ""))
    except live_topics.NoSuchTopic:
        raise NotFound from None
    if not live_topics.may_follow(actor, topics):
        raise NotFound
    written = request.GET.get("after", "")
    after = int(written) if is_number(written) else 0
    newest = live_topics.latest_event()
    at = now()
    present = live_topics.read_editing(topics, at) + live_topics.read_standings(topics, at)
    events = live_topics.read_events(topics, after) if after else []
    found = [
        {"name": each.name, "topic": str(topic), **each.data}
        for each in [*events, *present]
        for topic in topics
        if str(topic) in each.topics and live_topics.may_hear(actor, each, topic)
    ]
    # Not beyond what was read: an event that is still being written must not be skipped.
    reached = max([after or newest, *(each.event_id for each in events)])
    answer = JsonResponse({"after": reached, "happened": found})
    answer["Cache-Control"] = "private, no-store"
    return answer
