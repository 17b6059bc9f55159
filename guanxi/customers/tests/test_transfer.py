"""Giving a customer to another owner."""

import pytest

from guanxi.customers import services
from guanxi.customers.models import Customer
from guanxi.customers.tests import factories
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record

pytestmark = pytest.mark.django_db


def give(company, customer, to: str, by: str = "head", version: int | None = 1) -> Customer:
    return services.transfer_customer(
        customer.pk,
        to_user=company.users[to].pk,
        reason="休假代管",
        version=version,
        actor=company.actor(by),
        at=factories.AT,
    )


def test_owner_department_and_team_move(company):
    given = give(company, company.of("sales", "own").customer, "below")
    given.refresh_from_db()
    assert given.owner == company.users["below"]
    assert given.department == company.departments["shanghai"]
    assert (given.team, given.version) == (None, 2)


def test_the_event_says_from_whom_to_whom_and_why(company):
    customer = company.of("sales", "own").customer
    give(company, customer, "colleague")
    event = factories.last_event()
    assert (event.kind, event.customer_id) == ("customers.transferred", customer.pk)
    assert event.data["reason"] == "休假代管"
    assert (event.data["from_label"], event.data["to_label"]) == (
        "Person sales",
        "Person colleague",
    )
    people = [company.users["sales"].pk, company.users["colleague"].pk]
    assert event.data["changes"]["owner"] == people


@pytest.mark.parametrize(
    ("to", "code"),
    [("sales", "same_owner"), ("gone", "inactive_owner"), ("none", "inactive_owner")],
)
def test_only_to_another_active_person(company, to, code):
    customer = company.of("sales", "own").customer
    company.users["gone"] = company.users["colleague"]
    if to == "gone":
        type(company.users["gone"]).objects.filter(pk=company.users["gone"].pk).update(
            is_active=False
        )
    target = company.users[to].pk if to in company.users else 999_999
    with pytest.raises(RuleViolation) as refused:
        services.transfer_customer(
            customer.pk,
            to_user=target,
            reason="x",
            version=1,
            actor=company.actor("head"),
            at=factories.AT,
        )
    assert refused.value.code == code
    assert not Event.objects.filter(kind="customers.transferred").exists()


def test_one_who_sees_it_but_may_not_is_denied(company):
    with pytest.raises(Denied):
        give(company, company.of("sales", "own").customer, "colleague", by="sales")


def test_one_who_does_not_see_it_finds_nothing(company):
    with pytest.raises(NotFound):
        give(company, company.of("head", "foreign").customer, "colleague")


def test_an_old_version_is_refused(company):
    customer = company.of("sales", "own").customer
    with pytest.raises(StaleVersion):
        give(company, customer, "colleague", version=7)
    customer.refresh_from_db()
    assert customer.owner == company.users["sales"]


def test_what_others_set_beside_the_owner_hinders_no_transfer(company):
    customer = company.of("sales", "own").customer
    kind, at = get_record_type("customers.customer"), factories.AT
    change_record(kind, customer.pk, {"city": "上海"}, version=1, actor=factories.SYSTEM, at=at)
    given = give(company, customer, "colleague")
    assert (given.owner, given.city, given.version) == (company.users["colleague"], "上海", 3)


def test_the_second_transfer_names_who_gave_it_to_whom(company):
    customer, client = (
        company.of("sales", "own").customer, factories.signed_in(company.users["head"])
    )  # fmt: skip
    give(company, customer, "colleague")
    url, wanted = f"/customers/{customer.pk}/transfer/", company.users["below"].pk
    form = {"_fields": "to_user,reason", "to_user": wanted, "reason": "休假", "version": 1}
    late = client.post(url, form)
    assert late.status_code == 409
    told = late.content.decode()
    assert "Person head" in told
    assert "Person colleague" in told
    assert 'name="version" value="2"' in told
    assert client.post(url, form | {"version": 2}).status_code == 302
    customer.refresh_from_db()
    assert customer.owner == company.users["below"]
