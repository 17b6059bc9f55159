"""Every state and every verb, by service and by API: only what the table declares passes (F10)."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from guanxi.complaints import rules, services
from guanxi.complaints.models import Complaint
from guanxi.complaints.services.steps import write_entry
from guanxi.complaints.tests.factories import SHARES, register
from guanxi.complaints.tests.test_rules import HANDBOOK
from guanxi.complaints.verbs import VERBS
from guanxi.kernel.errors import RuleViolation
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
TALK = {"channel": "email", "text": "x"}


@pytest.fixture
def rich(office) -> Complaint:
    """A complaint for which everything holds, whatever its state."""
    complaint, agent = register(office), office.actor("complaint")
    for kind in ("interview", "told"):
        write_entry(complaint, kind, "x", actor=agent, at=AT)
    write_entry(complaint, "visit", "x", actor=agent, at=AT, outcome="accepted")
    complaint.remedies.create(kind="refund", text="x", done_at=AT)
    Complaint.objects.filter(pk=complaint.pk).update(
        legal_at=AT, approved_at=AT, executed_at=AT, closed_at=AT, ruling="x", grounds="x"
    )
    return complaint


def given(office, complaint) -> dict[str, dict[str, Any]]:
    """What each verb is given."""
    remedy = complaint.remedies.create(kind="repair", text="open").pk
    reason = {"reason": "x"}
    return {
        "acknowledge": {"text": "x"},
        "investigate": {"concerned": []},
        "note_finding": {"kind": "site", "text": "x"},
        "determine": SHARES,
        "add_remedy": {"kind": "refund", "text": "x", "amount_minor": 100},
        "drop_remedy": {"remedy": remedy},
        "propose": {"solution": "x", "solve_by": date(2026, 3, 20)},
        "carry_out": {"remedy": remedy, "proof": "x"},
        "visit": {**TALK, "outcome": "accepted", "satisfaction": "fair"},
        "attempt": TALK,
        "tell": TALK,
        "hear": TALK,
        "wait": {"reason": "customer", "note": "x"},
        "assign": {"handler": office.users["colleague"].pk},
        "extend": {"days": 8, "reason": "x"},
        "reopen": reason,
        "take_back": reason,
        "withdraw": TALK,
        "refer": {**TALK, "body": "12315"},
        "note_ruling": {"ruling": "x"},
    }


def put(complaint, state, verb) -> None:
    """Into a state, with an open remedy where one is carried out and none where all must be."""
    Complaint.objects.filter(pk=complaint.pk).update(state=state)
    if verb not in {"carry_out", "drop_remedy"}:
        complaint.remedies.filter(done_at=None).delete()


def expected(verb, state):
    starts, end, _needs = HANDBOOK[verb]
    return (end or state) if state in starts else None


def taken(verb, complaint, values, actor):
    """The state that a verb leads to, or nothing when it was refused for the state."""
    try:
        with transaction.atomic():
            verb.service(complaint.pk, **values, actor=actor, at=AT)
    except RuleViolation as error:
        return None if error.code == "not_now" else error.code
    return Complaint.objects.get(pk=complaint.pk).state


def test_every_state_and_every_verb_by_service(office, rich):
    values, actor = given(office, rich), office.actor("administrator")
    for state in rules.STATES:
        for verb in VERBS:
            with transaction.atomic():
                put(rich, state, verb.name)
                found = taken(verb, rich, values.get(verb.name, {}), actor)
                assert found == expected(verb.name, state), (state, verb.name)
                transaction.set_rollback(True)


def test_every_state_and_every_verb_by_api(office, rich, callers):
    values, caller = given(office, rich), callers("administrator")
    for state in rules.STATES:
        for verb in VERBS:
            with transaction.atomic():
                put(rich, state, verb.name)
                body = {k: str(v) if isinstance(v, date) else v
                        for k, v in values.get(verb.name, {}).items()}  # fmt: skip
                answer = caller.post(f"complaints/{rich.pk}/{verb.name}/", body)
                wanted = expected(verb.name, state)
                said = (state, verb.name, answer.status_code, answer.content[:200])
                assert answer.status_code == (200 if wanted else 400), said
                assert Complaint.objects.get(pk=rich.pk).state == (wanted or state), said
                transaction.set_rollback(True)


@pytest.mark.parametrize("name", ["state", "legal_at", "approved_at", "executed_at", "is_green"])
def test_no_state_is_written_as_a_field(office, rich, callers, enter, name):
    caller = callers("administrator")
    value = {"state": "closed", "is_green": True}.get(name, AT.isoformat())
    path = f"complaints/{rich.pk}/"
    assert caller.patch(path, {name: value}, rich.version).status_code == 400
    body = {"complainant_name": "x", "channel": "phone", "description": "x", "claim": "other"}
    assert caller.post("complaints/", {**body, name: value}).status_code == 400
    client = enter("administrator")
    form = {"description": "x", name: value, "version": rich.version}
    client.post(f"/complaints/{rich.pk}/edit/", form)
    bulk = {"ids": rich.pk, "field": name, "value": value, name: value}
    client.post("/complaints/bulk/preview/", bulk)
    found = Complaint.objects.get(pk=rich.pk)
    assert (found.state, found.is_green) == ("registered", False)


def test_only_a_second_person_extends_and_only_up_to_ten_days(office):
    complaint = register(office)
    head, agent = office.actor("head"), office.actor("complaint")
    extend = services.extend_investigation
    from guanxi.deadlines.models import Clock
    from guanxi.kernel.errors import Denied

    with pytest.raises(Denied):
        extend(complaint.pk, days=8, reason="x", actor=agent, at=AT)
    with pytest.raises(RuleViolation, match="days"):
        extend(complaint.pk, days=11, reason="x", actor=head, at=AT)
    clock = Clock.objects.get(kind="complaints.investigate", object_id=complaint.pk)
    before = clock.due_at
    extend(complaint.pk, days=10, reason="取证", actor=head, at=AT)
    clock.refresh_from_db()
    assert (clock.due_at - before).days >= 7
