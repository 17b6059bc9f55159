"""Create, read, change, archive and restore every record type over the API."""

import pytest

from guanxi.kernel.values import to_json
from guanxi.surfaces.api.tests.shapes import (
    BY_SESSION_ONLY,
    CHANGES,
    READ_ONLY,
    existing,
    new_values,
)
from guanxi.surfaces.records import get_record_type_by_plural, record_types
from tests.fixtures.api import page_token
from tests.fixtures.company import model

CREATABLE = sorted(CHANGES.keys() - {"attachments"} - set(BY_SESSION_ONLY))


def events():
    return model("kernel.Event").objects.order_by("id")


def made(caller, plural, mark="x"):
    """A record to work on: created where that is possible, else one of the company's."""
    if plural in CREATABLE:
        answer = caller.post(f"{plural}/", new_values(caller.company, plural, mark))
        assert answer.status_code == 201, answer.content
        return answer.json()
    return caller.get(f"{plural}/{existing(caller.company, plural)}/").json()


@pytest.fixture
def caller(callers):
    """The administrator's program."""
    found = callers("administrator")
    found.company = callers.company
    return found


def test_every_record_type_is_tested():
    known = {t.plural for t in record_types()}
    assert known - set(CHANGES) - set(READ_ONLY) - {"imports", "exports"} == set()


@pytest.mark.parametrize("plural", CREATABLE)
def test_creating_says_where_and_which_version(caller, plural):
    answer = caller.post(f"{plural}/", new_values(caller.company, plural))
    assert answer.status_code == 201, answer.content
    found = answer.json()
    assert answer["Location"] == f"http://testserver/api/v1/{plural}/{found['id']}/"
    assert answer["ETag"] == '"1"'
    assert found["version"] == 1
    again = caller.get(answer["Location"])
    assert again["ETag"] == '"1"'
    assert again.json() == found
    written = events().filter(kind="record.created").last()
    key = get_record_type_by_plural(plural).key
    assert (written.subject_type, written.subject_id) == (key, str(found["id"]))
    assert (written.channel, written.actor_label) == ("api", "Person administrator")
    assert written.request_id == answer["X-Request-ID"]


@pytest.mark.parametrize("plural", sorted(CHANGES.keys() - set(BY_SESSION_ONLY)))
def test_a_change_names_its_version_and_a_stale_one_is_compared(caller, plural):
    field, mine, theirs = CHANGES[plural]
    found = made(caller, plural)
    path = f"{plural}/{found['id']}/"
    before = found[field]

    assert caller.patch(path, {field: mine}).status_code == 428
    for wrong in ("*", ""):
        assert caller.patch(path, {field: mine}, wrong).status_code == 428
    for wrong in ('"x"', '"1", "2"', "1.5", '"1'):
        assert caller.patch(path, {field: mine}, wrong).json()["code"] == "bad_version"

    changed = caller.patch(path, {field: theirs}, found["version"])
    assert changed.status_code == 200, changed.content
    assert changed.json()[field] == theirs
    assert changed["ETag"] == f'"{found["version"] + 1}"'

    stale = caller.patch(path, {field: mine}, found["version"])
    assert stale.status_code == 409
    assert stale["ETag"] == changed["ETag"]
    told = stale.json()
    assert told["version"] == found["version"] + 1
    (difference,) = told["differences"]
    assert (difference["field"], difference["base"]) == (field, before)
    assert (difference["mine"], difference["theirs"]) == (mine, theirs)
    assert (difference["changed_by"], difference["base_is_known"]) == ("Person administrator", True)
    assert difference["changed_at"] == to_json(events().filter(kind="record.changed").last().at)
    assert caller.get(path).json()[field] == theirs

    written = events().filter(kind="record.changed").last()
    assert written.channel == "api"
    assert written.data["version"] == found["version"] + 1
    assert caller.patch(path, {field: mine}, f'W/"{found["version"] + 1}"').status_code == 200


def test_a_change_to_the_same_value_is_no_change(caller):
    found = made(caller, "customers")
    count = events().count()
    same = caller.patch(f"customers/{found['id']}/", {"name": found["name"]}, 1)
    assert (same.status_code, same["ETag"]) == (200, '"1"')
    assert events().count() == count


