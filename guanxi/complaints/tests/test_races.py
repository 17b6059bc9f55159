"""Of those who take a step at the same moment exactly one does (G05)."""

import pytest

from guanxi.approvals.services import approve_request
from guanxi.complaints import services
from guanxi.complaints.tests.factories import Way, register, request_of
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from tests.concurrency.crowd import answers
from tests.fixtures.company import AT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REFUSALS = (RuleViolation, StaleVersion, Denied, NotFound)


def one(found):
    """One did it, the others were refused."""
    wrong = [f for f in found if isinstance(f, Exception) and not isinstance(f, REFUSALS)]
    assert wrong == []
    assert sum(not isinstance(f, Exception) for f in found) == 1, found


def count(complaint, kind):
    return Event.objects.filter(subject_id=str(complaint.pk), kind=kind).count()


def test_two_who_decide_and_two_who_close_do_it_once(office):
    way = Way(office, register(office))
    way.to("proposed")
    request, head = request_of(way.complaint), office.actor("head")
    one(answers(2, lambda _n: approve_request(request.pk, seen=request.seen, actor=head, at=AT)))
    assert (way.now.state, count(way.complaint, "complaints.settled")) == ("approved", 1)
    way.to("visited")
    closers = [office.actor(name) for name in ("head", "administrator")]
    one(answers(2, lambda n: services.close_complaint(way.complaint.pk, actor=closers[n], at=AT)))
    assert (way.now.state, count(way.complaint, "complaints.closed")) == ("closed", 1)
