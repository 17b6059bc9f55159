"""Writing a talk down from the customer's page (COM-1)."""

from datetime import UTC, datetime

import pytest

from guanxi.customers.models import Customer, Interaction
from guanxi.customers.tests import factories

pytestmark = pytest.mark.django_db


def post(company, customer, by: str = "sales", htmx: bool = False, **typed):
    values = {"content": "谈了报价", "channel": "phone", "direction": "out", **typed}
    headers = {"HX-Request": "true", "HX-Target": "talk-box"} if htmx else {}
    client = factories.signed_in(company.users[by])
    return client.post(f"/customers/{customer.pk}/log/", values, headers=headers)


def newest() -> Interaction:
    return Interaction.objects.latest("pk")


def test_one_line_becomes_a_talk_with_its_event(company):
    customer = company.of("sales", "own").customer
    contact = company.of("sales", "own").contact
    answer = post(company, customer, contact=contact.pk, channel="wechat", direction="in")
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{customer.pk}/#talk")
    talk = newest()
    assert (talk.content, talk.channel, talk.direction) == ("谈了报价", "wechat", "in")
    assert (talk.user, talk.contact, talk.customer) == (company.users["sales"], contact, customer)
    event = factories.last_event()
    assert (event.kind, event.subject_type) == ("record.created", "customers.interaction")
    assert (event.customer_id, event.channel) == (customer.pk, "web")


def test_a_next_day_means_by_the_end_of_that_day_here(company):
    customer = company.of("sales", "own").customer
    post(company, customer, next_contact_at="2026-12-01")
    customer.refresh_from_db()
    assert customer.next_contact_at == datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    assert customer.last_contact_at == newest().occurred_at
    assert customer.version == 2


def test_htmx_gets_the_new_timeline_and_the_headers_facts(company):
    answer = post(company, company.of("sales", "own").customer, htmx=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "谈了报价" in page
    assert 'id="lead-last_contact_at" hx-swap-oob="true"' in page
    assert "<html" not in page


@pytest.mark.parametrize("typed", [{"content": "  "}, {"channel": "smoke"}, {"contact": "0"}])
def test_what_cannot_be_kept_comes_back_with_the_reason(company, typed):
    customer = company.of("sales", "own").customer
    before = Interaction.objects.count()
    answer = post(company, customer, htmx=True, **typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Interaction.objects.count() == before


def test_without_a_script_a_refusal_is_the_whole_page_with_what_was_typed(company):
    customer = company.of("sales", "own").customer
    answer = post(company, customer, channel="smoke", content="不要丢")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<html" in page
    assert "不要丢</textarea>" in page


def test_a_contact_of_another_customer_is_refused(company):
    customer = company.of("sales", "own").customer
    other = factories.customer(company.actor("sales"), "乙公司")
    answer = post(company, customer, contact=factories.contact(other).pk)
    assert answer.status_code == 422
    assert not Interaction.objects.filter(content="谈了报价").exists()


def test_a_strangers_customer_is_not_found(company):
    customer = company.of("sales", "foreign").customer
    assert post(company, customer).status_code == 404
    assert not Interaction.objects.filter(content="谈了报价").exists()


def test_without_the_right_it_is_denied(company):
    customer = company.of("analyst", "own").customer
    assert post(company, customer, by="analyst").status_code == 403
    assert not Interaction.objects.filter(content="谈了报价").exists()
    assert Customer.objects.get(pk=customer.pk).last_contact_at is None


def test_it_is_never_done_by_a_link(company):
    client = factories.signed_in(company.users["sales"])
    customer = company.of("sales", "own").customer
    answer = client.get(f"/customers/{customer.pk}/log/?content=x")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
