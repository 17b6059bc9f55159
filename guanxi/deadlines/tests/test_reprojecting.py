"""A notice or a calendar changes: a rehearsal tells, then running clocks move (J01, J04)."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.deadlines import clock_queries, services
from guanxi.deadlines.models import Calendar, Clock
from guanxi.deadlines.services import Measure, Promise, Target
from guanxi.deadlines.tests.test_calendars import made, notice, office
from guanxi.deadlines.tests.test_clocks import KIND, SYSTEM
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Run
from guanxi.people.models import Department

pytestmark = pytest.mark.django_db
#: The Tuesday before 1 January 2027, a Friday; whatever the day of the test is.
BEGUN = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)
NOTICE = "2027-01-01,holiday,元旦\n2027-01-03,workday,元旦调休"


@pytest.fixture
def department():
    office()
    return Department.objects.create(name="客服部", created_at=BEGUN, updated_at=BEGUN)


def start(department, days, key=""):
    promise = Promise(Target(Measure.BUSINESS_DAYS, days))
    return services.start_clock(department, KIND, promise=promise, key=key, actor=SYSTEM, at=BEGUN)


def due(clock):
    return Clock.objects.get(pk=clock.pk).due_at


def done():
    assert execute_due(at=datetime.now(UTC))
    run = Run.objects.order_by("-finished_at").first()
    assert run.state == "done", run.error
    return run.result


def test_publishing_moves_running_clocks_after_a_rehearsal(department, company):
    early, late = start(department, 2, "early"), start(department, 4, "late")
    assert late.is_provisional
    before = [due(clock) for clock in (early, late)]
    admin, at = company.actor("administrator"), datetime.now(UTC)
    draft = notice(NOTICE)
    with pytest.raises(RuleViolation) as refused:
        services.publish_notice(draft.pk, actor=admin, at=at)
    assert refused.value.code == "rehearse_first"
    services.rehearse_notice(draft.pk, actor=admin, at=at)
    told = done()
    assert (told["changed"], told["unchanged"]) == (1, 1)
    assert [due(clock) for clock in (early, late)] == before
    services.publish_notice(draft.pk, actor=admin, at=at)
    assert done()["changed"] == 1
    moved = Clock.objects.get(pk=late.pk)
    assert (due(early), moved.due_at.isoformat()) == (before[0], told["sample"][0]["new"])
    assert not moved.is_provisional
    assert [row.kind for row in moved.entries.order_by("id")] == ["start", "calendar_changed"]
    assert clock_queries.get_state(moved, BEGUN).due_at == clock_queries.ticks_of(moved.due_at)


def test_a_rehearsal_is_for_the_draft_as_it_is(department, company):
    start(department, 4)
    admin, at = company.actor("administrator"), datetime.now(UTC)
    draft = notice(NOTICE)
    services.rehearse_notice(draft.pk, actor=admin, at=at)
    done()
    type(draft).objects.filter(pk=draft.pk).update(updated_at=at + timedelta(seconds=1))
    with pytest.raises(RuleViolation):
        services.publish_notice(draft.pk, actor=admin, at=at + timedelta(seconds=2))


def test_a_changed_calendar_moves_only_what_runs_by_it_and_moves_it_once(department, company):
    clock = start(department, 2)
    other = made("calendar", name="另一个", mon="09:00-18:00")
    stopped = start(department, 2, "stopped")
    services.stop_clock(department, KIND, key="stopped", actor=SYSTEM, at=BEGUN)
    admin, at = company.actor("administrator"), datetime.now(UTC) - timedelta(seconds=20)
    calendar = Calendar.objects.exclude(pk=other.pk).get()
    made("calendarday", calendar=calendar.pk, day="2026-12-30", hours="")
    services.rehearse_calendar(calendar.pk, actor=admin, at=at + timedelta(seconds=9))
    assert done()["changed"] == 1
    for expected in (1, 0):
        services.move_calendar(calendar.pk, actor=admin, at=at + timedelta(seconds=10))
        assert done()["changed"] == expected
    assert clock.entries.count() == 2
    assert stopped.entries.count() == 2
    assert due(clock) == datetime(2027, 1, 4, 10, 0, tzinfo=UTC)


def test_only_who_may_moves_clocks(department, company):
    calendar = Calendar.objects.get()
    with pytest.raises(Denied):
        services.rehearse_calendar(calendar.pk, actor=company.actor("head"), at=BEGUN)
