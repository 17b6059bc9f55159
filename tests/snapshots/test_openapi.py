"""The description of the API changes only on purpose (`make snapshots` writes it anew)."""

import json
import re

import pytest
from django.urls import Resolver404, resolve
from django.utils import translation

from guanxi.surfaces.api.schema import Generator
from tests.snapshots import snapshot

pytestmark = pytest.mark.once
FILE = "openapi.json"


@pytest.fixture(scope="module")
def description():
    """The description in English, as the code declares it."""
    with translation.override("en"):
        return json.loads(json.dumps(Generator(with_custom=False).get_schema()))


def test_the_description_is_the_committed_one(description):
    if snapshot.IS_WRITING:
        snapshot.write(FILE, description)
    assert description == snapshot.read(FILE)


def test_every_pointer_leads_somewhere(description):
    text = json.dumps(description)
    pointers = set(re.findall(r'"\$ref": "#/([^"]+)"', text))
    assert len(pointers) > 50
    for pointer in pointers:
        part = description
        for word in pointer.split("/"):
            part = part[word]


def test_every_operation_has_its_own_name(description):
    names = [o["operationId"] for path in description["paths"].values() for o in path.values()]
    assert len(names) == len(set(names)) > 80
    assert "customers_list" in names


def test_every_described_address_exists(description):
    for path in description["paths"]:
        for pk in ("1", "0f8fad5b-d9cb-469f-a165-70867728950e"):
            try:
                found = resolve(path.replace("{id}", pk))
            except Resolver404:
                continue
            if found.url_name != "nowhere":
                break
        else:
            pytest.fail(f"{path} leads nowhere")


def test_it_is_the_wanted_version_with_both_ways_to_sign_in(description):
    assert description["openapi"] == "3.1.0"
    assert set(description["components"]["securitySchemes"]) == {"token", "session"}
    problem = description["components"]["responses"]["Problem409"]["content"]
    assert list(problem) == ["application/problem+json"]