#: A complaint is archived when it is ended: its own tests lead it there.
ARCHIVED = sorted(CHANGES.keys() - set(BY_SESSION_ONLY) - {"users", "complaints"})


@pytest.mark.parametrize("plural", ARCHIVED)
def test_deleting_archives_and_restoring_brings_back(caller, plural):
    found = made(caller, plural, "gone")
    path = f"{plural}/{found['id']}/"
    assert caller.delete(path).status_code == 428
    stale = caller.delete(path, found["version"] + 5)
    assert (stale.status_code, stale.json()["version"]) == (409, found["version"])
    gone = caller.delete(path, found["version"])
    assert gone.status_code == 200, gone.content
    assert gone.json()["archived_at"]
    assert caller.get(path).json() == gone.json()
    ids = [row["id"] for row in caller.get(f"{plural}/?size=200").json()["results"]]
    assert found["id"] not in ids
    kept = caller.get(f"{plural}/?archived=true").json()["results"]
    assert [row["id"] for row in kept] == [found["id"]]
    assert caller.post(f"{path}restore/").status_code == 428
    back = caller.post(f"{path}restore/", version=gone.json()["version"])
    assert back.status_code == 200
    assert back.json()["archived_at"] is None
    assert [e.kind for e in events()][-2:] == ["record.archived", "record.restored"]
    again = caller.post(f"{path}archive/", {}, version=back.json()["version"])
    assert again.json()["archived_at"]
    assert caller.post(f"{path}archive/", {"why": "x"}, version=9).status_code == 400


def test_what_the_domain_refuses_to_archive_stays(caller):
    east = caller.company.departments["east"]
    answer = caller.delete(f"departments/{east.pk}/", 1)
    assert answer.status_code == 400
    assert caller.get(f"departments/{east.pk}/").json()["archived_at"] is None


def test_instants_amounts_and_references_have_one_form(caller):
    mine = caller.company.belongings["sales"].customer
    owner, customer = mine.owner, mine.pk
    reference = {"id": customer, "label": "ignored"}
    body = new_values(caller.company, "orders") | {"customer": reference}
    order = caller.post("orders/", body).json()
    assert order["placed_at"] == "2026-03-01T00:00:00Z"
    assert (order["amount_minor"], order["currency"]) == (123_456, "CNY")
    assert order["customer"] == {"id": customer, "label": "Customer of sales"}
    rows = caller.get("orders/?size=200").json()["results"]
    row = next(r for r in rows if r["id"] == order["id"])
    assert (row["amount_minor"], row["currency"]) == (123_456, "CNY")
    path = f"customers/{customer}/"
    version = caller.get(path).json()["version"]
    tag = caller.post("tags/", {"name": "急单"}).json()
    changed = caller.patch(path, {"owner": owner.pk, "tags": [tag["id"]]}, version).json()
    assert changed["owner"] == {"id": owner.pk, "label": owner.name}
    assert changed["tags"] == [{"id": tag["id"], "label": "急单"}]
    taken = caller.patch(path, {"tags": None, "headcount": None}, changed["version"])
    assert (taken.json()["tags"], taken.json()["headcount"]) == ([], None)


def test_a_verb_needs_its_version_its_values_and_its_right(callers):
    company = callers.company
    customer = company.belongings["sales"].customer
    path = f"customers/{customer.pk}/transfer/"
    to = {"to_user": company.users["colleague"].pk, "reason": "leave"}
    head = callers("head")
    assert head.post(path, to).status_code == 428
    missing = head.post(path, {"reason": "x"}, version=1).json()
    assert [(e["field"], e["code"]) for e in missing["errors"]] == [("to_user", "required")]
    assert head.post(path, to | {"more": 1}, version=1).json()["code"] == "unknown_field"
    assert callers("sales").post(path, to, version=1).status_code == 403
    assert callers("stranger").post(path, to, version=1).status_code == 404
    assert head.post(path, to, version=7).status_code == 409
    done = head.post(path, to, version=1)
    assert done.status_code == 200, done.content
    assert done.json()["owner"]["id"] == company.users["colleague"].pk
    assert done["ETag"] == '"2"'


