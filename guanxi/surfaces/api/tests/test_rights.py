"""Who sees which records and which fields over the API, and what nobody can find out."""

import pytest

from guanxi.kernel.access import groups
from guanxi.kernel.actor import Level
from guanxi.surfaces.api.tests.shapes import CHANGES, new_values
from guanxi.surfaces.records import get_record_type, record_types
from tests.fixtures.company import OWNERSHIPS, model
from tests.snapshots.makers import make_complaint

PARTS = ("customer", "contact", "order", "payment", "interaction", "attachment")
REACHES = {"own": 1, "team": 2, "branch": 3, "foreign": 4}
TYPES = [t for t in record_types() if t.plural not in {"imports", "exports"}]


def without_words(answer):
    """An answer as a stranger to the record sees it."""
    return (answer.status_code, answer.content)


def test_a_list_needs_the_right_and_holds_what_it_reaches(callers):
    company = callers.company
    for role in ("sales", "senior_agent", "head", "analyst", "hr", "it", "auditor"):
        caller, actor = callers(role), company.actor(role)
        for part in PARTS:
            record_type = get_record_type(f"customers.{part}")
            answer = caller.get(f"{record_type.plural}/", size=200)
            reach = actor.reach(record_type.allows("view"))
            if reach is None:
                assert answer.status_code == 403
                assert answer.json()["permission"] == record_type.allows("view")
                continue
            found = {str(row["id"]) for row in answer.json()["results"]}
            assert answer.json()["count"] == len(found)
            for ownership in OWNERSHIPS:
                record = getattr(company.of(role, ownership), part)
                is_seen = REACHES[ownership] <= reach
                if reach == 3 and ownership == "team":
                    is_seen = True
                assert (str(record.pk) in found) is is_seen, f"{role} {part} {ownership}"


@pytest.mark.parametrize("role", ["sales", "senior_agent", "head", "hr", "auditor"])
def test_a_foreign_record_looks_like_a_missing_one(callers, role):
    caller, company = callers(role), callers.company
    for part in PARTS:
        record_type = get_record_type(f"customers.{part}")
        foreign = getattr(company.of(role, "foreign"), part).pk
        missing = "0f8fad5b-d9cb-469f-a165-70867728950e" if part == "attachment" else 10**17
        field, value, _ = CHANGES[record_type.plural]
        for method, tail, body in (
            ("GET", "", None),
            ("GET", "history/", None),
            ("PATCH", "", {field: value}),
            ("DELETE", "", None),
            ("POST", "archive/", None),
            ("POST", "restore/", None),
        ):
            theirs, none = (
                caller.send(method, f"{record_type.plural}/{pk}/{tail}", body, version=1)
                for pk in (foreign, missing)
            )
            assert theirs.status_code == 404, f"{method} {record_type.plural} {tail}"
            assert without_words(theirs) == without_words(none)


def test_every_reference_into_foreign_records_is_refused(callers):
    caller, company = callers("sales"), callers.company
    foreign, own = company.of("sales", "foreign"), company.of("sales", "own")
    tries = [
        ("contacts/", {"customer": foreign.customer.pk, "name": "x"}, "customer"),
        ("orders/", {**new_values(company, "orders"), "customer": foreign.customer.pk}, "customer"),
        ("interactions/", {"customer": foreign.customer.pk, "content": "x"}, "customer"),
        (
            "contacts/",
            {"customer": own.customer.pk, "name": "x", "reports_to": foreign.contact.pk},
            "reports_to",
        ),
        (
            "interactions/",
            {"customer": own.customer.pk, "content": "x", "contact": foreign.contact.pk},
            "contact",
        ),
        ("customers/", {"name": "x", "owner": 10**17}, "owner"),
        ("customers/", {"name": "x", "tags": [10**17]}, "tags"),
    ]
    before = {m: model(m).objects.count() for m in ("customers.Contact", "customers.Order")}
    for path, body, field in tries:
        refused = caller.post(path, body)
        assert refused.status_code == 400, refused.content
        (error,) = refused.json()["errors"]
        assert (error["field"], error["code"]) == (field, "no_such_record")
        missing = caller.post(path, body | {field: [10**16] if field == "tags" else 10**16})
        assert missing.content == refused.content
    moved = caller.patch(f"orders/{own.order.pk}/", {"customer": foreign.customer.pk}, 1)
    assert moved.status_code == 400
    assert {m: model(m).objects.count() for m in before} == before


