"""Of those who decide at the same moment exactly one does (G05)."""

import pytest

from guanxi.approvals import services
from guanxi.approvals.models import Seat
from guanxi.approvals.tests.factories import ask, calendar, flow, now, outcomes, rename, role
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from tests.concurrency.crowd import answers
from tests.fixtures.company import AT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REFUSALS = (RuleViolation, StaleVersion, Denied, NotFound)
TURNS = 4


def acts(office, request, *wanted):
    """What each of several people does at once, with what they saw before."""
    seen = request.seen

    def act(number):
        verb, who = wanted[number]
        if verb == "withdraw":
            return services.withdraw_request(request.pk, actor=who, at=AT)
        why = {} if verb == "approve" else {"comment": "不符"}
        return getattr(services, f"{verb}_request")(request.pk, seen=seen, actor=who, at=AT, **why)

    return answers(len(wanted), act)


def happened(request):
    rows = Event.objects.filter(subject_type="approvals.request", subject_id=str(request.pk))
    return sorted(rows.exclude(kind="approvals.requested").values_list("kind", flat=True))


@pytest.mark.parametrize(
    "other", [("approve", "quality"), ("approve", "legal"), ("reject", "quality"),
              ("withdraw", "sales"), ("return", "quality")]
)  # fmt: skip
def test_exactly_one_of_two_decides(office, other):
    """Of approve ∥ approve (two people, or one who clicks twice), reject, withdraw, return."""
    flow({"roles": [role("legal"), role("quality")]})
    for turn in range(TURNS):
        request = ask(office, record=calendar(f"日历{turn}"))
        pair = [("approve", office.actor("legal")), (other[0], office.actor(other[1]))]
        found = acts(office, request, *pair)
        wrong = [f for f in found if isinstance(f, Exception) and not isinstance(f, REFUSALS)]
        assert wrong == []
        assert sum(not isinstance(f, Exception) for f in found) == 1, found
        assert len(happened(request)) == 1
        assert Seat.objects.filter(request=request, decided_by__isnull=False).count() <= 1
    assert len(outcomes) + (now(request).state == "returned") >= 1


def test_all_who_are_needed_sign_at_once_and_the_end_comes_once(office):
    flow({"roles": [role("legal"), role("quality")], "mode": "all"})
    for turn in range(TURNS):
        outcomes.clear()
        request = ask(office, record=calendar(f"日历{turn}"))
        pair = [("approve", office.actor(name)) for name in ("legal", "quality")]
        assert [f for f in acts(office, request, *pair) if isinstance(f, Exception)] == []
        assert (now(request).state, outcomes) == ("approved", ["approved"])


def test_an_edit_at_the_same_moment_is_never_approved_unseen(office):
    flow({"is_by_head": True})
    for turn in range(TURNS):
        record = calendar(f"日历{turn}")
        request = ask(office, record=record)
        head, seen = office.actor("head"), request.seen

        def act(number, record=record, request=request, head=head, seen=seen):
            if number:
                return rename(record, f"{record.name}改")
            return services.approve_request(request.pk, seen=seen, actor=head, at=AT)

        decided = answers(2, act)[0]
        record.refresh_from_db()
        if isinstance(decided, StaleVersion):
            assert now(request).state == "open"
        else:
            assert decided.state == "approved"


def test_two_who_ask_at_once_ask_once(office):
    flow({"is_by_head": True})
    record = calendar()
    found = answers(4, lambda number: ask(office, ("sales", "colleague")[number % 2], record))
    assert sum(not isinstance(f, Exception) for f in found) == 1, found
    assert {f.code for f in found if isinstance(f, Exception)} == {"asked_already"}