def test_a_verb_that_takes_the_record_out_of_sight_answers_without_it(callers):
    company = callers.company
    customer = company.belongings["sales"].customer
    to = {"to_user": company.users["stranger"].pk, "reason": "moved south"}
    done = callers("head").post(f"customers/{customer.pk}/transfer/", to, version=1)
    assert (done.status_code, done.content) == (204, b"")


def test_a_list_of_roles_that_is_not_sent_is_not_an_empty_list(callers):
    user = callers.company.users["sales"]
    answer = callers("administrator").post(f"users/{user.pk}/assign_roles/", {})
    assert answer.status_code in {400, 403}
    assert user.roles.count() == 1


def test_a_reveal_says_why_and_is_written_down_each_time(browser_of, company):
    customer = company.belongings["junior_agent"].customer
    browser, path = browser_of("junior_agent"), f"/api/v1/customers/{customer.pk}/"
    headers = {"X-CSRFToken": page_token(browser), "Idempotency-Key": "same"}

    def reveal(**wanted):
        return browser.post(f"{path}reveal/", wanted, "application/json", headers=headers)

    assert browser.get(path).json()["phone"] != customer.phone
    shown = [reveal(field="phone", reason="call back") for _ in range(2)]
    assert [a.json() for a in shown] == [{"field": "phone", "value": customer.phone}] * 2
    assert {a["Cache-Control"] for a in shown} == {"private, no-store"}
    seen = model("kernel.AccessEntry").objects.filter(action="reveal")
    assert seen.count() == 2
    assert {(e.channel, e.reason, e.fields[0]) for e in seen} == {("api", "call back", "phone")}
    assert model("kernel.IdempotencyKey").objects.count() == 0
    assert reveal(field="phone").json()["errors"][0]["field"] == "reason"
    assert reveal(field="phone", reason="call back", x=1).status_code == 400
    assert reveal(field="name", reason="call back").status_code == 404


def test_a_reveal_is_never_for_a_program(callers):
    customer = callers.company.belongings["junior_agent"].customer
    wanted = {"field": "phone", "reason": "call back"}
    refused = callers("junior_agent").post(f"customers/{customer.pk}/reveal/", wanted)
    assert (refused.status_code, refused.json()["code"]) == (403, "unconfirmed")
    assert callers("sales").post(f"customers/{customer.pk}/reveal/", wanted).status_code == 404


def test_history_shows_what_changed_by_whom(caller):
    found = made(caller, "customers")
    path = f"customers/{found['id']}/"
    for number, tier in enumerate(("core", "potential", "ordinary"), start=1):
        assert caller.patch(path, {"tier": tier}, number).status_code == 200
    page = caller.get(f"{path}history/?size=2").json()
    assert [e["kind"] for e in page["results"]] == ["record.changed"] * 2
    newest = page["results"][0]
    assert (newest["channel"], newest["actor"]["label"]) == ("api", "Person administrator")
    (change,) = newest["changes"]
    assert (change["field"], change["old"], change["new"]) == ("tier", "potential", "ordinary")
    rest = caller.get(page["next"]).json()
    assert [e["kind"] for e in rest["results"]] == ["record.changed", "record.created"]
    assert rest["next"] is None
    for wrong in ("size=0", "size=201", "before=x", "before=-1", "more=1", "size=1&size=2"):
        assert caller.get(f"{path}history/?{wrong}").status_code == 400, wrong


def test_reading_personal_data_in_clear_is_written_down(callers):
    customer = callers.company.belongings["sales"].customer
    path = f"customers/{customer.pk}/"
    entries = model("kernel.AccessEntry").objects
    callers("quality").get(path)
    assert entries.filter(action="view").count() == 0
    callers("sales").get(path)
    entry = entries.get(action="view")
    assert (entry.subject_type, entry.subject_id) == ("customers.customer", str(customer.pk))
    assert (entry.customer_id, entry.channel, entry.actor_label) == (
        customer.pk,
        "api",
        "Person sales",
    )
    assert "phone" in entry.fields
    callers("stranger").get(path)
    refused = entries.get(action="refused")
    assert (refused.actor_label, refused.subject_id) == ("Person stranger", str(customer.pk))
    assert refused.reason == f"GET /api/v1/{path}"
