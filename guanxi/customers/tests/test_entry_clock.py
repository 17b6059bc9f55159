"""Whether a customer came into the books within 24 hours of its collection (CUS-5)."""

from datetime import timedelta

import pytest

from guanxi.customers.clocks import ENTER
from guanxi.deadlines.models import Clock
from guanxi.deadlines.services import Measure, Promise, Target, start_clock
from guanxi.deadlines.services.policies import bring_policy
from guanxi.kernel.actor import system_actor
from guanxi.kernel.outbox import deliver_due
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
WITHIN_A_DAY = {
    "kind": ENTER.name, "position": 1, "condition": {}, "unit": "hours", "amount": 24,
    "is_recurring": False, "reasons": [], "levels": "100% owner", "is_on": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(hours=20), [("stopped", "met")]),
        (timedelta(hours=25), [("stopped", "breached")]),
        (timedelta(days=90), []),
        (None, []),
    ],
)
def test_the_entry_is_measured_from_the_collection(ago, expected):
    bring_policy("录入", WITHIN_A_DAY, actor=SYSTEM, at=AT)
    values = {"name": "云岭机械"} | ({"collected_at": AT - ago} if ago else {})
    create_record(get_record_type("customers.customer"), values, actor=SYSTEM, at=AT)
    deliver_due(at=AT)
    assert list(Clock.objects.values_list("phase", "outcome")) == expected


def test_a_record_shows_its_deadlines_and_one_without_shows_none(company, enter):
    customer = company.belongings["sales"].customer
    reader = enter("sales")
    page = reader.get(f"/customers/{customer.pk}/").content.decode()
    later = f"/customers/{customer.pk}/panels/clocks/"
    assert f'hx-get="{later}"' in page
    assert reader.get(later, HTTP_HX_REQUEST="true").content.strip() == b""
    promise = Promise(Target(Measure.CALENDAR, 3600))
    start_clock(customer, ENTER.name, promise=promise, actor=SYSTEM, at=AT)
    assert "采集后录入" in reader.get(later, HTTP_HX_REQUEST="true").content.decode()
    assert "采集后录入" in reader.get(later).content.decode()
