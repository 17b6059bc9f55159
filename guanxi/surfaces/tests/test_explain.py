"""`manage.py explain` names what derives from a declaration and where it is written."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from guanxi.surfaces.records import record_types


def run(*words: str) -> str:
    out = StringIO()
    call_command("explain", *words, stdout=out)
    return out.getvalue()


def test_without_a_key_it_names_every_record_type():
    assert set(json.loads(run("--json"))) == {each.key for each in record_types()}


@pytest.mark.parametrize("key", [each.key for each in record_types()])
def test_every_record_type_is_explained_for_people_and_programs(db, key):
    explained = json.loads(run(key, "--json"))
    assert explained["key"] == key
    assert "record" in Path(explained["declared_in"]).with_suffix("").parts[-2:]
    written = Path(settings.BASE_DIR) / explained["model"]["written_in"].partition(":")[0]
    assert written.is_file()
    assert explained["fields"]
    assert explained["permissions"]
    text = run(key)
    assert all(field["name"] in text for field in explained["fields"])


def test_it_says_where_a_customer_s_parts_come_from(db):
    explained = json.loads(run("customers.customer", "--json"))
    fields = {field["name"]: field for field in explained["fields"]}
    assert fields["name"]["flags"][:2] == ["required", "sortable"]
    assert fields["phone"]["group"] == "contact"
    assert fields["owner"]["refers_to"] == "people.user"
    assert "importable" not in fields["total_minor"]["flags"]
    assert explained["verbs"][0]["name"] == "transfer"
    assert explained["verbs"][0]["service"].endswith(" transfer_customer")
    assert "/api/v1/customers/" in {each["address"] for each in explained["api"]}
    assert "/customers/" in {each["address"] for each in explained["pages"]}
    assert "customers.transferred" in {each["kind"] for each in explained["events"]}


def test_it_names_the_reactions_to_orders(db):
    explained = json.loads(run("customers.order", "--json"))
    consumers = [each["consumer"] for each in explained["reactions"]]
    assert "customers.reactions.recount_orders" in consumers
    assert "customers.reactions.time_entries" not in consumers


def test_an_unknown_key_is_refused_with_those_there_are():
    with pytest.raises(CommandError, match=r"customers\.customer"):
        run("customers.nothing")
