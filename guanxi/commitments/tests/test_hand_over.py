"""A leaver's promises go where their customers go, and remind whoever has them then (K12)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.commitments.models import Commitment
from guanxi.commitments.reactions import follow_hand_overs, follow_owners
from guanxi.commitments.tests.factories import promise, todo
from guanxi.customers.pools.tests.test_hand_over import book, handed, prepared
from guanxi.kernel.models import Event
from guanxi.notifications.models import Notification

__all__ = ["book"]
pytestmark = pytest.mark.django_db


def test_what_is_owed_to_a_customer_goes_along_with_the_customer(company, book):
    sales, day = company.actor("sales"), timezone.now() + timedelta(days=3)
    customers = type(company.of("sales", "own").customer).objects.filter(pk__in=book)
    for customer in customers:
        promise(sales, customer, due_at=day)
    alone = todo(sales, due_at=day)
    handed(company, prepared(company, "colleague", "below"))
    rows = Commitment.objects.exclude(customer=None).select_related("customer")
    assert {c.owner_id == c.customer.owner_id for c in rows} == {True}
    assert len({c.owner_id for c in rows}) == 2
    alone.refresh_from_db()
    receivers = {company.users[name].pk for name in ("colleague", "below")}
    assert alone.owner_id in receivers
    follow_owners(list(Event.objects.filter(kind="customers.transferred")))
    changed = Event.objects.filter(kind="record.changed", subject_type="commitments.commitment")
    for _twice in range(2):
        follow_hand_overs(list(changed))
    waiting = Notification.objects.filter(
        subject_type="commitments.commitment", settled_at=None, kind="commitments.due_soon"
    )
    owners = {str(c.pk): c.owner_id for c in Commitment.objects.all()}
    assert dict(waiting.values_list("subject_id", "user_id")) == owners
    assert waiting.count() == len(owners)
