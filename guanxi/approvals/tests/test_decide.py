"""Approve, reject and return: who, in which order, on what they have seen (F01, G05)."""

from datetime import timedelta

import pytest

from guanxi.approvals import services
from guanxi.approvals.models import Seat
from guanxi.approvals.tests.factories import (
    KEY,
    SYSTEM,
    ask,
    calendar,
    decide,
    files,
    flow,
    made,
    now,
    outcomes,
    parties,
    rename,
    role,
    two_steps,
    waiting,
)
from guanxi.deadlines.models import Clock
from guanxi.deadlines.services.sweep import sweep
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Event, StoredFile
from guanxi.kernel.outbox import deliver_due
from guanxi.notifications.models import Notification
from guanxi.people.services import deactivate_user
from guanxi.surfaces.models import SavedView
from tests.fixtures.company import AT, stamps

pytestmark = pytest.mark.django_db


def kinds(request):
    rows = Event.objects.filter(subject_type="approvals.request", subject_id=str(request.pk))
    return list(rows.order_by("pk").values_list("kind", flat=True))


def refused(code, act, *args, **values):
    with pytest.raises(RuleViolation) as found:
        act(*args, **values)
    assert found.value.code == code


def test_one_step_after_the_other_until_the_last_has_signed(office):
    two_steps()
    request = ask(office)
    assert waiting(request) == {"head"}
    decide(office, request, "head", comment="同意")
    assert (now(request).position, waiting(request)) == (2, {"legal", "quality"})
    decide(office, request, "quality")
    assert (now(request).state, outcomes, waiting(request)) == ("approved", ["approved"], set())
    assert kinds(request) == ["approvals.requested", *["approvals.step_approved"] * 2]
    seat = Seat.objects.get(request=request, position=1)
    assert (seat.decided_by_id, seat.comment) == (office.users["head"].pk, "同意")
    history = Event.objects.filter(subject_type="deadlines.calendar", kind="approvals.decided")
    assert history.get().data["outcome"] == "approved"


def test_all_sign_or_any_one(office):
    flow({"roles": [role("legal"), role("quality")], "mode": "all"})
    request = ask(office)
    decide(office, request, "legal")
    assert (now(request).state, waiting(request)) == ("open", {"quality"})
    refused("decided_already", decide, office, request, "legal")
    decide(office, request, "quality")
    assert now(request).state == "approved"


def test_where_all_sign_nobody_is_put_in_two_seats(office):
    """The head also holds the role: the next one up takes the other seat, so that it can end."""
    office.users["head"].roles.add(role("legal"))
    office.users["legal"].roles.clear()
    flow({"is_by_head": True, "roles": [role("legal")], "mode": "all"})
    request = ask(office)
    assert waiting(request) == {"head", "administrator"}
    decide(office, request, "head")
    decide(office, request, "administrator")
    assert now(request).state == "approved"


def test_ones_own_seat_is_signed_before_that_of_ones_role(office):
    office.users["quality"].roles.add(role("legal"))
    people = [office.users["legal"].pk]
    flow({"roles": [role("legal")], "people": people, "mode": "all"})
    request = ask(office)
    decide(office, request, "legal")
    assert waiting(request) == {"quality"}
    decide(office, request, "quality")
    assert now(request).state == "approved"


def test_a_rejection_ends_it_and_says_why(office):
    two_steps()
    request = ask(office)
    refused("required", decide, office, request, "head", "reject", comment=" ")
    decide(office, request, "head", "reject", comment="工时不符")
    assert (now(request).state, outcomes) == ("rejected", ["rejected"])
    refused("closed", decide, office, request, "head")


def test_who_asks_is_concerned_or_holds_no_seat_does_not_decide(office):
    flow({"people": [office.users["sales"].pk, office.users["colleague"].pk]})
    request = ask(office, "sales")
    assert waiting(request) == {"head", "colleague"}
    with pytest.raises(Denied):
        decide(office, request, "sales")
    with pytest.raises(NotFound):
        decide(office, request, "stranger")
    with pytest.raises(Denied):
        decide(office, request, "administrator")
    parties.append(office.users["colleague"].pk)
    refused("concerned", decide, office, request, "colleague")


