"""The ticket's page: one composer, what was said meanwhile, drafts, sending once; and the API's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.surfaces.models import Draft
from guanxi.tickets import services
from guanxi.tickets.models import Message
from guanxi.tickets.tests.factories import AT, ticket
from tests.fixtures.company import stamps

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def agent(company):
    return company.actor("senior_agent")


@pytest.fixture
def made(company, agent):
    customer = company.of("senior_agent", "own").customer
    return ticket(agent, customer=customer.pk, description="接头渗水")


def page_of(client, made, query=""):
    answer = client.get(f"/tickets/{made.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_what_was_said_and_one_composer(made, agent, enter):
    services.reply_to_ticket(made.pk, body="<b>马上</b>安排", public_seq=0, actor=agent, at=AT)
    page = page_of(enter("senior_agent"), made)
    assert "接头渗水" in page
    assert "&lt;b&gt;马上&lt;/b&gt;安排" in page
    assert page.count("data-composer") == 1
    assert 'name="public_seq" value="1"' in page


def test_sent_twice_from_one_form_is_said_once(made, enter):
    client = enter("senior_agent")
    sent = {"said": "reply", "body": "马上安排", "public_seq": "0", "once": "a" * 32}
    for _ in range(2):
        assert client.post(f"/tickets/{made.pk}/talk/", sent).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_slower_one_reads_first_and_keeps_what_was_typed(made, agent, enter, headers):
    services.reply_to_ticket(made.pk, body="甲的答复", public_seq=0, actor=agent, at=AT)
    client = enter("senior_agent")
    sent = {"said": "reply", "body": "乙的答复", "public_seq": "0"}
    answer = client.post(f"/tickets/{made.pk}/talk/", sent, **headers)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "甲的答复" in page
    assert "乙的答复" in page
    assert 'name="public_seq" value="1"' in page
    assert client.post(f"/tickets/{made.pk}/talk/", sent | {"public_seq": "1"}).status_code == 302


def test_a_wording_is_flagged_and_can_be_meant(made, enter, company):
    from guanxi.tickets.models import Wording

    Wording.objects.create(phrase="不归我管", instead="改为：我帮您联系。", **stamps())
    client = enter("senior_agent")
    assert "不归我管" in page_of(client, made)
    sent = {"said": "reply", "body": "这事不归我管", "public_seq": "0"}
    answer = client.post(f"/tickets/{made.pk}/talk/", sent, **HTMX)
    assert answer.status_code == 422
    assert 'name="is_meant"' in answer.content.decode()
    meant = client.post(f"/tickets/{made.pk}/talk/", sent | {"is_meant": "1"}, **HTMX)
    assert meant.status_code == 200


@pytest.fixture
def shelf(settings, tmp_path):
    """Where files lie."""
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path
    return settings.FILES_DIR


def letter(name="报价.txt", content=b"text"):
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize("said", ["reply", "note", "customer"])
def test_files_go_with_what_is_said_once(made, enter, shelf, said):
    client = enter("senior_agent")
    for _ in range(2):
        sent = {"said": said, "body": "见附件", "public_seq": "0", "once": "b" * 32}
        sent["files"] = [letter(), letter("图.txt", b"more")]
        assert client.post(f"/tickets/{made.pk}/talk/", sent).status_code == 302
    message = Message.objects.get()
    first, second = message.files.order_by("pk")
    assert (first.name, second.name, second.refused) == ("报价.txt", "图.txt", "")
    page = page_of(client, made)
    assert f"/tickets/{made.pk}/files/{first.pk}/" in page
    got = client.get(f"/tickets/{made.pk}/files/{second.pk}/")
    assert got.getvalue() == b"more"
    assert got.headers["Content-Disposition"].startswith("attachment;")


def test_a_file_that_is_refused_sends_nothing_and_is_named(made, enter, shelf):
    client = enter("senior_agent")
    sent = {"said": "reply", "body": "见附件", "public_seq": "0"}
    bad = letter("run.exe", b"MZ\x90\x00")
    answer = client.post(f"/tickets/{made.pk}/talk/", sent | {"files": [letter(), bad]}, **HTMX)
    assert answer.status_code == 422
    assert "见附件" in answer.content.decode()
    many = sent | {"files": [letter() for _ in range(11)]}
    assert client.post(f"/tickets/{made.pk}/talk/", many, **HTMX).status_code == 422
    assert not Message.objects.exists()


def test_who_may_not_speak_leaves_no_file(made, enter, shelf):
    sent = {"said": "note", "body": "x", "files": [letter()]}
    assert enter("analyst").post(f"/tickets/{made.pk}/talk/", sent).status_code == 403
    assert not [path for path in shelf.rglob("*") if path.is_file()]


def test_earlier_and_later_pages_of_what_was_said(made, enter):
    Message.objects.bulk_create(
        Message(ticket=made, seq=n, said="note", channel="web_form", body=f"第{n}条", at=AT)
        for n in range(1, 41)
    )
    client = enter("senior_agent")
    page = page_of(client, made)
    assert "第40条" in page
    assert "第10条" not in page
    assert f'hx-get="/tickets/{made.pk}/messages/?before=11"' in page
    assert "第10条" in page_of(client, made, "?before=11")
    later = client.get(f"/tickets/{made.pk}/messages/?after=39", **HTMX).content.decode()
    assert "第40条" in later
    assert "第39条" not in later
    assert client.get(f"/tickets/{made.pk}/messages/?after=x", **HTMX).status_code == 400


def test_a_draft_stays_when_the_owner_changes(made, company, enter):
    client = enter("senior_agent")
    page = page_of(client, made)
    token = page.split('name="_draft" value="')[1].split('"')[0]
    kept = {"_draft": token, "said": "note", "body": "还没写完"}
    assert client.post("/drafts/keep/", kept).status_code == 200
    services.assign_ticket(
        made.pk, owner=company.users["junior_agent"].pk, actor=company.actor("head"), at=AT
    )
    page = page_of(client, made)
    assert "还没写完" in page
    assert 'value="note" checked' in page
    assert Draft.objects.count() == 1


def test_who_only_reads_has_no_composer_and_cannot_speak(made, enter):
    client = enter("analyst")
    assert "data-composer" not in page_of(client, made)
    answer = client.post(f"/tickets/{made.pk}/talk/", {"said": "note", "body": "x"})
    assert answer.status_code == 403


def test_a_program_reads_and_speaks(made, callers):
    caller = callers("senior_agent")
    answer = caller.post(f"tickets/{made.pk}/reply/", {"body": "马上安排", "public_seq": 0})
    assert (answer.status_code, answer.json()["state"]) == (200, "open")
    stale = caller.post(f"tickets/{made.pk}/reply/", {"body": "再答", "public_seq": 0})
    assert (stale.status_code, stale.json()["differences"][0]["theirs"]) == (409, "马上安排")
    caller.post(f"tickets/{made.pk}/note/", {"body": "内部"})
    told = caller.get(f"tickets/{made.pk}/messages/?after=1").json()
    assert [(m["seq"], m["said"]) for m in told["results"]] == [(2, "note")]
    assert (told["public_seq"], told["next"]) == (1, None)


def test_a_customers_page_shows_its_tickets(made, enter):
    url = f"/customers/{made.customer_id}/panels/tickets/"
    assert "水泵漏水" in enter("senior_agent").get(url, **HTMX).content.decode()


def test_a_step_of_the_process_is_ticked_where_it_stands(made, enter):
    form = {"step": "greet", "_fields": "step"}
    assert enter("senior_agent").post(f"/tickets/{made.pk}/tick/", form).status_code == 302
    made.refresh_from_db()
    assert made.steps == ["greet"]
