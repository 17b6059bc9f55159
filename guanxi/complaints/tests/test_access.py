"""Who may see a complaint, which is fewer than who may see its customer (A01, B01)."""

from dataclasses import replace

import pytest

from guanxi.complaints import services
from guanxi.complaints.models import Complaint
from guanxi.complaints.tests.factories import NEW, Way, register
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Level, Openings
from guanxi.kernel.errors import NotFound
from guanxi.kernel.work import at_work
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
LATER = {"HTTP_HX_REQUEST": "true"}


def who_sees(office):
    rows = Complaint.objects.all()
    return {n for n in office.users if visible(office.actor(n), "complaints.view", rows).exists()}


def test_who_sees_a_complaint_at_each_stage(office):
    customer = office.belongings["sales"].customer
    way = Way(office, register(office, "sales", customer=customer.pk))
    assert who_sees(office) == {"sales", "head", "administrator"}
    way.act(services.assign_complaint, "sales", handler=office.users["complaint"].pk)
    assert who_sees(office) == {"sales", "complaint", "head", "administrator"}
    way.to("investigating")
    assert who_sees(office) == {"complaint", "head", "administrator"}
    way.to("legal_review")
    assert who_sees(office) == {"complaint", "legal", "head", "administrator"}


def test_the_customer_s_page_says_nothing_to_others(office, enter):
    customer = office.belongings["sales"].customer
    complaint = register(office, customer=None)
    Complaint.objects.filter(pk=complaint.pk).update(customer=customer)
    Way(office, complaint).to("investigating")
    panel = f"/customers/{customer.pk}/panels/complaints/"
    for path in (f"/customers/{customer.pk}/", f"/customers/{customer.pk}/timeline/", panel):
        assert complaint.number not in enter("sales").get(path, **LATER).content.decode(), path
    assert complaint.number in enter("head").get(panel, **LATER).content.decode()
    assert enter("sales").get(f"/complaints/{complaint.pk}/").status_code == 404
    assert enter("quality").get(f"/complaints/{complaint.pk}/").status_code == 403
    found = enter("sales").get(f"/search/?q={complaint.number}").content.decode()
    assert f"/complaints/{complaint.pk}/" not in found


def test_legal_sees_the_complainant_masked(office, enter, callers):
    way = Way(office, register(office))
    way.to("legal_review")
    path = f"/complaints/{way.complaint.pk}/"
    clear = NEW["complainant_phone"].removeprefix("+86")
    for page in (path, f"{path}report/", f"{path}letter/"):
        shown = enter("legal").get(page).content.decode().replace(" ", "")
        assert clear not in shown, page
        assert NEW["complainant_name"] not in shown, page
        assert NEW["complainant_name"] in enter("complaint").get(page).content.decode(), page
    assert clear not in callers("legal").get(f"complaints/{way.complaint.pk}/").content.decode()


def test_evidence_goes_through_the_gate_and_is_opened_by_who_may(office, enter, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.FILES_DIR = tmp_path
    way = Way(office, register(office))
    client, path = enter("complaint"), f"/complaints/{way.complaint.pk}/evidence/"
    page = f"/complaints/{way.complaint.pk}/"
    for name, data, status in (("evil.exe", b"MZ\x90", 422), ("报修单.txt", b"three times", 302)):
        sent = SimpleUploadedFile(name, data)
        assert client.post(path, {"file": sent, "text": "截图"}).status_code == status, name
    entry = way.complaint.entries.get(kind="evidence")
    assert entry.file.sha256[:12] in client.get(page).content.decode()
    opened = client.get(f"{path}{entry.pk}/")
    assert b"".join(opened.streaming_content) == b"three times"
    assert enter("sales").get(f"{path}{entry.pk}/").status_code == 404
    with pytest.raises(NotFound):
        services.open_evidence(way.complaint.pk, entry_id=0, actor=office.actor("head"), at=AT)


def test_its_page_shows_where_it_stands_and_the_one_next_step(office, enter):
    way, client = Way(office, register(office)), enter("complaint")
    path = f"/complaints/{way.complaint.pk}/"
    page = client.get(path).content.decode()
    assert "已登记" in page
    assert f"{path}acknowledge/" in page
    assert f"{path}close/" not in page
    way.to("investigating")
    page = client.get(path).content.decode()
    assert f'btn-primary" href="{path}note_finding/"' in page
    way.to("legal_review")
    assert "审批" in client.get(path).content.decode()
    way.to("executing")
    assert f'action="{path}carry_out/"' in client.get(path).content.decode()
    assert way.to("closed").state == "closed"
    assert client.get(path).status_code == 200


# The customer of an open complaint (SEC-1) ------------------------------------------------------
def who_reads(office, customer):
    """Those who see a customer of the South, apart from its own people and who sees all."""
    rows = type(customer).objects.filter(pk=customer.pk)
    others = office.users.keys() - {"stranger", "administrator", "quality", "analyst"}
    return {n for n in others if visible(office.actor(n), "customers.view", rows).exists()}


@pytest.fixture
def foreign(office):
    """A complaint of a customer of the South; sales registered it."""
    customer = office.belongings["stranger"].customer
    found = register(office, "sales", customer=None)
    Complaint.objects.filter(pk=found.pk).update(customer=customer)
    return Way(office, found), customer


def test_the_customer_is_open_to_whom_the_complaint_waits_for_until_it_is_ended(office, foreign):
    way, customer = foreign
    assert who_reads(office, customer) == set()
    way.act(services.assign_complaint, "sales", handler=office.users["complaint"].pk)
    assert who_reads(office, customer) == {"complaint"}
    way.to("legal_review")
    assert who_reads(office, customer) == {"complaint", "legal"}
    way.to("proposed")
    assert who_reads(office, customer) == {"complaint", "head"}  # legal has decided
    way.to("closed")
    assert who_reads(office, customer) == set()


def test_an_archived_complaint_and_one_about_the_handler_open_nothing(office, foreign):
    way, customer = foreign
    way.act(services.assign_complaint, "sales", handler=office.users["complaint"].pk)
    way.now.concerned.add(office.users["complaint"])
    assert who_reads(office, customer) == set()
    way.now.concerned.clear()
    assert who_reads(office, customer) == {"complaint"}
    Complaint.objects.filter(pk=way.complaint.pk).update(archived_at=AT)
    assert who_reads(office, customer) == set()


@pytest.mark.parametrize("level", ["clear", "masked", "hidden"])
def test_nobody_learns_from_a_contact_who_complained(office, foreign, level):
    """Contacts that are clearer than complainants would tell them."""
    way, customer = foreign
    way.act(services.assign_complaint, "sales", handler=office.users["complaint"].pk)
    actor = office.actor("complaint")
    levels = {**actor.levels, "complainant": Level[level.upper()]}
    rows = type(customer).objects.filter(pk=customer.pk)
    work = at_work(replace(actor, levels=levels, openings=None), actor.grants)
    changed = replace(actor, levels=levels, openings=Openings(work=work))
    assert visible(changed, "customers.view", rows).exists() is (level != "hidden")