def test_another_account_of_the_same_person_does_not_decide(office):
    flow({"roles": [role("legal")]})
    for name in ("sales", "legal"):
        user = office.users[name]
        type(user).objects.filter(pk=user.pk).update(phone="+8613800138000")
    request = ask(office, "sales")
    assert "legal" not in waiting(request)


def test_a_head_who_asks_is_decided_by_the_next_one_up(office):
    """A13: own cases are not self-reviewed, a vacant head is the next level, never nobody."""
    hq = office.departments["hq"]
    type(hq).objects.filter(pk=hq.pk).update(head=office.users["complaint"])
    flow({"is_by_head": True})
    assert waiting(ask(office, "head")) == {"complaint"}
    type(hq).objects.filter(pk=hq.pk).update(head=None)
    assert waiting(ask(office, "head", calendar("另一个"))) == {"administrator"}


def test_what_waits_for_somebody_who_leaves_waits_for_the_next_one(office):
    hq = office.departments["hq"]
    type(hq).objects.filter(pk=hq.pk).update(head=office.users["complaint"])
    flow({"is_by_head": True, "roles": [role("legal")], "mode": "all"})
    request = ask(office)
    assert waiting(request) == {"head", "legal"}
    for who in ("head", "legal"):
        deactivate_user(office.users[who].pk, reason="离职", actor=SYSTEM, at=AT)
    deliver_due(at=AT + timedelta(minutes=1))
    assert waiting(request) == {"complaint", "administrator"}
    with pytest.raises(NotFound):
        decide(office, request, "legal")
    assert kinds(request).count("approvals.transferred") == 2


def substitute(office, person, by):
    made(
        "kernel.substitution",
        person=office.users[person].pk,
        substitute=office.users[by].pk,
        starts_at=AT.replace(year=2020),
        until=AT.replace(year=2099),
        reason="休假",
    )


def test_a_substitute_decides_for_whoever_is_away_but_never_their_own_request(office):
    flow({"people": [office.users["legal"].pk]})
    substitute(office, "legal", "colleague")
    request = ask(office, "sales")
    decide(office, request, "colleague")
    seat = Seat.objects.get(request=request)
    assert (seat.decided_by.username, seat.stood_for.username) == ("colleague", "legal")
    own = ask(office, "colleague", calendar("自己的"))
    refused("own_request", decide, office, own, "colleague")


def test_nobody_signs_twice_where_the_flow_wants_different_people(office):
    people = [office.users["legal"].pk]
    flow({"people": people}, {"people": [*people, office.users["quality"].pk]})
    request = ask(office)
    decide(office, request, "legal")
    assert "legal" not in waiting(request)
    with pytest.raises(RuleViolation):
        decide(office, request, "legal")
    decide(office, request, "quality")
    assert now(request).state == "approved"


def test_the_same_person_may_sign_twice_where_the_flow_allows_it(office):
    people = [office.users["legal"].pk]
    flow({"people": people}, {"people": people}, is_different=False)
    request = ask(office)
    decide(office, request, "legal")
    decide(office, request, "legal")
    assert now(request).state == "approved"


# What was seen ------------------------------------------------------------------------------------
def test_changed_content_voids_the_signatures_and_asks_anew(office):
    two_steps()
    record = calendar()
    request = ask(office, record=record)
    decide(office, request, "head")
    seen = now(request).seen
    rename(record, "夜班日历")
    with pytest.raises(StaleVersion) as found:
        decide(office, request, "legal", seen=seen)
    assert [(d.field, d.theirs) for d in found.value.differences] == [("name", "夜班日历")]
    request = now(request)
    assert (request.position, request.round, waiting(request)) == (1, 2, {"head"})
    assert kinds(request)[-1] == "approvals.voided"
    assert outcomes == []
    decide(office, request, "head")
    decide(office, request, "legal")
    assert now(request).state == "approved"


def test_a_decision_on_an_older_sight_is_refused_even_when_it_was_asked_anew(office):
    two_steps()
    record = calendar()
    request = ask(office, record=record)
    seen = request.seen
    rename(record, "夜班日历")
    assert services.renew_request(request.pk, actor=office.actor("sales"), at=AT)
    with pytest.raises(StaleVersion) as found:
        decide(office, request, "head", seen=seen)
    assert [d.field for d in found.value.differences] == ["name"]


