"""B. Fields: no byte that a role may not see is in anything that it can open (B01, B02, B12)."""

import json

import pytest
from django.test import Client

from guanxi.kernel.actor import Level, system_actor
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record
from tests.attacks.test_a_record_access import ROLES, belonging, enter, pages
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
API = ("customers", "contacts", "orders", "payments", "interactions", "attachments", "events")

# By field group: what is planted, and in which fields of which records.
CANARIES = {
    "contact": {
        "customers.customer": {"email": "canary-mail@planted.example"},
        "customers.contact": {
            "email": "canary-person@planted.example",
            "wechat": "canarywechat",
            "phone": "+8613787654321",
        },
    },
    "technical": {"customers.customer": {"technical_notes": "canarytechnical"}},
    "private": {
        "customers.customer": {"notes": "canaryprivate"},
        "customers.contact": {"notes": "canarypersonal"},
    },
    "totals": {"customers.order": {"amount_minor": 918273}},
    "finance": {"customers.payment": {"amount_minor": 817263}},
}


def forms(value):
    """How a planted value may look on a page."""
    if isinstance(value, int):
        return [str(value), f"{value / 100:,.2f}", f"{value / 100:.2f}"]
    if value.startswith("+86"):
        digits = value[3:]
        return [digits, f"{digits[:3]} {digits[3:7]} {digits[7:]}", digits[3:]]
    return [value]


def plant(company, owner):
    """Put the canaries into one customer's records through the product, so history holds them."""
    for by_record in CANARIES.values():
        for key, values in by_record.items():
            record = company.belongings[owner].of(key)
            version = type(record).objects.get(pk=record.pk).version
            change_record(
                get_record_type(key),
                record.pk,
                values,
                version=version,
                actor=system_actor(),
                at=AT,
            )


def secret_for(company, role, owner):
    """What this role may not read of the planted customer, anywhere."""
    actor = company.actor(role)
    secrets = []
    for group, by_record in CANARIES.items():
        if actor.level(group) is not Level.CLEAR:
            secrets += [
                f for values in by_record.values() for v in values.values() for f in forms(v)
            ]
    return secrets


@pytest.mark.parametrize("role", ROLES)
def test_b01_no_page_and_no_answer_holds_what_the_role_may_not_see(company, role):
    """Own, team and foreign records planted; every page, list, search and API answer is read."""
    for owner in (role, "stranger"):
        plant(company, owner)
    secrets = [s.encode() for s in secret_for(company, role, role)]
    client: Client = enter(role)
    for page in pages():
        pk = belonging(company, role, "own", page.plural) if page.is_of_a_record else 999_999_999
        check(client.get(page.path(pk)), secrets, page.route)
    for plural in API:
        check(client.get(f"/api/v1/{plural}/"), secrets, plural)
        if plural != "events":
            pk = belonging(company, role, "own", plural)
            check(client.get(f"/api/v1/{plural}/{pk}/"), secrets, plural)
            check(client.get(f"/api/v1/{plural}/{pk}/history/"), secrets, f"{plural} history")
    for typed in ("Customer", "876543", "canar"):
        check(client.get("/palette/", {"q": typed}), secrets, "palette")
        check(client.get("/search/", {"q": typed}), secrets, "search")
        check(client.get("/api/v1/search/", {"q": typed}), secrets, "api search")
        check(client.get("/api/v1/customers/", {"q": typed}), secrets, "api list")


def check(answer, secrets, where):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found = [s for s in secrets if s in body or json.dumps(s.decode()).strip('"').encode() in body]
    assert not found, (where, found)


@pytest.mark.parametrize("role", ["junior_agent", "senior_agent", "quality", "analyst"])
def test_b02_masked_fields_find_sort_and_filter_nothing(company, role):
    plant(company, role)
    client = enter(role)
    actor = company.actor(role)
    for field, group in (("phone", "contact"), ("total_minor", "totals"), ("notes", "private")):
        if actor.level(group) is Level.CLEAR or not actor.can("customers.view"):
            continue
        for query in ({"sort": field}, {field: "1"}, {f"{field}__not_empty": "1"}):
            answer = client.get("/api/v1/customers/", query)
            assert answer.status_code == 400, (role, query)
            assert client.get("/customers/", query).status_code == 400
    if actor.level("contact") is not Level.CLEAR and actor.can("customers.view"):
        found = client.get("/api/v1/customers/", {"q": "87654321"})
        assert found.status_code == 200
        assert found.json()["results"] == []
        assert model("customers.Contact").objects.filter(phone__contains="87654321").exists()
