"""A. Drafts and presence: somebody else's do not exist, no form can be made up (A12, A16)."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from guanxi.surfaces import drafts, limits
from guanxi.surfaces.models import Draft, Presence
from tests.attacks.persons import Persons
from tests.fixtures.api import form_token
from tests.fixtures.company import AT, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MARK = re.compile(r'name="_draft" value="([^"]+)"')
VARIES = re.compile(r'"X-CSRFToken": "[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def persons(company):
    """Everybody's browser, with nothing spent yet."""
    limits.drafts.forget()
    limits.presence.forget()
    return Persons(company)


def text_of(answer) -> str:
    return VARIES.sub("", answer.content.decode())


def foreign_draft(company) -> Draft:
    """What a stranger has typed about their own customer."""
    owner = company.users["stranger"]
    return Draft.objects.create(
        id=uuid4(), user_id=owner.pk, record_key="customers.customer", purpose="new",
        values={"name": ["外人的草稿"], "_fields": ["name"]}, kept_at=AT,
    )  # fmt: skip


def test_a12_a_foreign_draft_answers_like_a_missing_one(company, persons):
    sales, draft, missing = persons["sales"], foreign_draft(company), uuid4()
    seen = [
        sales.ask("post", f"/drafts/{one}/drop/", headers={"HX-Request": "true"})
        for one in (draft.pk, missing)
    ]
    assert [a.status_code for a in seen] == [404, 404]
    assert text_of(seen[0]) == text_of(seen[1])
    page = sales.ask("get", f"/customers/new/?draft={draft.pk}").content.decode()
    assert "外人的草稿" not in page
    for url in ("/drafts/", "/", "/search/?q=外人", "/api/v1/me/"):
        assert "外人的草稿" not in sales.ask("get", url).content.decode()
    assert Draft.objects.filter(pk=draft.pk, settled_at=None).exists()


def test_a16_who_edits_a_foreign_record_is_not_told(company, persons):
    foreign = company.of("sales", "foreign").customer
    stranger, sales = persons["stranger"], persons["sales"]
    page = stranger.ask("get", f"/customers/{foreign.pk}/edit/").content.decode()
    mark = MARK.search(page)[1]
    assert stranger.ask("post", "/editing/", {"_draft": mark}).status_code == 204
    answers = [
        sales.ask("get", f"/live/?topics=customers.customer:{pk}") for pk in (foreign.pk, 999_999)
    ]
    assert [a.status_code for a in answers] == [404, 404]
    assert text_of(answers[0]) == text_of(answers[1])
    # Neither with the stranger's own mark, nor with one that was signed for a record out of sight.
    assert sales.ask("post", "/editing/", {"_draft": mark}).status_code == 404
    made = drafts.new_showing(company.actor("sales"), "customers.customer", str(foreign.pk), "edit")
    assert sales.ask("post", "/editing/", {"_draft": made.token}).status_code == 404
    assert Presence.objects.count() == 1


@pytest.mark.parametrize("address", ["/drafts/keep/", "/editing/"])
def test_a_form_that_we_did_not_show_keeps_nothing(company, persons, address):
    sales = persons["sales"]
    for mark in ("", "x:y:z", "W10:1xV37d:abc", "\0", "名", "a" * 5000, "[" * 400):
        assert sales.ask("post", address, {"_draft": mark, "name": "x"}).status_code == 400
    assert not Draft.objects.exists()
    assert not Presence.objects.exists()


def test_another_site_can_neither_keep_nor_drop(company, persons):
    """Without the token of our page nothing is kept, unless the form itself carries our mark."""
    client = Client(enforce_csrf_checks=True)
    signing_in = {"login": "sales", "password": PASSWORD}
    signing_in["csrfmiddlewaretoken"] = form_token(client.get("/accounts/login/"))
    assert client.post("/accounts/login/", signing_in).status_code == 302
    own = Draft.objects.create(
        id=uuid4(), user_id=company.users["sales"].pk, record_key="customers.customer",
        purpose="new", kept_at=AT,
    )  # fmt: skip
    assert client.post("/drafts/keep/", {"_draft": "made up", "name": "x"}).status_code == 403
    assert client.post(f"/drafts/{own.pk}/drop/").status_code == 403
    assert client.post("/editing/", {"_draft": "made up"}).status_code == 403
    assert Draft.objects.count() == 1
    assert client.get("/drafts/keep/").status_code == 405


def test_l05_too_much_and_too_often_is_refused(company, persons):
    sales = persons["sales"]
    page = sales.ask("get", "/customers/new/").content.decode()
    sent = {"_draft": MARK.search(page)[1], "_fields": "name"}
    long = sales.ask("post", "/drafts/keep/", {**sent, "name": "字" * 200_001})
    assert long.status_code == 422
    statuses = [
        sales.ask("post", "/drafts/keep/", {**sent, "name": str(n)}).status_code for n in range(80)
    ]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert Draft.objects.count() == 1