def test_a_replaced_file_is_another_content(office):
    two_steps()
    files.append(StoredFile(name="工时.pdf", sha256="a" * 64))
    request = ask(office)
    files[0].sha256 = "b" * 64
    with pytest.raises(StaleVersion):
        decide(office, request, "head", seen=request.seen)


def test_whoever_changed_it_meanwhile_does_not_approve_it(office):
    two_steps()
    record = calendar()
    request = ask(office, record=record)
    rename(record, "夜班日历", office.actor("administrator"))
    services.renew_request(request.pk, actor=office.actor("sales"), at=AT)
    assert now(request).authors == [office.users["administrator"].pk]


def test_one_click_decides_one_step(office):
    flow({"people": [office.users["legal"].pk]}, {"people": [office.users["legal"].pk]},
         is_different=False)  # fmt: skip
    request = ask(office)
    seen = request.seen
    decide(office, request, "legal", seen=seen)
    with pytest.raises(StaleVersion):
        decide(office, request, "legal", seen=seen)
    assert now(request).position == 2


# Back, over, more ---------------------------------------------------------------------------------
def test_returned_to_whoever_asked_then_submitted_again(office):
    two_steps()
    record = calendar()
    request = ask(office, record=record)
    decide(office, request, "head")
    decide(office, request, "legal", "return", comment="时间写错了")
    assert (now(request).state, waiting(request)) == ("returned", {"sales"})
    refused("not_now", decide, office, request, "legal")
    rename(record, "夜班日历")
    refused(
        "not_requester", services.resubmit_request, request.pk, actor=office.actor("head"), at=AT
    )
    services.resubmit_request(request.pk, actor=office.actor("sales"), at=AT)
    request = now(request)
    assert (request.state, request.position, request.round) == ("open", 1, 2)
    assert request.changed == ["name"]
    decide(office, request, "head")
    decide(office, request, "legal")
    assert now(request).state == "approved"


def test_returned_to_an_earlier_step_keeps_those_before_it(office):
    flow({"roles": [role("quality")]}, {"is_by_head": True}, {"roles": [role("legal")]})
    request = ask(office)
    decide(office, request, "quality")
    decide(office, request, "head")
    refused("no_such_step", decide, office, request, "legal", "return", comment="x", to_step=3)
    decide(office, request, "legal", "return", comment="请再看", to_step=2)
    assert (now(request).state, now(request).position, waiting(request)) == ("open", 2, {"head"})
    decide(office, request, "head")
    decide(office, request, "legal")
    assert now(request).state == "approved"


def test_withdrawn_by_whoever_asked_alone(office):
    two_steps()
    request = ask(office)
    refused(
        "not_requester", services.withdraw_request, request.pk, actor=office.actor("head"), at=AT
    )
    services.withdraw_request(request.pk, reason="不需要了", actor=office.actor("sales"), at=AT)
    assert (now(request).state, outcomes) == ("withdrawn", ["withdrawn"])
    refused("closed", decide, office, request, "head")


def test_transferred_to_somebody_who_may(office):
    two_steps()
    request, me = ask(office), office.actor("head")

    def over(name, actor=me, **values):
        to = office.users[name].pk
        services.transfer_seat(request.pk, to_user=to, reason="出差", actor=actor, at=AT, **values)

    refused("own_request", over, "sales")
    refused("not_approver", over, "auditor")
    over("colleague")
    assert waiting(request) == {"colleague"}
    with pytest.raises(Denied):
        decide(office, request, "head")
    over("complaint", office.actor("administrator"))
    decide(office, request, "complaint")
    assert now(request).position == 2


def test_an_added_signer_is_needed_even_where_one_is_enough(office):
    flow({"roles": [role("legal"), role("quality")]})
    request = ask(office)
    services.add_signer(
        request.pk, to_user=office.users["complaint"].pk, actor=office.actor("legal"), at=AT
    )
    decide(office, request, "legal")
    assert (now(request).state, waiting(request)) == ("open", {"complaint", "quality"})
    decide(office, request, "complaint")
    assert now(request).state == "approved"


def bells(request):
    """Who has what in the bell that is not settled."""
    rows = Notification.objects.filter(subject_id=str(request.pk), settled_at=None)
    return {(n.user.username, n.kind.rpartition(".")[2]) for n in rows.select_related("user")}


