"""What the page and the API show of a request, to whom (A01, A18, B01)."""

import pytest

from guanxi.approvals import services
from guanxi.approvals.declarations import Subject, declare_subject, forget_subject
from guanxi.approvals.tests.factories import ask, flow, role, two_steps
from guanxi.kernel.errors import StaleVersion
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
CONTACT = "customers.contact"


@pytest.fixture
def phones(office):
    """Approvals of contacts, whose phone legal sees masked."""
    east = office.departments["east"].pk
    declare_subject(
        Subject(
            CONTACT, content=lambda contact: {"phone": contact.phone}, department=lambda _: east
        )
    )
    flow({"roles": [role("legal")]}, record_key=CONTACT)
    yield office
    forget_subject(CONTACT)


def test_an_approver_sees_masked_what_they_see_masked_elsewhere(phones, enter, callers):
    contact = phones.belongings["sales"].contact
    request = services.request_approval(contact, actor=phones.actor("sales"), at=AT)
    clear = contact.phone.removeprefix("+86")
    page = enter("legal").get(f"/approvals/{request.pk}/").content.decode()
    assert "decide-buttons" in page
    assert clear not in page.replace(" ", "")
    assert clear[:3] in page
    told = callers("legal").get(f"approvals/{request.pk}/").content.decode()
    assert clear not in told
    assert request.salt not in page + told
    type(contact).objects.filter(pk=contact.pk).update(phone="+8613911112222")
    with pytest.raises(StaleVersion) as found:
        services.approve_request(request.pk, seen=request.seen, actor=phones.actor("legal"), at=AT)
    assert [(d.field, d.theirs) for d in found.value.differences] == [("phone", None)]


def test_who_is_not_concerned_finds_nothing(office, enter, callers):
    two_steps()
    request = ask(office)
    for who in ("stranger", "analyst", "legal"):
        assert enter(who).get(f"/approvals/{request.pk}/").status_code == 404
        listed = callers(who).get("approvals/").json()["results"]
        assert listed == []
    for who in ("sales", "head", "administrator"):
        assert enter(who).get(f"/approvals/{request.pk}/").status_code == 200


def test_looking_decides_nothing(office, enter):
    two_steps()
    request = ask(office)
    head = enter("head")
    assert head.get(f"/approvals/{request.pk}/approve/", {"seen": request.seen}).status_code == 200
    assert head.head(f"/approvals/{request.pk}/approve/").status_code in {200, 405}
    request.refresh_from_db()
    assert (request.position, request.version) == (1, 2)


def test_the_desk_shows_what_waits_also_for_whom_one_stands(office, enter):
    two_steps()
    request = ask(office)
    assert f"/approvals/{request.pk}/" in enter("head").get("/").content.decode()
    assert f"/approvals/{request.pk}/" not in enter("quality").get("/").content.decode()


def test_the_pages_of_flows_open_for_who_keeps_them(office, enter):
    chosen = two_steps()
    page = enter("administrator").get(f"/approval-flows/{chosen.pk}/").content.decode()
    assert "第1步" in page
    assert enter("administrator").get("/approval-flows/new/").status_code == 200
    assert enter("administrator").get(f"/approval-steps/new/?flow={chosen.pk}").status_code == 200
    assert enter("sales").get(f"/approval-flows/{chosen.pk}/").status_code in {403, 404}
