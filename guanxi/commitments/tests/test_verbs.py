"""Done, told, dropped, opened again, rescheduled: record, event, refusal (VIS-6)."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from guanxi.commitments import services
from guanxi.commitments.models import Commitment
from guanxi.commitments.tests.factories import AT, TYPE, promise, todo
from guanxi.customers.tests.factories import last_event
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.surfaces.services import archive_record, change_record, restore_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(company):
    return company.actor("sales")


@pytest.fixture
def customer(company):
    return company.of("sales", "own").customer


def test_a_to_do_is_done_at_once(sales):
    done = services.complete_commitment(todo(sales).pk, actor=sales, at=AT)
    done.refresh_from_db()
    assert (done.state, done.done_at, done.open_until, done.version) == ("closed", AT, None, 2)
    event = last_event()
    assert (event.kind, event.data["state"]) == ("commitments.completed", "closed")


def test_a_promise_waits_until_the_customer_was_told(sales, customer):
    kept = promise(sales, customer)
    done = services.complete_commitment(kept.pk, actor=sales, at=AT)
    assert (done.state, done.open_until) == ("untold", kept.due_at)
    with pytest.raises(RuleViolation, match="how_told"):
        services.tell_customer(kept.pk, told=" ", actor=sales, at=AT)
    told = services.tell_customer(kept.pk, told="电话告知李女士", actor=sales, at=AT)
    told.refresh_from_db()
    assert (told.state, told.told_note, told.open_until) == ("closed", "电话告知李女士", None)
    event = last_event("commitments.told")
    assert (event.customer_id, event.data["told"]) == (customer.pk, "电话告知李女士")


def test_a_promise_is_dropped_only_after_the_customer_was_told(sales, customer):
    given = promise(sales, customer)
    with pytest.raises(RuleViolation, match="tell_first"):
        services.drop_commitment(given.pk, reason="停产", actor=sales, at=AT)
    services.drop_commitment(given.pk, reason="停产", told="已邮件说明", actor=sales, at=AT)
    given.refresh_from_db()
    assert (given.state, given.reason, given.told_note) == ("dropped", "停产", "已邮件说明")


def test_no_other_way_closes_a_promise(sales, customer):
    """Neither archiving, nor making it a to-do, nor the database itself."""
    given = promise(sales, customer)
    with pytest.raises(RuleViolation, match="tell_first"):
        archive_record(TYPE(), given.pk, version=1, actor=sales, at=AT)
    for values in ({"kind": "todo"}, {"customer": None}):
        with pytest.raises(RuleViolation):
            change_record(TYPE(), given.pk, values, version=1, actor=sales, at=AT)
    for name, value in (("state", "closed"), ("told_note", "x"), ("open_until", None)):
        with pytest.raises(RuleViolation, match="readonly"):
            change_record(TYPE(), given.pk, {name: value}, version=1, actor=sales, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.filter(pk=given.pk).update(state="closed")


def test_opened_again_it_waits_as_before(sales, customer):
    given = promise(sales, customer)
    services.complete_commitment(given.pk, told="电话", actor=sales, at=AT)
    services.reopen_commitment(given.pk, reason="客户说没收到", actor=sales, at=AT)
    given.refresh_from_db()
    assert (given.state, given.open_until) == ("open", given.due_at)
    assert (given.done_at, given.told_at, given.told_note) == (None, None, "")
    with pytest.raises(RuleViolation, match="open_already"):
        services.reopen_commitment(given.pk, actor=sales, at=AT)


def test_rescheduled_it_keeps_when_it_was_first_due(sales):
    given, later = todo(sales), AT + timedelta(days=9)
    moved = services.reschedule_commitment(given.pk, due_at=later, version=1, actor=sales, at=AT)
    moved.refresh_from_db()
    assert (moved.due_at, moved.open_until, moved.first_due_at) == (later, later, given.due_at)
    event = last_event("commitments.rescheduled")
    assert datetime.fromisoformat(event.data["changes"]["due_at"][1]) == later
    assert event.data["version"] == 2


def test_who_saw_an_older_due_time_is_told_and_other_fields_do_not_matter(sales):
    given = todo(sales)
    change_record(TYPE(), given.pk, {"details": "x"}, version=1, actor=sales, at=AT)
    day = AT + timedelta(days=2)
    services.reschedule_commitment(given.pk, due_at=day, version=1, actor=sales, at=AT)
    with pytest.raises(StaleVersion) as refused:
        services.reschedule_commitment(
            given.pk, due_at=day + timedelta(days=1), version=2, actor=sales, at=AT
        )
    assert [d.field for d in refused.value.differences] == ["due_at"]


def test_what_is_settled_moves_no_more(sales):
    given = todo(sales)
    services.complete_commitment(given.pk, actor=sales, at=AT)
    with pytest.raises(RuleViolation, match="not_open"):
        services.complete_commitment(given.pk, actor=sales, at=AT)
    with pytest.raises(RuleViolation, match="settled"):
        services.reschedule_commitment(given.pk, due_at=AT, version=2, actor=sales, at=AT)
    with pytest.raises(RuleViolation, match="settled"):
        change_record(TYPE(), given.pk, {"title": "other"}, version=2, actor=sales, at=AT)


def test_an_archived_to_do_waits_no_more_until_it_comes_back(sales):
    given = todo(sales)
    archive_record(TYPE(), given.pk, version=1, actor=sales, at=AT)
    given.refresh_from_db()
    assert given.open_until is None
    with pytest.raises(NotFound):
        services.complete_commitment(given.pk, actor=sales, at=AT)
    restore_record(TYPE(), given.pk, version=2, actor=sales, at=AT)
    given.refresh_from_db()
    assert given.open_until == given.due_at


def test_a_source_is_a_record_in_sight(company, sales, customer):
    foreign = company.of("sales", "foreign").customer
    key = "customers.customer"
    for source in (foreign.pk, 999_999_999, "x"):
        with pytest.raises(RuleViolation, match="no_such_record"):
            todo(sales, source_key=key, source_id=str(source))
    with pytest.raises(RuleViolation, match="half_a_source"):
        todo(sales, source_key=key)
    assert todo(sales, source_key=key, source_id=str(customer.pk)).pk


def test_a_stranger_finds_nothing_and_a_reader_does_nothing(company, sales):
    given = todo(sales)
    stranger, quality = company.actor("stranger"), company.actor("quality")
    with pytest.raises(NotFound):
        services.complete_commitment(given.pk, actor=stranger, at=AT)
    with pytest.raises(Denied):
        services.complete_commitment(given.pk, actor=quality, at=AT)
