"""Whoever deals with a ticket reads its customer until it is closed (SEC-1, A01, A06)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.customers.models import Contact, Customer, Interaction, Order
from guanxi.customers.tests.factories import signed_in
from guanxi.kernel.access import explain_access, visible
from guanxi.kernel.errors import Denied, NotFound
from guanxi.kernel.models import Substitution
from guanxi.people.models import ApiToken
from guanxi.surfaces import search
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record
from guanxi.tickets import services
from guanxi.tickets.models import Ticket
from guanxi.tickets.tests.factories import ALL_STEPS, AT, SYSTEM, TYPE, ticket
from tests.fixtures.company import stamps

pytestmark = pytest.mark.django_db
TABLES = {
    "customers": Customer,
    "contacts": Contact,
    "orders": Order,
    "interactions": Interaction,
    "tickets": Ticket,
}


@pytest.fixture
def theirs(company):
    """The customer of somebody in the South."""
    return company.of("junior_agent", "foreign")


@pytest.fixture
def held(company, theirs):
    """A ticket of that customer that the junior agent deals with."""
    return deal_with(ticket(customer=theirs.customer.pk), company, "junior_agent")


def deal_with(made, company, who):
    return services.assign_ticket(made.pk, owner=company.users[who].pk, actor=SYSTEM, at=AT)


def seen(company, who, plural="customers", **more):
    rows = visible(company.actor(who, **more), f"{plural}.view", TABLES[plural].objects.all())
    return set(rows.values_list("pk", flat=True))


def test_the_customer_and_the_contacts_and_nothing_else_of_it(company, theirs):
    before = {plural: seen(company, "junior_agent", plural) for plural in TABLES}
    waiting = ticket(customer=theirs.customer.pk)
    other = ticket(customer=theirs.customer.pk)
    deal_with(waiting, company, "junior_agent")
    after = {plural: seen(company, "junior_agent", plural) for plural in TABLES}
    assert {plural: after[plural] - before[plural] for plural in TABLES} == {
        "customers": {theirs.customer.pk},
        "contacts": {theirs.contact.pk},
        "orders": set(),
        "interactions": set(),
        "tickets": {waiting.pk},
    }
    assert other.pk not in after["tickets"]


def test_list_count_check_and_search_agree(company, theirs, held):
    junior, kind = company.actor("junior_agent"), get_record_type("customers.customer")
    listing = Listing(kind, junior, at=timezone.now())
    rows = [row.pk for row in listing.page(ListRequest()).rows]
    assert theirs.customer.pk in rows
    assert listing.count(ListRequest()) == (len(rows), True)
    assert listing.read(theirs.customer.pk).is_opened
    search.index_records(kind, [theirs.customer], at=AT)
    found = search.search_everywhere(theirs.customer.number, [kind], company.actor("junior_agent"))
    assert [hit.object_id for hit in found] == [theirs.customer.pk]
    deal_with(held, company, "senior_agent")
    assert (
        search.search_everywhere(theirs.customer.number, [kind], company.actor("junior_agent"))
        == []
    )


def test_it_is_for_reading_and_nothing_becomes_clearer(company, theirs, held, callers):
    client = signed_in(company.users["junior_agent"])
    path = f"/customers/{theirs.customer.pk}/"
    page = client.get(path).content.decode()
    assert theirs.customer.name in page
    assert theirs.contact.name in page
    shown = page.replace(" ", "")
    for hidden in (theirs.contact.phone[3:], theirs.customer.phone[3:], theirs.interaction.content):
        assert hidden.replace(" ", "") not in shown
    for way in ("edit/", "log/"):
        assert f"{path}{way}" not in page
    assert client.post(f"{path}log/", {"content": "x"}).status_code in {403, 404}
    with pytest.raises((Denied, NotFound)):
        change_record(
            get_record_type("customers.customer"), theirs.customer.pk, {"city": "苏州"},
            version=1, actor=company.actor("junior_agent"), at=AT,
        )  # fmt: skip
    told = callers("junior_agent").get(f"customers/{theirs.customer.pk}/").json()
    assert (told["name"], "*" in told["phone"]) == (theirs.customer.name, True)
    revealing = explain_access(company.actor("junior_agent"), "customers.reveal", theirs.customer)
    assert not revealing[-1]["ok"]


def solve(held, company):
    services.solve_ticket(held.pk, steps=ALL_STEPS, actor=SYSTEM, at=AT)


def close(held, company):
    solve(held, company)
    services.close_ticket(held.pk, actor=SYSTEM, at=AT)


def merge(held, company):
    into = ticket(customer=held.customer_id)
    services.merge_ticket(held.pk, into=into.pk, actor=SYSTEM, at=AT)


def archive(held, company):
    held.refresh_from_db()
    archive_record(TYPE(), held.pk, version=held.version, actor=SYSTEM, at=AT)


def give_away(held, company):
    deal_with(held, company, "senior_agent")


def of_another(held, company):
    held.refresh_from_db()
    values = {"customer": company.of("sales", "own").customer.pk}
    change_record(TYPE(), held.pk, values, version=held.version, actor=SYSTEM, at=AT)


@pytest.mark.parametrize("end", [close, merge, archive, give_away, of_another])
def test_it_ends_at_the_next_request(company, theirs, held, end):
    client = signed_in(company.users["junior_agent"])
    path = f"/customers/{theirs.customer.pk}/"
    assert client.get(path).status_code == 200
    end(held, company)
    assert client.get(path).status_code == 404
    assert theirs.contact.pk not in seen(company, "junior_agent", "contacts")


def test_what_is_solved_is_followed_up_until_it_is_closed(company, theirs, held):
    solve(held, company)
    assert theirs.customer.pk in seen(company, "junior_agent")


def test_what_waits_in_the_queue_opens_nothing(company, theirs):
    junior = company.users["junior_agent"]
    waiting = ticket(customer=theirs.customer.pk, team=company.teams["east one"].pk)
    Ticket.objects.filter(pk=waiting.pk).update(owner=None)
    assert waiting.pk in seen(company, "junior_agent", "tickets")
    assert theirs.customer.pk not in seen(company, "junior_agent")
    services.take_ticket(waiting.pk, actor=company.actor("junior_agent"), at=AT)
    assert theirs.customer.pk in seen(company, "junior_agent")
    assert Ticket.objects.get(pk=waiting.pk).owner_id == junior.pk


def test_who_wrote_it_down_or_has_the_other_tickets_sees_no_more(company, theirs):
    made = ticket(customer=theirs.customer.pk)
    Ticket.objects.filter(pk=made.pk).update(
        owner=company.users["sales"], created_by_id=company.users["junior_agent"].pk
    )
    assert made.pk in seen(company, "junior_agent", "tickets")
    assert theirs.customer.pk not in seen(company, "junior_agent")
    assert theirs.customer.pk not in seen(company, "sales")  # who cannot reply does no such work


def test_a_substitute_does_the_work_of_the_person(company, theirs, held):
    assert theirs.customer.pk not in seen(company, "senior_agent")
    Substitution.objects.create(
        person=company.users["junior_agent"], substitute=company.users["senior_agent"],
        starts_at=timezone.now() - timedelta(hours=1), until=timezone.now() + timedelta(hours=1),
        **stamps(),
    )  # fmt: skip
    again = company.users["senior_agent"]
    type(again).objects.filter(pk=again.pk).update(access_stamp=again.access_stamp + 1)
    assert theirs.customer.pk in seen(company, "senior_agent")


def test_it_is_explained_step_by_step(company, theirs, held):
    steps = explain_access(company.actor("junior_agent"), "customers.view", theirs.customer)
    assert {"step": "open_work", "ok": True, "detail": ""} in steps
    assert steps[-1]["ok"]


def statements(company, who):
    """What it takes to know which customers somebody sees, the person's own row included."""
    seen(company, who)
    with CaptureQueriesContext(connection) as queries:
        seen(company, who)
    return len(queries)


def test_one_statement_for_whom_it_concerns_and_none_for_others(company, theirs, held):
    assert {who: statements(company, who) for who in ("sales", "quality", "administrator")} == {
        "sales": 2, "quality": 2, "administrator": 2,
    }  # fmt: skip
    assert {who: statements(company, who) for who in ("junior_agent", "head", "complaint")} == {
        "junior_agent": 3, "head": 3, "complaint": 3,
    }  # fmt: skip
    actor = company.actor("junior_agent")
    for _time in range(2):  # looked up once per request
        with CaptureQueriesContext(connection) as queries:
            visible(actor, "contacts.view", Contact.objects.all()).exists()
    assert len(queries) == 1


def test_a_token_sees_by_work_what_its_scopes_let_it_see(company, theirs, held):
    user = company.users["junior_agent"]
    for scopes, is_seen in (({"*": "read"}, True), ({"customers": "read"}, False)):
        token = ApiToken(pk=5, user=user, scopes=scopes)
        assert (theirs.customer.pk in seen(company, "junior_agent", token=token)) is is_seen