def test_who_is_asked_hears_of_it_and_it_goes_when_it_is_decided(office):
    two_steps()
    record = calendar()
    request = ask(office, record=record)
    assert bells(request) == {("head", "asked")}
    decide(office, request, "head")
    assert bells(request) == {("legal", "asked"), ("quality", "asked")}
    decide(office, request, "legal", "return", comment="请改")
    assert bells(request) == {("sales", "returned")}
    services.resubmit_request(request.pk, actor=office.actor("sales"), at=AT)
    assert bells(request) == {("head", "asked")}
    decide(office, request, "head")
    rename(record, "夜班日历")
    services.renew_request(request.pk, actor=office.actor("sales"), at=AT)
    assert bells(request) == {("head", "asked"), ("head", "voided")}
    decide(office, request, "head")
    decide(office, request, "legal")
    assert bells(request) == {("sales", "decided")}


def clocks(request):
    rows = Clock.objects.filter(record_key="approvals.request", object_id=request.pk)
    return list(rows.order_by("pk").values_list("key", "phase"))


def test_a_step_has_its_deadline_and_who_is_asked_is_reminded(office):
    people = [office.users["legal"].pk, office.users["quality"].pk]
    flow({"people": people, "hours": 4}, {"is_by_head": True})
    record = calendar()
    request = now(ask(office, record=record))
    assert clocks(request) == [("1:1", "running")]
    assert request.due_at > AT
    sweep(at=request.due_at + timedelta(minutes=1))
    deliver_due(at=request.due_at + timedelta(minutes=2))
    told = Notification.objects.filter(subject_id=str(request.pk), kind="approvals.reminded")
    assert {n.user.username for n in told} <= {"legal", "quality"}
    assert told.count() == 2  # one for each level
    rename(record, "夜班日历")
    services.renew_request(request.pk, actor=office.actor("sales"), at=AT)
    assert clocks(request) == [("1:1", "cancelled"), ("2:1", "running")]
    decide(office, request, "legal")
    assert clocks(request)[-1] == ("2:1", "stopped")
    assert now(request).due_at is None
    assert bells(request) == {("head", "asked")}


# Flows --------------------------------------------------------------------------------------------
def test_a_running_request_keeps_the_flow_it_began_with(office):
    chosen = two_steps()
    request = ask(office)
    made("approvals.flowstep", flow=chosen.pk, place=3, name="加一步", is_by_head=True)
    chosen.refresh_from_db()
    assert chosen.version > request.flow_version
    decide(office, request, "head")
    decide(office, request, "legal")
    assert now(request).state == "approved"


def test_the_first_flow_that_fits_is_taken(office):
    condition = {"field": "name", "op": "contains", "value": "夜班"}
    night = flow({"roles": [role("legal")]}, is_for_all=False, condition=condition, place=1)
    everyone = flow({"is_by_head": True}, place=2)
    assert ask(office, record=calendar("夜班日历")).flow_id == night.pk
    assert ask(office, record=calendar("日班日历")).flow_id == everyone.pk


def test_a_flow_takes_the_condition_of_a_shared_view(office):
    condition = {"field": "name", "op": "contains", "value": "夜班"}
    view = SavedView.objects.create(
        record_key=KEY, name="夜班", condition=condition, owner_id=office.users["head"].pk,
        visibility="shared", **stamps(),
    )  # fmt: skip
    chosen = flow({"is_by_head": True}, is_for_all=False, audience=str(view.pk))
    chosen.refresh_from_db()
    assert chosen.condition == condition
    refused("no_flow", ask, office, "sales", calendar("日班日历"))
    assert ask(office, record=calendar("夜班日历")).flow_id == chosen.pk
    refused("bad_audience", flow, is_for_all=False, audience="999")


def test_without_flow_step_or_approver_nothing_is_asked(office):
    record = calendar()
    refused("no_flow", ask, office, "sales", record)
    flow()
    refused("no_steps", ask, office, "sales", record)
    refused("no_condition", flow, is_for_all=False)
    refused("no_approver", flow, {"mode": "all"})
    condition = {"field": "nobody", "op": "is", "value": 1}
    refused("unknown_field", flow, is_for_all=False, condition=condition)


def test_one_approval_of_a_record_at_a_time(office):
    two_steps()
    record = calendar()
    ask(office, record=record)
    refused("asked_already", ask, office, "sales", record)
