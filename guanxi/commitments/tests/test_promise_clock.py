"""A promise runs on a clock: latched at the promised moment, moved only with a reason (VIS-6)."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.commitments import services
from guanxi.commitments.clocks import PROMISE
from guanxi.commitments.jobs import bring_on_promises
from guanxi.commitments.models import Commitment
from guanxi.commitments.tests.factories import AT, TYPE, promise, todo
from guanxi.deadlines.models import Clock
from guanxi.deadlines.services import start_clock, start_clocks, sweep
from guanxi.deadlines.tests.test_policies import policy
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.outbox import deliver_due
from guanxi.notifications.models import Notification
from guanxi.surfaces.services import change_record
from tests.fixtures.company import model, stamps

pytestmark = pytest.mark.django_db
DUE, HOUR = AT + timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def sales(company):
    return company.actor("sales")


@pytest.fixture
def given(company, sales):
    return promise(sales, company.of("sales", "own").customer)


def clock(**lookup):
    return Clock.objects.filter(kind=PROMISE, **lookup).latest("pk")


def reschedule(given, sales, due_at, at=AT, **more):
    return services.reschedule_commitment(
        given.pk, due_at=due_at, version=None, actor=sales, at=at, **more
    )


def test_only_a_promise_has_a_clock_and_it_ends_when_the_customer_was_told(sales, given):
    todo(sales)
    assert Clock.objects.count() == 1
    assert (clock().due_at, clock().owner_id, clock().phase) == (DUE, sales.user_id, "running")
    services.complete_commitment(given.pk, actor=sales, at=DUE - HOUR)
    assert clock().phase == "running"
    services.tell_customer(given.pk, told="电话", actor=sales, at=DUE)
    assert (clock().phase, clock().outcome) == ("stopped", "met")


def test_a_to_do_that_becomes_a_promise_gets_one(company, sales):
    customer = company.of("sales", "own").customer
    made = todo(sales, customer=customer.pk)
    change_record(TYPE(), made.pk, {"kind": "promise"}, version=1, actor=sales, at=AT)
    assert clock().due_at == DUE


def test_what_was_agreed_moves_it_with_a_reason_and_without_grace(sales, given):
    with pytest.raises(RuleViolation, match="why_later"):
        reschedule(given, sales, DUE + HOUR)
    with pytest.raises(RuleViolation, match="agree_first"):
        change_record(TYPE(), given.pk, {"due_at": DUE + HOUR}, version=1, actor=sales, at=AT)
    assert clock().due_at == DUE
    for minute, due in enumerate((DUE + 24 * HOUR, AT + HOUR)):
        at = AT + timedelta(minutes=minute)
        reschedule(given, sales, due, at=at, reason="客户同意")
        assert clock().due_at == due
    entry = clock().entries.order_by("pk").last()
    assert (entry.kind, entry.reason, entry.actor_user_id) == (
        "retarget",
        "客户同意",
        sales.user_id,
    )


def test_a_broken_promise_stays_broken_and_the_head_hears_of_it_once(company, sales, given):
    east = company.departments["east"]
    type(east).objects.filter(pk=east.pk).update(head=company.users["head"])
    assert sweep(at=DUE + 3 * HOUR) == 1
    while deliver_due(at=DUE + 3 * HOUR):
        pass
    told = Notification.objects.filter(kind="deadlines.overdue")
    assert [n.user_id for n in told] == [company.users["head"].pk]
    moved = reschedule(given, sales, DUE + 48 * HOUR, at=DUE + 4 * HOUR, reason="补救")
    assert moved.due_at == DUE + 48 * HOUR
    assert (clock().breached_at, clock().outcome) == (DUE, "breached")
    services.complete_commitment(given.pk, told="电话", actor=sales, at=DUE + 5 * HOUR)
    assert (clock().phase, clock().outcome) == ("stopped", "breached")


def test_dropped_it_is_silent_and_opened_again_it_counts_anew(sales, given):
    services.drop_commitment(given.pk, reason="停产", told="邮件", actor=sales, at=AT)
    assert (clock().phase, sweep(at=DUE + HOUR)) == ("cancelled", 0)
    services.reopen_commitment(given.pk, reason="恢复供货", actor=sales, at=AT + HOUR)
    assert Clock.objects.count() == 2
    assert (clock().phase, clock().due_at) == ("running", DUE)
    reschedule(given, sales, DUE + HOUR, at=AT + 2 * HOUR, reason="客户同意")
    assert clock().due_at == DUE + HOUR


def test_a_promise_from_before_the_clocks_gets_its_own_once(company, sales, given):
    """What is open and lacks a clock is brought on at night; what is settled is left alone."""
    customer, owner = company.of("sales", "own").customer, company.users["sales"]
    old = {"title": "x", "customer": customer, "owner": owner, "due_at": DUE, "first_due_at": DUE}
    rows = [
        Commitment.objects.create(kind=kind, open_until=until, **old, **stamps())
        for kind, until in (("promise", DUE), ("todo", DUE), ("promise", None))
    ]
    night = datetime(2026, 4, 1, 18, 30, tzinfo=UTC)  # half past two here, past the due time
    assert bring_on_promises(night + timedelta(hours=8)) == 0
    assert [bring_on_promises(night) for _ in range(2)] == [1, 0]
    assert set(Clock.objects.values_list("object_id", flat=True)) == {given.pk, rows[0].pk}
    late = clock(object_id=rows[0].pk)
    assert (late.started_at, late.due_at, late.breached_at) == (AT, DUE, DUE)
    services.complete_commitment(rows[0].pk, told="电话", actor=sales, at=night)
    assert (clock(object_id=rows[0].pk).phase, late.outcome) == ("stopped", "breached")


def test_it_goes_with_whoever_owes_it(company, sales, given):
    colleague = company.users["colleague"]
    admin = company.actor("administrator")
    change_record(TYPE(), given.pk, {"owner": colleague.pk}, version=1, actor=admin, at=AT)
    assert clock().owner_id == colleague.pk
    model("commitments.Commitment").objects.filter(pk=given.pk).update(owner=sales.user_id)
    services.follow_hand_over(given.pk, actor=admin, at=AT)
    assert clock().owner_id == sales.user_id


def test_the_page_of_a_promise_explains_it(company, sales, given, enter):
    page = enter("sales")
    assert (
        f"/clocks/{clock().pk}/"
        in page.get(f"/commitments/{given.pk}/panels/clocks/").content.decode()
    )
    shown = page.get(f"/clocks/{clock().pk}/").content.decode()
    assert "承诺的时刻" in shown


@pytest.mark.parametrize("has_moment", [True, False])
def test_a_policy_that_counts_back_starts_the_same_clock_alone_and_among_many(sales, has_moment):
    """Days ahead of a moment need the moment, however the clock is started."""
    policy(kind=PROMISE, unit="days_ahead", amount=1, levels="100% owner")
    given = todo(sales)
    given.due_at = DUE + 48 * HOUR if has_moment else None
    alone = start_clock(given, PROMISE, actor=sales, at=AT, key="alone")
    together = start_clocks(given, [PROMISE], actor=sales, at=AT)
    if has_moment:
        assert [c.due_at for c in together] == [alone.due_at]
        assert alone.due_at < given.due_at
    else:
        assert (alone, together) == (None, [])
