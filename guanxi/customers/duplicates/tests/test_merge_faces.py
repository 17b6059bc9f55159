"""Merging on the page, over the API and by import: what leads where (CUS-12)."""

import pytest

from guanxi.customers.duplicates.models import Merge
from guanxi.customers.models import Customer
from guanxi.customers.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(company):
    actor = company.actor("sales")
    one = factories.customer(actor, "上海云澜精密电子有限公司", city="上海")
    other = factories.customer(actor, "云澜精密电子（上海）有限公司", industry="电子")
    factories.order(other)
    return one, other


def test_the_page_leads_from_the_look_alike_to_the_merge_and_back(company, two):
    survivor, loser = two
    client = factories.signed_in(company.users["sales"])
    assert (
        f"/customers/{survivor.pk}/merge/"
        in client.get(f"/customers/{survivor.pk}/").content.decode()
    )
    chosen = client.get(f"/customers/{survivor.pk}/merge/").content.decode()
    assert f"?with={loser.pk}" in chosen
    page = client.get(f"/customers/{survivor.pk}/merge/", {"with": loser.number}).content.decode()
    assert loser.name in page
    assert "订单: 1" in page
    posted = {"with": loser.pk, "version": 1, "other_version": 1, "pick.industry": "theirs"}
    answer = client.post(f"/customers/{survivor.pk}/merge/", posted)
    assert answer["Location"] == f"/customers/{survivor.pk}/"
    assert Customer.objects.get(pk=survivor.pk).industry == "电子"
    again = client.post(f"/customers/{survivor.pk}/merge/", posted)
    assert again.status_code == 200  # The other one is no customer any more: choose again.
    made = Merge.objects.get()
    assert (
        f"/customers/merges/{made.pk}/undo/"
        in client.get(f"/customers/{survivor.pk}/merge/").content.decode()
    )
    client.post(f"/customers/merges/{made.pk}/undo/")
    assert client.get(f"/customers/{loser.pk}/").status_code == 200
    assert Customer.objects.get(pk=survivor.pk).industry == ""


def test_a_talk_begun_at_the_one_that_goes_is_found_at_the_one_that_stays(company, two):
    survivor, loser = two
    client = factories.signed_in(company.users["sales"])
    page = client.get(f"/customers/{loser.pk}/").content.decode()
    mark = page.split('name="_draft" value="')[1].split('"')[0]
    client.post("/drafts/keep/", {"_draft": mark, "content": "合并前写的沟通"})
    posted = {"with": loser.pk, "version": 1, "other_version": 1}
    assert client.post(f"/customers/{survivor.pk}/merge/", posted).status_code == 302
    listed = client.get("/drafts/").content.decode()
    assert survivor.name in listed
    address = listed.split(f'href="/customers/{loser.pk}/?draft=')[1].split('"')[0]
    found = client.get(f"/customers/{loser.pk}/?draft={address}", follow=True)
    assert found.redirect_chain[0][0].startswith(f"/customers/{survivor.pk}/")
    assert ">合并前写的沟通</textarea>" in found.content.decode()


def test_a_page_that_is_out_of_date_changes_nothing(company, two):
    survivor, loser = two
    client = factories.signed_in(company.users["sales"])
    posted = {"with": loser.pk, "version": 1, "other_version": 7}
    assert client.post(f"/customers/{survivor.pk}/merge/", posted).status_code == 409
    assert not Merge.objects.exists()


def test_a_program_merges_and_takes_it_back(company, two):
    survivor, loser = two
    client = factories.signed_in(company.users["sales"])

    def post(path, body, **headers):
        return client.post(
            f"/api/v1/customers/{path}", body, content_type="application/json", headers=headers
        )

    body = {"other": loser.pk, "other_version": 1, "picks": {"industry": "theirs"}}
    assert post(f"{survivor.pk}/merge/", body).status_code == 428
    assert post(f"{survivor.pk}/merge/", body, **{"If-Match": '"9"'}).status_code == 409
    made = post(f"{survivor.pk}/merge/", body, **{"If-Match": '"1"'})
    assert made.status_code == 200, made.content
    assert post(f"{loser.pk}/unmerge/", {"merge": made.json()["merge"]}).status_code == 308
    other = factories.customer(company.actor("sales"), "别的公司")
    assert post(f"{other.pk}/unmerge/", {"merge": made.json()["merge"]}).status_code == 404
    undone = post(f"{survivor.pk}/unmerge/", {"merge": made.json()["merge"]})
    assert undone.json() == {"customer": survivor.pk, "again": loser.pk, "kept": []}


@pytest.mark.parametrize("body", [{}, {"other": "1", "other_version": 1}, {"other": True}])
def test_a_program_that_says_nonsense_is_told(company, two, body):
    client = factories.signed_in(company.users["sales"])
    answer = client.post(
        f"/api/v1/customers/{two[0].pk}/merge/", body, content_type="application/json",
        headers={"If-Match": '"1"'},
    )  # fmt: skip
    assert answer.status_code == 400


def test_a_stranger_is_told_nothing(company, two):
    client = factories.signed_in(company.users["stranger"])
    for path in (f"/customers/{two[0].pk}/merge/", f"/api/v1/customers/{two[0].pk}/merge/"):
        answer = client.post(path, {}, content_type="application/json")
        assert answer.status_code == 404
