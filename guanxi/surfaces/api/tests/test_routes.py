"""Every address and method of the API: who gets in, what is not offered, what a write promises."""

import json
import re

import pytest

from guanxi.kernel.access import permissions
from guanxi.surfaces.api.base import SIGNED_IN
from guanxi.surfaces.api.tests.shapes import CHANGES, existing
from guanxi.surfaces.api.urls import urlpatterns
from guanxi.surfaces.records import record_types
from tests.fixtures.api import page_token
from tests.fixtures.company import model

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
VIEWS = [p for p in urlpatterns if hasattr(p.callback, "cls")]
ROUTES = {p.name: p for p in VIEWS}


def address(pattern, pk=999_999):
    """The path of a route with an id filled in."""
    route = str(pattern.pattern)
    if route.startswith("^"):
        return "no/such/address/"
    return re.sub(r"<(uuid|record_id):pk>", lambda m: UUID if m[1] == "uuid" else str(pk), route)


def offered(pattern):
    """The methods that an address takes."""
    view = pattern.callback.cls(**pattern.callback.initkwargs)
    methods = set(view.allowed_methods)
    return methods | {"HEAD"} if "GET" in methods else methods


def test_every_record_type_has_its_addresses():
    for record_type in record_types():
        assert f"{record_type.plural}-list" in ROUTES
        assert f"{record_type.plural}-detail" in ROUTES
        for verb in record_type.verbs:
            assert f"{record_type.plural}-{verb.name}" in ROUTES
    assert len(ROUTES) > 70


@pytest.mark.slow
def test_a_stranger_gets_401_and_nothing_else(stranger, db):
    for name, pattern in ROUTES.items():
        for method in METHODS:
            answer = stranger.send(method, address(pattern))
            assert answer.status_code == 401, f"{method} {name}"
            assert answer["WWW-Authenticate"] == "Bearer"
            assert answer["Content-Type"] == "application/problem+json"
            if method != "HEAD":
                assert answer.json().keys() == {"type", "title", "status", "code"}


@pytest.mark.slow
def test_other_methods_are_refused_and_change_nothing(callers):
    caller, events = callers("administrator"), model("kernel.Event").objects
    before = events.count()
    for name in ROUTES.keys() - {"nowhere"}:
        for method in set(METHODS) - offered(ROUTES[name]):
            answer = caller.send(method, address(ROUTES[name]), {"name": "x"}, version=1)
            assert answer.status_code == 405, f"{method} {name}"
            assert set(answer["Allow"].split(", ")) == offered(ROUTES[name])
    assert events.count() == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_and_no_parameter_overrides_the_method(callers, header):
    caller, company = callers("administrator"), callers.company
    for plural in CHANGES.keys() - {"custom-fields", "tags", "roles"}:
        path = f"{plural}/{existing(company, plural)}/"
        for wanted in ("DELETE", "PATCH"):
            got = caller.send("GET", path, headers={header: wanted, "If-Match": '"1"'})
            assert got.status_code == 200
            assert got.json()["archived_at"] is None
            again = caller.send("GET", f"{path}archive/?_method={wanted}", version=1)
            assert again.status_code == 405


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_method_names_a_declared_permission(name):
    pattern = ROUTES[name]
    view = pattern.callback.cls(**pattern.callback.initkwargs)
    for method in offered(pattern) - {"HEAD"}:
        needed = view.permission(method)
        assert needed == SIGNED_IN or needed in permissions(), f"{method} names {needed!r}"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_every_write_can_be_repeated_under_a_key(name):
    view = ROUTES[name].callback.cls
    for method in ("post", "patch", "delete"):
        handler = getattr(view, method, None)
        if handler is not None:
            assert getattr(handler, "is_once", False) or view.is_repeatable, method


def test_an_unknown_address_is_not_found_for_whoever_is_signed_in(callers):
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        answer = callers("hr").send(method, "nothing/here")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_answers_are_kept_by_no_cache_and_vary_by_caller(callers):
    answer = callers("administrator").get("customers/")
    assert answer["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie", "Accept-Language"} <= set(answer["Vary"].split(", "))
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_index_names_what_the_caller_may_open(callers):
    names = callers("hr").get("").json()
    assert "users" in names
    assert "customers" not in names


def test_me_says_who_and_what_is_left_of_the_rights(callers):
    said = callers("sales", {"customers": "read"}).get("me/").json()
    assert said["label"] == "Person sales"
    assert said["permissions"] == {"customers.view": "own"}
    assert said["levels"]["contact"] == "clear"


# The browser's session ----------------------------------------------------------------------------
def test_a_session_reads_and_needs_the_csrf_token_to_write(browser_of):
    browser = browser_of("administrator")
    assert browser.get("/api/v1/customers/").status_code == 200
    body = json.dumps({"name": "no token"})
    refused = browser.post("/api/v1/customers/", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    taken = browser.post(
        "/api/v1/customers/",
        body,
        content_type="application/json",
        headers={"X-CSRFToken": page_token(browser)},
    )
    assert taken.status_code == 201
    assert model("kernel.Event").objects.latest("id").channel == "api"


@pytest.mark.parametrize("sent_as", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_sent_as_a_form_can_send_it_is_refused(browser_of, callers, sent_as):
    body = json.dumps({"name": "smuggled"})
    browser = browser_of("administrator")
    refused = browser.post("/api/v1/customers/", body, content_type=sent_as or "text/plain")
    assert refused.status_code in {403, 415}
    refused = callers("administrator").post("customers/", body.encode(), content_type=sent_as)
    assert refused.status_code == 415
    assert not model("customers.Customer").objects.filter(name="smuggled").exists()


def test_the_description_is_for_the_signed_in_only(client, db):
    assert client.get("/api/v1/schema/").status_code == 401
    docs = client.get("/api/v1/docs/")
    assert docs.status_code == 302
    assert docs["Location"].startswith("/accounts/login/")
    assert client.get("/api/v1/docs/customers/").status_code == 302
