"""Several workers begin the same night: each piece of recurring work is written down once."""

import pytest
from django.utils import timezone

from guanxi.commitments import services
from guanxi.commitments.models import Commitment
from guanxi.commitments.services.recurring import write_down_due
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from tests.concurrency.crowd import answers
from tests.fixtures.company import AT, model, stamps

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SYSTEM = system_actor()
CUSTOMERS = 40


def an_owner():
    return model("people.User").objects.create(
        username="li.lei", username_skeleton="li.lei", name="李雷", name_sort="l", **stamps()
    )


def test_four_workers_write_each_piece_down_once(monkeypatch):
    monkeypatch.setattr("guanxi.commitments.services.recurring.AT_ONCE", 7)
    owner = an_owner()
    for number in range(CUSTOMERS):
        values = {"name": f"甲公司 {number}", "tier": "core", "owner": owner.pk}
        create_record(get_record_type("customers.customer"), values, actor=SYSTEM, at=AT)
    values = {"name": "回访", "title": "回访", "is_on": True,
              "condition": {"field": "tier", "op": "is", "value": "core"}}  # fmt: skip
    made = create_record(get_record_type("commitments.cadence"), values, actor=SYSTEM, at=AT)
    counts = answers(4, lambda _n: write_down_due(made.pk, actor=SYSTEM, at=timezone.now()))
    assert sum(counts) == CUSTOMERS
    work = Commitment.objects.filter(cadence=made)
    assert work.values("customer").distinct().count() == work.count() == CUSTOMERS
    told = Event.objects.filter(subject_type="commitments.commitment", kind="record.created")
    assert told.count() == CUSTOMERS


def test_of_six_who_finish_or_drop_at_once_one_does():
    owner = an_owner()
    values = {"title": "发送报价", "due_at": AT, "owner": owner.pk}
    kind = get_record_type("commitments.commitment")
    given = create_record(kind, values, actor=SYSTEM, at=AT)

    def act(number):
        if number % 2:
            return services.drop_commitment(given.pk, reason="x", actor=SYSTEM, at=AT)
        return services.complete_commitment(given.pk, actor=SYSTEM, at=AT)

    found = answers(6, act)
    lost = [each for each in found if isinstance(each, RuleViolation | StaleVersion)]
    assert len(lost) == 5
    steps = Event.objects.filter(subject_type="commitments.commitment").exclude(
        kind="record.created"
    )
    assert steps.count() == 1