def test_a_token_reaches_no_further_than_its_scope(callers):
    customer = callers.company.belongings["sales"].customer.pk
    reader = callers("sales", {"*": "read"})
    assert reader.get(f"customers/{customer}/").status_code == 200
    for method, path, body in (
        ("POST", "customers/", {"name": "x"}),
        ("PATCH", f"customers/{customer}/", {"name": "x"}),
        ("DELETE", f"customers/{customer}/", None),
        ("POST", f"customers/{customer}/archive/", None),
        ("POST", "views/", {"type": "customers", "name": "x"}),
    ):
        for version in (None, 1):
            answer = reader.send(method, path, body, version=version)
            assert (answer.status_code, answer.json()["code"]) == (403, "denied"), path
    narrow = callers("sales", {"orders": "write"})
    assert narrow.get("customers/").status_code == 403
    assert narrow.get(f"customers/{customer}/").status_code == 404
    assert narrow.get("orders/").status_code == 200


def test_a_token_dies_with_its_user_its_revocation_and_its_time(callers):
    from datetime import timedelta

    from django.utils import timezone

    caller = callers("sales")
    assert caller.get("me/").status_code == 200
    tokens = model("people.ApiToken").objects.filter(user=callers.company.users["sales"])
    now = timezone.now()
    for change in (
        {"revoked_at": now},
        {"expires_at": now - timedelta(seconds=1), "revoked_at": None},
    ):
        tokens.update(**change)
        assert caller.get("me/").status_code == 401
    tokens.update(expires_at=None)
    assert caller.get("me/").status_code == 200
    users = model("people.User").objects.filter(pk=callers.company.users["sales"].pk)
    users.update(is_active=False)
    assert caller.get("me/").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer gx_", "Bearer gx_" + "a" * 43, "Basic YTpi", "Token x", "gx_x"]
)
def test_a_wrong_token_is_a_strangers(stranger, db, header):
    answer = stranger.send("GET", "customers/", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


# Fields -------------------------------------------------------------------------------------------
def canaries(belongings):
    """A value of each group that only a clear reader may ever read, by group."""
    customer, contact, payment = belongings.customer, belongings.contact, belongings.payment
    return {
        "contact": [customer.phone[3:], customer.email, contact.phone[3:], contact.wechat],
        "technical": [customer.technical_notes],
        "private": [customer.notes, contact.notes],
        "finance": [f'"amount_minor":{payment.amount_minor},'],
        "totals": [f'"total_minor":{customer.total_minor},'],
        "complainant": [complainant_of(customer.owner)[3:]],
    }


def complainant_of(user):
    """The phone of whoever complains in a complaint that a person handles."""
    complaint, phone = make_complaint(user), f"+861390099{user.pk:04}"
    type(complaint).objects.filter(pk=complaint.pk).update(complainant_phone=phone)
    return phone


def everything(caller, company, role):
    """Every byte that a role can read of its own records, their lists and their history."""
    said = b""
    for record_type in TYPES:
        names = ",".join(record_type.declared())
        said += caller.get(f"{record_type.plural}/", size=200, columns=names).content
        said += caller.get(f"{record_type.plural}/", size=200).content
        if company.of(role, "own").has(record_type.key):
            record = company.of(role, "own").of(record_type.key)
            path = f"{record_type.plural}/{record.pk}/"
            said += caller.get(path).content + caller.get(f"{path}history/").content
    for query in ("sales", "13800", "wx-"):
        said += caller.get("search/", q=query).content
    return said.decode()


def leaks(callers, role, later):
    """The values that a role reads although its level does not show them in clear."""
    company = callers.company
    actor, belongings = company.actor(role), company.of(role, "own")
    said = everything(callers(role), company, role)
    values = canaries(belongings)
    values["contact"] += later
    if actor.level("contact") is Level.CLEAR and actor.can("customers.view"):
        assert all(value in said for value in later), "the sweep does not see what it should"
    dark = [group for group in values if actor.level(group) is not Level.CLEAR]
    return [(role, group, v) for group in dark for v in values[group] if v in said]


@pytest.mark.slow
def test_no_role_reads_a_byte_of_what_it_sees_masked_or_not_at_all(callers):
    company, administrator = callers.company, callers("administrator")
    later = {}
    for number, role in enumerate(company.roles):
        belongings = company.of(role, "own")
        later[role] = [f"1390000{number:04}", f"wechat-{role}-new"]
        for path, body in (
            (f"customers/{belongings.customer.pk}/", {"phone": later[role][0]}),
            (f"contacts/{belongings.contact.pk}/", {"wechat": later[role][1]}),
            (f"payments/{belongings.payment.pk}/", {"amount_minor": 7_654_000 + number}),
        ):
            assert administrator.patch(path, body, 1).status_code == 200
        belongings.payment.refresh_from_db()
    assert [leak for role in company.roles for leak in leaks(callers, role, later[role])] == []


def test_masked_fields_are_named_and_hidden_ones_absent(callers):
    customer = callers.company.belongings["senior_agent"].customer
    found = callers("senior_agent").get(f"customers/{customer.pk}/").json()
    assert found["_masked"] == ["phone", "email"]
    assert "*" in found["phone"]
    for name in ("total_minor", "order_count", "technical_notes", "notes"):
        assert name not in found
    row = callers("senior_agent").get("customers/").json()["results"][0]
    assert row["_masked"] == ["phone"]
    assert "currency" not in row


def test_masked_and_hidden_fields_are_no_oracle(callers):
    caller = callers("senior_agent")
    customer = callers.company.belongings["senior_agent"].customer
    for query in (
        {"phone": customer.phone},
        {"phone__starts_with": "+86"},
        {"email__not_empty": "1"},
        {"where": '{"field": "total_minor", "op": "gt", "value": 1}'},
        {"where": '{"not": {"field": "notes", "op": "empty"}}'},
        {"sort": "total_minor"},
        {"sort": "-phone"},
        {"sort": "owner__password"},
        {"owner__password__starts_with": "a"},
    ):
        answer = caller.get("customers/", **query)
        assert answer.status_code == 400, query
    for body, code in (
        ({"phone": "13800138000"}, "masked_field"),
        ({"notes": "x"}, "unknown_field"),
        ({"total_minor": 1}, "unknown_field"),
    ):
        refused = caller.patch(f"customers/{customer.pk}/", body, 1)
        assert (refused.status_code, refused.json()["code"]) == (400, code)
    found = caller.get("customers/", q=customer.phone[-8:]).json()["results"]
    assert found == []
    assert caller.get("customers/", columns="name,notes").json()["results"][0].keys() == {
        *("id", "version", "archived_at", "name", "_masked")
    }


def test_a_taken_value_is_refused_without_saying_whose_it_is(callers):
    company = callers.company
    theirs = company.belongings["stranger"].customer
    model("customers.Customer").objects.filter(pk=theirs.pk).update(external_id="SECRET-1")
    answer = callers("sales").post("customers/", {"name": "x", "external_id": "SECRET-1"})
    assert answer.status_code == 400
    for told in (theirs.name, theirs.number, "SECRET-1", "stranger", str(theirs.owner_id)):
        assert told not in answer.json()["detail"]


def test_saved_views_of_others_are_theirs(callers):
    sales, colleague = callers("sales"), callers("colleague")
    spec = {"type": "customers", "name": "核心", "condition": {"field": "tier", "value": "core"}}
    private = sales.post("views/", spec).json()
    shared = sales.post("views/", spec | {"visibility": "shared"}).json()
    assert {v["id"] for v in sales.get("views/").json()["results"]} == {private["id"], shared["id"]}
    assert [v["id"] for v in colleague.get("views/").json()["results"]] == [shared["id"]]
    path = f"views/{private['id']}/"
    for answer in (
        colleague.get(path),
        colleague.patch(path, {"name": "x"}, 1),
        colleague.delete(path, 1),
        colleague.get(f"customers/?view={private['id']}"),
        callers("hr").get(f"views/{shared['id']}/"),
    ):
        assert answer.status_code == 404
    assert colleague.patch(f"views/{shared['id']}/", {"name": "x"}, 1).status_code == 403
    assert colleague.delete(f"views/{shared['id']}/", 1).status_code == 403


def test_every_group_has_a_canary(company):
    assert set(canaries(company.belongings["sales"])) == set(groups())
