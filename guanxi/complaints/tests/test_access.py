"""Who may see a complaint, which is fewer than who may see its customer (A01, B01)."""

import pytest

from guanxi.complaints import services
from guanxi.complaints.models import Complaint
from guanxi.complaints.tests.factories import NEW, Way, register
from guanxi.kernel.access import visible
from guanxi.kernel.errors import NotFound
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
