"""Told once of what is given, due soon and overdue; never of what is settled."""

from datetime import timedelta

import pytest

from guanxi.commitments import services
from guanxi.commitments.tests.factories import AT, TYPE, todo
from guanxi.notifications.models import Notification
from guanxi.surfaces.services import archive_record, change_record, restore_record

pytestmark = pytest.mark.django_db
DUE = AT + timedelta(days=1)


def told(commitment, **more):
    """What is still to be told, as kind, receiver and when."""
    rows = Notification.objects.filter(subject_id=str(commitment.pk), settled_at=None, **more)
    return [
        (n.kind.rpartition(".")[2], n.user_id, n.not_before)
        for n in rows.order_by("not_before", "kind")
    ]


def test_an_own_to_do_is_told_of_before_it_is_due_and_once_it_is_over(company):
    sales = company.actor("sales")
    given = todo(sales, remind="60")
    assert told(given) == [
        ("due_soon", sales.user_id, DUE - timedelta(hours=1)),
        ("overdue", sales.user_id, DUE + timedelta(seconds=1)),
    ]
    services.complete_commitment(given.pk, actor=sales, at=AT)
    assert told(given) == []
    services.reopen_commitment(given.pk, actor=sales, at=AT)
    assert len(told(given)) == 2


def test_who_is_given_something_by_another_hears_of_it_at_once(company):
    sales, other = company.actor("sales"), company.users["stranger"].pk
    given = todo(sales, owner=other, remind="never")
    assert told(given) == [("assigned", other, AT)]
    change_record(TYPE(), given.pk, {"owner": sales.user_id}, version=1, actor=sales, at=AT)
    assert told(given) == []


def test_rescheduled_it_is_told_of_at_the_new_time_only(company):
    sales = company.actor("sales")
    given, later = todo(sales, remind="0"), DUE + timedelta(days=3)
    services.reschedule_commitment(given.pk, due_at=later, version=1, actor=sales, at=AT)
    assert [when for _kind, _who, when in told(given)] == [later, later + timedelta(seconds=1)]
    services.reschedule_commitment(given.pk, due_at=DUE, version=2, actor=sales, at=AT)
    assert [when for _kind, _who, when in told(given)] == [DUE, DUE + timedelta(seconds=1)]


def test_what_is_past_when_written_down_reminds_nobody(company):
    assert told(todo(company.actor("sales"), due_at=AT - timedelta(days=1))) == []


def test_what_is_put_away_reminds_nobody_until_it_comes_back(company):
    sales = company.actor("sales")
    given = todo(sales)
    archive_record(TYPE(), given.pk, version=1, actor=sales, at=AT)
    assert told(given) == []
    restore_record(TYPE(), given.pk, version=2, actor=sales, at=AT)
    assert len(told(given)) == 2
