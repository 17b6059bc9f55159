"""One record with that person, team or department: read or write, until a date (A04, A06, A09)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers.models import Contact, Customer, Interaction, Order
from guanxi.customers.pools import rules
from guanxi.customers.pools.services import share_customer, unshare_customer
from guanxi.customers.tests import factories
from guanxi.kernel.access import explain_access, visible
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.models import Share
from guanxi.people.models import User
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.search import search_everywhere
from guanxi.surfaces.services import archive_record, change_record, create_record

pytestmark = pytest.mark.django_db
TYPE = "customers.customer"


def share(company, to: str = "stranger", by: str = "head", **values) -> Share:
    """A customer of sales' opened to somebody of the South."""
    receiver = {"with_user": company.users[to].pk} if to in company.users else {}
    customer = company.of("sales", "own").customer
    given = {**receiver, "actor": company.actor(by), "at": timezone.now(), **values}
    return share_customer(customer.pk, **given)


def seen(company, who: str, model=Customer, code: str = "customers.view") -> set[int]:
    rows = visible(company.actor(who), code, model.objects.all())
    return set(rows.values_list("pk", flat=True))


def test_list_check_search_and_what_hangs_below_open_together(company):
    theirs = company.of("sales", "own")
    before = seen(company, "stranger")
    assert theirs.customer.pk not in before
    share(company)
    stranger, kind = company.actor("stranger"), get_record_type(TYPE)
    assert seen(company, "stranger") == before | {theirs.customer.pk}
    assert theirs.contact.pk in seen(company, "stranger", Contact, "contacts.view")
    assert theirs.order.pk in seen(company, "stranger", Order, "orders.view")
    assert theirs.interaction.pk in seen(company, "stranger", Interaction, "interactions.view")
    listing = Listing(kind, stranger, at=timezone.now())
    assert theirs.customer.pk in {row.pk for row in listing.page(ListRequest()).rows}
    assert listing.read(theirs.customer.pk).is_opened
    number = theirs.customer.number or theirs.customer.name
    hits = search_everywhere(number, [kind], stranger)
    assert theirs.customer.pk in {hit.object_id for hit in hits} or not hits


@pytest.mark.parametrize("way", ["with_team", "with_department"])
def test_a_share_with_a_team_or_department_opens_it_to_its_people(company, way):
    group = company.teams["south"] if way == "with_team" else company.departments["south"]
    theirs = company.of("sales", "own").customer.pk
    assert theirs not in seen(company, "stranger")
    share(company, to="", **{way: group.pk})
    assert theirs in seen(company, "stranger")
    assert theirs not in seen(company, "below")


def test_reading_is_not_changing(company):
    theirs = company.of("sales", "own").customer
    share(company)
    with pytest.raises(Denied):
        change(company, theirs)
    share(company, may_write=True)
    assert Share.objects.count() == 1
    assert change(company, theirs).city == "苏州"


def change(company, customer: Customer) -> Customer:
    return change_record(
        get_record_type(TYPE), customer.pk, {"city": "苏州"}, version=1,
        actor=company.actor("stranger"), at=timezone.now(),
    )  # fmt: skip


def test_who_may_write_adds_talk_but_never_archives_transfers_or_shares_on(company):
    theirs = company.of("sales", "own").customer
    share(company, may_write=True)
    stranger, at = company.actor("stranger"), timezone.now()
    talk = {"customer": theirs.pk, "content": "问候"}
    assert create_record(get_record_type("customers.interaction"), talk, actor=stranger, at=at).pk
    with pytest.raises(Denied):
        archive_record(get_record_type(TYPE), theirs.pk, version=1, actor=stranger, at=at)
    with pytest.raises(Denied):
        share(company, to="below", by="stranger")
    for code in ("customers.transfer", "customers.archive", "customers.share", "customers.export"):
        if stranger.can(code):
            assert theirs.pk not in seen(company, "stranger", code=code)


