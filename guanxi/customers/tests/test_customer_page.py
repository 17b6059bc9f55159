"""The customer's page: whole for its owner, narrower for others, missing for strangers."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.customers.choices import Channel, Direction
from guanxi.customers.page.sentences import TALK
from guanxi.customers.tests import factories
from guanxi.kernel.models import AccessEntry, Event
from guanxi.surfaces.models import Mark

pytestmark = pytest.mark.django_db
CEILING = 24


def page_of(company, customer, reader: str, query: str = "", **headers):
    client = factories.signed_in(company.users[reader])
    return client.get(f"/customers/{customer.pk}/{query}", headers=headers)


def whole(company, customer, reader: str) -> str:
    """The page and the part that is loaded when it comes into view."""
    parts = (page_of(company, customer, reader, part) for part in ("", "business/"))
    return "".join(part.content.decode() for part in parts)


def test_the_owner_sees_the_whole_customer(company):
    mine = company.of("sales", "own")
    factories.talk(mine.customer, "谈了年包", actor=company.actor("sales"))
    page = whole(company, mine.customer, "sales")
    for part in (
        "谈了年包",
        mine.contact.name,
        mine.contact.wechat,
        mine.order.number,
        "file of sales",
    ):
        assert part in page
    assert 'id="composer"' in page
    assert "hreflang" not in page


@pytest.mark.parametrize("ownership", ["team", "branch", "foreign"])
@pytest.mark.parametrize(
    "part", ["", "timeline/", "business/", "files/", "print/", "tags/", "next-contact/"]
)
def test_other_peoples_customers_look_like_missing_ones(company, ownership, part):
    theirs = page_of(company, company.of("sales", ownership).customer, "sales", part)
    client = factories.signed_in(company.users["sales"])
    missing = client.get(f"/customers/99999999/{part}")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.content == missing.content


def test_masks_and_hidden_parts_are_kept_from_an_agent(company):
    mine = company.of("senior_agent", "own")
    factories.payment(mine.customer, 123_45, number="P-SECRET")
    page = whole(company, mine.customer, "senior_agent")
    for secret in (
        mine.contact.phone[-8:], mine.contact.phone[3:], mine.contact.email, mine.contact.wechat,
        mine.customer.phone[3:], "P-SECRET", "technical senior_agent", "private senior_agent",
        "private contact",
    ):  # fmt: skip
        assert secret not in page
    assert f"/contacts/{mine.contact.pk}/reveal/phone/" in page


def test_no_total_and_no_amount_without_the_level(company):
    mine = company.of("senior_agent", "own")
    factories.order(mine.customer, 98_765_43, number="SO-7")
    page = page_of(company, mine.customer, "senior_agent").content.decode()
    assert "SO-7" in page
    assert "98,765.43" not in page


def test_opening_is_remembered_and_logged_once(company):
    customer = company.of("sales", "own").customer
    page_of(company, customer, "sales")
    line = AccessEntry.objects.get(action="view")
    assert (line.subject_id, line.customer_id) == (str(customer.pk), customer.pk)
    assert "phone" in line.fields
    assert Mark.objects.filter(kind="recent", object_id=customer.pk).count() == 1


def test_the_log_keeps_who_was_refused(company):
    customer = company.of("sales", "foreign").customer
    page_of(company, customer, "sales")
    line = AccessEntry.objects.get()
    assert (line.action, line.subject_id) == ("refused", str(customer.pk))
    assert line.actor_user_id == company.users["sales"].pk


def test_an_attachments_own_page_offers_the_file_to_whoever_may(company):
    attachment = factories.attachment(company.of("sales", "own").customer, "合同")
    link = f"/attachments/{attachment.pk}/download/"
    url = f"/attachments/{attachment.pk}/"
    assert link in factories.signed_in(company.users["sales"]).get(url).content.decode()
    attachment = factories.attachment(company.of("quality", "own").customer, "合同")
    page = factories.signed_in(company.users["quality"]).get(f"/attachments/{attachment.pk}/")
    assert page.status_code == 200
    assert "download/" not in page.content.decode()


def test_parts_of_the_page_are_not_logged_as_opened(company):
    customer = company.of("sales", "own").customer
    answer = page_of(
        company, customer, "sales", "timeline/", **{"HX-Request": "true", "HX-Target": "timeline"}
    )
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert not AccessEntry.objects.exists()


def test_the_timelines_address_without_a_script_is_the_page(company):
    customer = company.of("sales", "own").customer
    answer = page_of(company, customer, "sales", "timeline/?show=talk")
    assert answer["Location"] == f"/customers/{customer.pk}/?show=talk"


def test_earlier_entries_come_alone(company):
    customer = company.of("sales", "own").customer
    for number in range(25):
        factories.order(customer, number=f"E-{number}", at=factories.minutes(number))
    first = page_of(company, customer, "sales").content.decode()
    more = re.search(r'hx-get="[^"]*timeline/(\?before=[^"]+)"', first)[1]
    answer = page_of(
        company, customer, "sales", f"timeline/{more}",
        **{"HX-Request": "true", "HX-Target": "earlier"},
    )  # fmt: skip
    part = answer.content.decode()
    assert part.lstrip().startswith("<li")
    assert part.count('class="entry ') == 5


def test_a_mistyped_part_of_the_timeline_is_a_clear_refusal(company):
    customer = company.of("sales", "own").customer
    assert page_of(company, customer, "sales", "?show=everything").status_code == 400
    assert page_of(company, customer, "sales", "?before=x").status_code == 400


def fill(company, customer, rounds: int) -> None:
    actor = company.actor("head")
    for number in range(rounds):
        at = factories.minutes(number)
        boss = factories.contact(customer, f"人{number}", decision_role="buyer")
        factories.contact(customer, f"员{number}", reports_to=boss.pk, phone="13912345678")
        factories.talk(customer, f"谈 {number}", contact=boss.pk, actor=actor, at=at)
        count = Event.objects.count()
        factories.order(customer, number=f"S-{count}", at=at)
        factories.payment(customer, number=f"P-{count}")
        factories.attachment(customer, f"合同{number}", year=2020 + number % 5)


def queries_of(company, customer) -> list[str]:
    client = factories.signed_in(company.users["head"])
    client.get(f"/customers/{customer.pk}/")
    with CaptureQueriesContext(connection) as seen:
        assert client.get(f"/customers/{customer.pk}/").status_code == 200
    # The company's name is read anew every half minute, whoever opens what.
    return [q["sql"][:90] for q in seen if "people_organisation" not in q["sql"]]


def test_opening_costs_the_same_queries_whatever_there_is(company):
    customer = company.of("head", "own").customer
    fill(company, customer, 1)
    few = queries_of(company, customer)
    fill(company, customer, 8)
    many = queries_of(company, customer)
    assert len(many) == len(few), "\n".join(many)
    assert len(few) <= CEILING


def test_every_way_of_talking_has_its_own_words():
    wanted = {(d, c) for d in Direction.values for c in Channel.values}
    assert set(TALK) == wanted


def test_the_empty_customer_says_what_to_do_next(company):
    customer = factories.customer(company.actor("sales"))
    page = whole(company, customer, "sales")
    assert f"/contacts/new/?customer={customer.pk}&amp;back=/customers/{customer.pk}/" in page
    assert "还没有联系人" in page
    assert "还没有订单" in page


def test_an_archived_customer_takes_no_more_talk(company):
    from guanxi.surfaces.records import get_record_type
    from guanxi.surfaces.services import archive_record

    customer = company.of("sales", "own").customer
    archive_record(
        get_record_type("customers.customer"), customer.pk, version=1,
        actor=company.actor("sales"), at=factories.AT,
    )  # fmt: skip
    page = page_of(company, customer, "sales").content.decode()
    assert 'id="composer"' not in page


def test_hostile_names_stay_text_everywhere_on_the_page(company):
    hostile = "<script>alert(1)</script>"
    customer = factories.customer(company.actor("sales"), f"客户{hostile}")
    boss = factories.contact(customer, hostile, position=hostile, decision_role="decider")
    factories.talk(customer, hostile, contact=boss.pk)
    factories.attachment(customer, "合同", paper_location=hostile)
    for part in ("", "print/", "files/"):
        page = page_of(company, customer, "sales", part).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
