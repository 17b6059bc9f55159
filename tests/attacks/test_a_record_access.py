"""A. Record access beside the walk: nothing tells of foreign records (A01, A04, A14, A18)."""

import pytest
from django.test import Client

from tests.attacks.walk import OWNED, addresses
from tests.fixtures.company import PASSWORD, model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROLES = (
    "sales", "junior_agent", "senior_agent", "head", "complaint", "legal", "quality",
    "analyst", "hr", "it", "administrator", "security_admin", "auditor",
)  # fmt: skip
# Leaving and asking for the password again change the session that walks.
# Enough for every form to be read as far as the record.
FORM = {"version": "1", "name": "x", "reason": "because", "event_id": "1", "event": "1", "tag": "1"}
NOT_WALKED = ("logout", "reauthenticate", "static", "password/change", "2fa", "sessions")


def enter(name):
    client = Client(raise_request_exception=False)
    assert client.post("/accounts/login/", {"login": name, "password": PASSWORD}).status_code == 302
    return client


def walked():
    return [a for a in addresses() if not any(part in a.route for part in NOT_WALKED)]


def pages():
    return [a for a in walked() if not a.route.startswith("api/")]


def belonging(company, name, ownership, plural):
    return company.of(name, ownership).of(f"customers.{plural.removesuffix('s')}").pk


@pytest.mark.parametrize("role", ["sales", "junior_agent", "hr", "it", "security_admin"])
def test_a01_a_foreign_record_is_the_same_as_a_missing_one(company, role):
    """Not a byte tells whether the record exists: same status, same body."""
    client = enter(role)
    for page in pages():
        if not page.is_of_a_record:
            continue
        foreign = belonging(company, role, "foreign", page.plural)
        missing = "0f8fad5b-d9cb-469f-a165-70867728950e" if "-" in str(foreign) else 999_999_999
        got, none = client.get(page.path(foreign)), client.get(page.path(missing))
        assert got.status_code == none.status_code, page.route
        texts = [
            answer.content.replace(f"/{pk}/".encode(), b"/?/")
            for answer, pk in ((got, foreign), (none, missing))
        ]
        assert len(texts[0]) == len(texts[1]), page.route


def test_a04_no_verb_reaches_a_foreign_record(company):
    """Posting to every page of a foreign record writes nothing and says 404, 403 or 405."""
    client, events = enter("sales"), model("kernel.Event").objects
    before = events.count()
    for page in pages():
        if page.is_of_a_record:
            pk = belonging(company, "sales", "foreign", page.plural)
            answer = client.post(page.path(pk), FORM)
            assert answer.status_code in {403, 404, 405}, (page.route, answer.status_code)
    assert events.count() == before


@pytest.mark.parametrize("role", ["it", "security_admin", "auditor"])
def test_a14_separated_administrators_open_no_business_record(company, role):
    client = enter(role)
    for plural in OWNED:
        assert client.get(f"/{plural}/").status_code == 403
        pk = belonging(company, role, "own", plural)
        assert client.get(f"/{plural}/{pk}/").status_code in {403, 404}


def test_a18_a_get_changes_nothing(company):
    """Walking every page by GET leaves no event but what says that somebody looked."""
    client, events = enter("head"), model("kernel.Event").objects
    before = set(events.values_list("pk", flat=True))
    for page in pages():
        if "login" in page.route or "confirm" in page.route:
            continue
        pk = belonging(company, "head", "own", page.plural) if page.is_of_a_record else 999_999_999
        client.get(page.path(pk))
    assert set(events.values_list("pk", flat=True)) == before


def test_a14_a_stranger_gets_no_page(company):
    client = Client(raise_request_exception=False)
    for page in pages():
        if page.route.startswith(("accounts/", "health/")):  # Their own tests: E, L11.
            continue
        answer = client.get(page.path(1))
        assert answer.status_code in {302, 401, 404, 405}, (page.route, answer.status_code)
        assert b"Customer of" not in answer.content