def test_an_ended_share_is_dead_at_the_next_request_without_any_job(company):
    theirs = company.of("sales", "own").customer.pk
    made = share(company, until=timezone.now() + timedelta(hours=1))
    assert theirs in seen(company, "stranger")
    Share.objects.filter(pk=made.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert theirs not in seen(company, "stranger")  # the access stamp is the same


def test_ending_it_by_hand_is_as_quick(company):
    theirs = company.of("sales", "own").customer.pk
    made = share(company)
    unshare_customer(made.pk, actor=company.actor("head"), at=timezone.now())
    assert theirs not in seen(company, "stranger")
    event = factories.last_event("customers.unshared")
    assert (event.customer_id, event.data["to_label"]) == (theirs, "Person stranger")
    unshare_customer(made.pk, actor=company.actor("head"), at=timezone.now())
    assert type(event).objects.filter(kind="customers.unshared").count() == 1


def test_a_foreigner_finds_neither_the_customer_nor_the_share(company):
    made = share(company)
    with pytest.raises(NotFound):
        unshare_customer(made.pk, actor=company.actor("below"), at=timezone.now())
    with pytest.raises(NotFound):
        share(company, to="sales", by="stranger2" if "stranger2" in company.users else "below")


def test_access_is_explained_step_by_step(company):
    customer = company.of("sales", "own").customer
    share(company)
    steps = explain_access(company.actor("stranger"), "customers.view", customer)
    assert {"step": "shared_customer", "ok": True, "detail": ""} in steps
    assert steps[-1]["ok"]
    changing = explain_access(company.actor("stranger"), "customers.change", customer)
    assert not changing[-1]["ok"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"with_user": None}, "one_receiver"),
        ({"with_team": 1}, "one_receiver"),
        ({"until": factories.AT}, "over_already"),
        ({"to": "sales"}, "same_owner"),
        ({"to": "gone"}, "inactive_person"),
    ],
)
def test_what_is_refused(company, values, code):
    company.users["gone"] = company.users["colleague"]
    User.objects.filter(pk=company.users["gone"].pk).update(is_active=False)
    with pytest.raises(RuleViolation) as refused:
        share(company, **values)
    assert refused.value.code == code
    assert not Share.objects.exists()


def test_nobody_is_given_more_records_than_their_lists_can_bear(company, monkeypatch):
    monkeypatch.setattr(rules, "MOST_SHARES", 0)
    with pytest.raises(RuleViolation) as refused:
        share(company)
    assert refused.value.code == "too_many_shares"


def test_people_without_shares_pay_nothing(company, django_assert_num_queries):
    company.actor("colleague")
    user = User.objects.get(pk=company.users["colleague"].pk)
    assert company.actor("colleague").openings is None
    with django_assert_num_queries(1):
        company.actor("colleague")  # only the user's own row
    assert user.pk


def test_the_receiver_hears_of_it(company):
    share(company)
    client = factories.signed_in(company.users["stranger"])
    assert company.of("sales", "own").customer.name in client.get("/following/").content.decode()


def test_page_and_api_do_the_same(company, callers):
    customer = company.of("sales", "own").customer
    head = factories.signed_in(company.users["head"])
    page = head.get(f"/customers/{customer.pk}/share/")
    assert page.status_code == 200
    posted = {"with_user": company.users["stranger"].pk, "_fields": "with_user,may_write"}
    assert head.post(f"/customers/{customer.pk}/share/", posted).status_code == 302
    stranger = factories.signed_in(company.users["stranger"])
    shown = stranger.get(f"/customers/{customer.pk}/")
    assert shown.status_code == 200
    assert f"/customers/{customer.pk}/edit/" not in shown.content.decode()
    made = Share.objects.get()
    assert head.post(f"/shares/{made.pk}/unshare/").status_code == 302
    assert stranger.get(f"/customers/{customer.pk}/").status_code == 404
