"""Told once per person and key, in the caller's transaction; settled with the matter."""

from datetime import timedelta

import pytest
from django.db import transaction

from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import NotFound
from guanxi.notifications import queries
from guanxi.notifications.models import Notification
from guanxi.notifications.services import (
    mark_all_read,
    mark_read,
    notify,
    settle_notifications,
)
from guanxi.notifications.tests.conftest import ASKED, DUE
from tests.fixtures.company import AT, model

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def tell(company, *names, kind=ASKED, key="k1", subject=None, **more):
    more = {"params": {"who": "Person head"}, "actor": system_actor(), "at": AT} | more
    subject = subject or company.of("sales", "own").customer
    return notify(kind, [company.users[n].pk for n in names], subject=subject, key=key, **more)


def unread(company, name, at=LATER):
    return list(queries.list_unread(company.actor(name), at))


def test_each_receiver_is_told_once_per_key(company):
    assert tell(company, "sales", "head", "sales") == 2
    assert tell(company, "sales", "head", "legal") == 1
    assert tell(company, "sales", key="k2") == 1
    assert [len(unread(company, n)) for n in ("sales", "head", "legal", "hr")] == [2, 1, 1, 0]


def test_it_is_part_of_the_callers_transaction(company):
    with transaction.atomic():
        assert tell(company, "sales") == 1
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_who_may_not_sign_in_is_not_told(company):
    model("people.User").objects.filter(username="sales").update(is_active=False)
    assert tell(company, "sales", "head") == 1
    assert tell(company, "sales") == 0


def test_an_undeclared_kind_is_refused(company):
    with pytest.raises(LookupError, match=r"tests\.nothing"):
        tell(company, "sales", kind="tests.nothing")
    with pytest.raises(LookupError):
        settle_notifications(company.users["sales"], kinds=["tests.nothing"], at=AT)


def test_what_is_held_back_is_not_there_yet(company):
    tell(company, "sales", not_before=LATER)
    assert unread(company, "sales", at=AT) == []
    assert mark_all_read(actor=company.actor("sales"), at=AT) == 0
    assert len(unread(company, "sales", at=LATER)) == 1


def test_a_settled_matter_no_longer_waits_for_anybody(company):
    other = company.of("head", "own").customer
    tell(company, "sales", "head")
    tell(company, "sales", kind=DUE, key="k2")
    tell(company, "sales", key="k3", subject=other)
    subject = company.of("sales", "own").customer
    mine = [company.users["sales"].pk]
    assert settle_notifications(subject, kinds=[ASKED], at=LATER, user_ids=mine) == 1
    assert {n.key for n in unread(company, "sales")} == {"k2", "k3"}
    assert settle_notifications(subject, kinds=[ASKED, DUE], at=LATER) == 2
    assert settle_notifications(subject, kinds=[ASKED, DUE], at=LATER) == 0
    assert {n.key for n in unread(company, "sales")} == {"k3"}
    assert unread(company, "head") == []


def test_one_reads_ones_own_only(company):
    tell(company, "sales", "head")
    told = Notification.objects.get(user=company.users["sales"])
    with pytest.raises(NotFound):
        mark_read(str(told.pk), actor=company.actor("head"), at=LATER)
    assert mark_read(str(told.pk), actor=company.actor("sales"), at=LATER).read_at == LATER
    again = mark_read(str(told.pk), actor=company.actor("sales"), at=LATER + timedelta(hours=1))
    assert again.read_at == LATER
    assert unread(company, "sales") == []
    assert len(unread(company, "head")) == 1


def test_one_reads_everything_at_once(company):
    for key in ("a", "b"):
        tell(company, "sales", "head", key=key)
    assert mark_all_read(actor=company.actor("sales"), at=LATER) == 2
    assert unread(company, "sales") == []
    assert len(unread(company, "head")) == 2
