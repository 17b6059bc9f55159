"""How many statements an answer may cost: constant in the number of rows, and never more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.surfaces.api.tests.shapes import (
    BY_SESSION_ONLY,
    CHANGES,
    READ_ONLY,
    existing,
    new_values,
)
from tests.fixtures.company import AT, model, stamps
from tests.snapshots import snapshot

FILE = "query_counts.json"
PLURALS = sorted({*CHANGES, *READ_ONLY})


def counted(act):
    """What an act answers and the statements that it takes, savepoints apart."""
    with CaptureQueriesContext(connection) as queries:
        answer = act()
    assert answer.status_code in {200, 201}, answer.content
    kept = [q["sql"] for q in queries.captured_queries]
    return answer, [sql for sql in kept if "SAVEPOINT" not in sql]


def a_record(caller, company, plural):
    """The id of a record of the type."""
    if plural in {"tags", "custom-fields"}:
        return caller.post(f"{plural}/", new_values(company, plural, "first")).json()["id"]
    if plural == "accesses":
        model("kernel.AccessEntry").objects.create(action="view", subject_type="x", at=AT)
    if plural in {"roles", "events", "accesses"}:
        return caller.get(f"{plural}/").json()["results"][0]["id"]
    return existing(company, plural)


def costs(callers, plural):
    """Statements per operation of one record type, the key of the caller included."""
    caller, company = callers("administrator"), callers.company
    pk = a_record(caller, company, plural)
    caller.get(f"{plural}/{pk}/")
    found = {"list": counted(lambda: caller.get(f"{plural}/"))[1]}
    detail, found["detail"] = counted(lambda: caller.get(f"{plural}/{pk}/"))
    if plural in CHANGES and plural not in BY_SESSION_ONLY:
        field, value, _ = CHANGES[plural]
        version = detail.json()["version"]
        _, found["patch"] = counted(
            lambda: caller.patch(f"{plural}/{pk}/", {field: value}, version)
        )
        if plural != "attachments":
            body = new_values(company, plural, "second")
            _, found["create"] = counted(lambda: caller.post(f"{plural}/", body))
    return {name: len(statements) for name, statements in found.items()}


@pytest.mark.parametrize("plural", PLURALS)
def test_an_answer_costs_no_more_statements_than_it_did(callers, plural):
    spent = costs(callers, plural)
    if snapshot.IS_WRITING:
        kept = snapshot.read(FILE) if (snapshot.FOLDER / FILE).exists() else {}
        snapshot.write(FILE, dict(sorted({**kept, plural: spent}.items())))
    ceiling = snapshot.read(FILE)[plural]
    assert spent.keys() == ceiling.keys()
    assert {name: n for name, n in spent.items() if n > ceiling[name]} == {}


def test_a_list_costs_the_same_for_one_row_and_for_many(callers):
    caller = callers("administrator")
    caller.get("customers/")
    _, few = counted(lambda: caller.get("customers/?size=200"))
    owner, tag = callers.company.users["sales"], model("customers.Tag")
    tags = [tag.objects.create(name=f"t{n}", **stamps()) for n in range(3)]
    rows = model("customers.Customer").objects.bulk_create(
        model("customers.Customer")(number=f"Q{n}", name=f"n{n}", owner=owner, **stamps())
        for n in range(150)
    )
    for row in rows[:20]:
        row.tags.set(tags)
    _, many = counted(lambda: caller.get("customers/?size=200"))
    assert len(many) == len(few)
