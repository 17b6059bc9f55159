"""Of what several do to one promise at the same moment some order holds (G10)."""

from datetime import timedelta

import pytest

from guanxi.commitments import rules, services
from guanxi.commitments.clocks import PROMISE
from guanxi.commitments.models import Commitment
from guanxi.commitments.tests.factories import AT, TYPE, promise
from guanxi.deadlines.models import Clock
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from guanxi.surfaces.services import change_record
from tests.concurrency.crowd import answers

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DUE = AT + timedelta(days=1)
TURNS = 4


def test_g10_edit_hand_over_reschedule_drop_and_done_leave_one_story(company):
    """Exactly one of done and dropped counts; the clock says what the promise says."""
    sales, admin = company.actor("sales"), company.actor("administrator")
    customer, colleague = company.of("sales", "own").customer, company.users["colleague"]
    told = {"told": "电话", "actor": sales, "at": AT}
    for _turn in range(TURNS):
        given = promise(sales, customer)
        acts = (
            lambda pk: services.complete_commitment(pk, **told),
            lambda pk: services.drop_commitment(pk, reason="停产", **told),
            lambda pk: services.reschedule_commitment(
                pk,
                due_at=DUE + timedelta(hours=5),
                reason="客户同意",
                version=1,
                actor=sales,
                at=AT,
            ),
            lambda pk: change_record(
                TYPE(), pk, {"owner": colleague.pk}, version=1, actor=admin, at=AT
            ),
            lambda pk: change_record(
                TYPE(), pk, {"details": "两份"}, version=1, actor=admin, at=AT
            ),
        )
        found = answers(len(acts), lambda n, pk=given.pk, acts=acts: acts[n](pk))
        wrong = [f for f in found if isinstance(f, Exception)]
        assert all(isinstance(f, RuleViolation | StaleVersion) for f in wrong), found
        assert sum(not isinstance(f, Exception) for f in found[:2]) == 1, found
        now = Commitment.objects.get(pk=given.pk)
        clock = Clock.objects.get(kind=PROMISE, object_id=given.pk)
        ended = {rules.CLOSED: "stopped", rules.DROPPED: "cancelled"}
        assert (clock.phase, clock.owner_id) == (ended[now.state], now.owner_id)
        happened = Event.objects.filter(
            subject_type="commitments.commitment", subject_id=str(given.pk)
        )
        assert happened.count() == 1 + sum(not isinstance(f, Exception) for f in found)
        assert now.version == happened.count()
