"""B. Fields: what a role may not see is in no byte of any answer, and no answer depends on it."""

import json
import re
import secrets
import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from guanxi.kernel.actor import Level, system_actor
from guanxi.kernel.models import AccessEntry, Event, EventDetail, Run
from guanxi.surfaces import limits
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record
from tests.attacks.addresses import addresses
from tests.attacks.persons import Persons, outcome
from tests.concurrency.crowd import answers
from tests.fixtures.company import PASSWORD, model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: What stands in a protected field of every customer, and how it may be written anywhere.
CANARIES = {
    "contact": {
        "customers.customer": {"phone": "+8613712345678", "email": "canary@secret.example"},
        "customers.contact": {"phone": "+8613787654321", "email": "parrot@secret.example",
                              "wechat": "wx_canary_bird", "birthday": "1977-07-17"},
    },
    "private": {
        "customers.customer": {"notes": "canaryprivatenote"},
        "customers.contact": {"notes": "canaryprivatecontact"},
    },
    "technical": {"customers.customer": {"technical_notes": "canarytechnicalplan"}},
    "totals": {"customers.order": {"amount_minor": 987_654_321}},
    "finance": {"customers.payment": {"amount_minor": 876_543_219}},
}  # fmt: skip
WRITTEN = {
    "contact": ["13712345678", "137 1234 5678", "12345678", "canary@secret", "13787654321",
                "137 8765 4321", "parrot@secret", "wx_canary_bird", "1977-07-17", "1977年"],
    "private": ["canaryprivate"],
    "technical": ["canarytechnical"],
    "totals": ["987654321", "9,876,543", "9876543.21"],
    "finance": ["876543219", "8,765,432", "8765432.19"],
}  # fmt: skip
ROLES = ("junior_agent", "senior_agent", "quality", "analyst", "sales", "hr", "it", "auditor",
         "security_admin", "legal")  # fmt: skip


@pytest.fixture
def canaries(company):
    """Canaries in every protected field of the records of the whole East, with a history."""
    system, at = system_actor(), timezone.now()
    for group in CANARIES.values():
        for key, values in group.items():
            kind = get_record_type(key)
            for row in kind.model._base_manager.all():
                change_record(kind, row.pk, values, version=row.version, actor=system, at=at)
    model("customers.Customer").objects.update(total_minor=987_654_321)
    return company


def test_b01_what_a_record_is_called_follows_the_levels_of_its_reader(company):
    """A title of a guarded group is a name to whoever sees it clear, a number to everybody else."""
    contact = company.belongings["junior_agent"].contact
    kind = replace(get_record_type("customers.contact"), title_field="phone")
    rows = kind.model.objects.filter(pk=contact.pk)
    assert titles_of(kind, rows, company.actor("head")) == {contact.pk: contact.phone}
    told = titles_of(kind, rows, company.actor("junior_agent"))[contact.pk]
    assert str(contact.pk) in told
    assert contact.phone[-4:] not in told
    change = replace(get_record_type("customers.order"), title_field="customer")
    order = company.belongings["head"].order
    named = titles_of(change, change.model.objects.filter(pk=order.pk), company.actor("head"))
    assert named == {order.pk: order.customer.name}


@pytest.fixture
def persons(company):
    """Everybody's browser."""
    return Persons(company)


def forbidden_to(company, role: str) -> list[str]:
    """The marks that no answer to this role may hold."""
    actor = company.actor(role)
    groups = [g for g in WRITTEN if actor.level(g) is not Level.CLEAR]
    return [mark for group in groups for mark in WRITTEN[group]]


def pages_of(company, role: str) -> list[str]:
    """Every page that reads, with the role's own records in the address."""
    own, found = company.of(role, "own"), []
    for address in addresses():
        if not address.door or "GET" not in address.door.needs or address.name == "account_logout":
            continue
        if address.door.on not in {"type", "record"} or address.route.startswith("accounts/"):
            continue
        path = "/" + address.route
        key = company.users[role].pk
        if address.type and own.has(address.type.key):
            key = own.of(address.type.key).pk
        for names in (("name",), ("phone", "notes", "amount_minor")):
            for name in names if "<name:name>" in path or names == ("name",) else ():
                filled = path.replace("<name:name>", name).replace("<slug:plural>", "customers")
                filled = re.sub(r"<(key|int|uuid|record_id):\w+>", str(key), filled)
                if "<" not in filled and filled not in found:
                    found.append(filled)
    searches = [f"{base}?q={q}" for base in ("/search/", "/palette/", "/customers/", "/contacts/",
                                             "/api/v1/search/", "/api/v1/contacts/")
                for q in ("1234", "5678", "canary", "wx_c", "Customer")]  # fmt: skip
    return found + searches


@pytest.mark.parametrize("role", ROLES)
def test_b01_no_byte_of_any_answer_holds_what_the_role_may_not_see(canaries, persons, role):
    """Every page and every API address, read by a browser, with every kind of search."""
    marks, person = forbidden_to(canaries, role), persons[role]
    assert marks
    hits, reached = [], 0
    for path in pages_of(canaries, role):
        answer = person.try_out("get", path)
        reached += answer.status_code == 200
        body = answer.getvalue() if answer.streaming else answer.content
        text = body.decode("utf-8", "replace").replace(path, "")
        text += str(dict(answer.headers))
        hits += [(path, mark) for mark in marks if mark in without_own_words(text, path)]
        is_report = path.startswith("/health/")  # Here nothing works in the background: 503.
        assert answer.status_code < 500 or is_report, path
    assert hits == []
    assert reached > 20


def without_own_words(text: str, path: str) -> str:
    """The answer without the search words that the reader typed."""
    typed = path.partition("?q=")[2]
    return text.replace(f'value="{typed}"', "") if typed else text


def test_b01_the_sweep_would_see_a_leak(canaries, persons):
    """The same sweep as somebody who may see everything finds every canary."""
    person, found = persons["administrator"], set()
    every = {mark for marks in WRITTEN.values() for mark in marks}
    for path in pages_of(canaries, "administrator"):
        if "/new/" in path or "filter" in path:
            continue
        answer = person.try_out("get", path)
        text = b"" if answer.streaming else answer.content
        found |= {mark for mark in every if mark in text.decode("utf-8", "replace")}
    for group, marks in WRITTEN.items():
        assert found & set(marks), group


def test_b01_what_follows_from_a_change_tells_no_more(canaries, persons):
    """The answer to a write, a refusal of one, and a conflict hold no masked value either."""
    senior, own = persons["senior_agent"], canaries.of("senior_agent", "own")
    base, marks = f"/contacts/{own.contact.pk}/", forbidden_to(canaries, "senior_agent")
    tries = [
        (
            f"{base}edit/",
            {"version": "1", "position": "x", "name": "y", "customer": own.customer.pk},
        ),
        (f"{base}edit/", {"version": "3", "position": "x", "phone": "13712345678"}),
        (f"{base}cell/phone/", {"version": "3", "phone": "1"}),
        (f"{base}fact/notes/", {"version": "3", "notes": "1"}),
        (f"{base}cell/position/", {"version": "1", "position": "q"}),
    ]
    for path, data in tries:
        text = senior.try_out("post", path, data).content.decode()
        text = text.replace('value="13712345678"', "")
        assert [mark for mark in marks if mark in text] == [], path


# B02, B04 -----------------------------------------------------------------------------------------
def test_b02_a_list_is_not_sorted_or_filtered_by_what_is_not_clear(canaries, persons, callers):
    refused = ["sort=phone", "sort=-total_minor", "sort=contact", "sort=owner__phone",
               "phone=13712345678", "email__contains=canary", "notes__not_empty=",
               "total_minor__gt=5", "sort=name_sort", "sort=-custom__x"]  # fmt: skip
    where = {"field": "phone", "op": "starts_with", "value": "+86137"}
    for written in [*refused, "where=" + json.dumps({"not": where})]:
        answer = callers("junior_agent").send("GET", f"customers/?{written}")
        assert answer.status_code == 400, written
        page = persons["junior_agent"].ask("get", f"/customers/?{written}")
        assert page.status_code == 400, written


def test_b02_the_order_of_a_masked_list_says_nothing(canaries, callers):
    """Changing the hidden values changes nothing in what the reader gets."""
    before = callers("quality").get("customers/", sort="-updated_at").json()["results"]
    rows = model("customers.Customer").objects
    for place, pk in enumerate(rows.values_list("pk", flat=True)):
        rows.filter(pk=pk).update(total_minor=place * 7, notes=str(place))
    assert callers("quality").get("customers/", sort="-updated_at").json()["results"] == before


def test_b04_a_segment_over_hidden_values_is_refused_for_who_may_not_see_them(canaries, callers):
    """Shared by somebody who may, used by somebody who may not: no rows, no count, no hint."""
    condition = {"field": "phone", "op": "starts_with", "value": "+86137"}
    made = callers("administrator").post(
        "views/",
        {"type": "customers", "name": "v", "condition": condition, "visibility": "shared",
         "is_segment": True},
    )  # fmt: skip
    assert made.status_code == 201, made.content
    view, junior = made.json()["id"], callers("junior_agent")
    by_segment = json.dumps({"field": "segment", "op": "is", "value": view})
    for query in ({"view": view}, {"where": by_segment},
                  {"where": json.dumps({"not": json.loads(by_segment)})}):  # fmt: skip
        answer = junior.get("customers/", **query)
        assert answer.status_code == 400
        assert set(answer.json()) & {"results", "count"} == set()
    assert callers("administrator").get("customers/", view=view).json()["count"] == 16


def test_b04_sums_leave_hidden_columns_out(canaries, persons):
    assert "9,876,543" not in persons["quality"].ask("get", "/customers/totals/").content.decode()
    assert "8,765,432" not in persons["sales"].ask("get", "/payments/totals/").content.decode()


# B05 ----------------------------------------------------------------------------------------------
def test_b05_a_taken_value_names_neither_owner_nor_record(company, persons):
    foreign = company.of("sales", "foreign").customer
    model("customers.Customer").objects.filter(pk=foreign.pk).update(
        external_id="EXT-CANARY", credit_code="91350100M000100Y43"
    )
    for field, value in (("external_id", "EXT-CANARY"), ("credit_code", "91350100M000100Y43")):
        answer = persons["sales"].ask("post", "/customers/new/", {"name": "x", field: value})
        text = answer.content.decode().replace(f'value="{value}"', "")
        text = re.sub(r"<option.*?</option>", "", text)  # Whom one may choose as an owner.
        assert answer.status_code == 422
        for told in (foreign.name, foreign.number, "stranger", f"/customers/{foreign.pk}/"):
            assert told not in text


@pytest.mark.parametrize("way", ["page", "form", "api"])
def test_b05_trying_values_is_stopped_and_leaves_a_trail(company, persons, callers, way):
    """After twenty hits neither a taken nor a free value is answered, by page or by API.

    A form as it is shown makes its record once: its own transaction must not take the trail back.
    """
    foreign = company.of("sales", "foreign").customer
    model("customers.Customer").objects.filter(pk=foreign.pk).update(external_id="EXT-CANARY")
    limits.probes.forget()

    def attempt(value):
        given = {"name": "试探有限公司", "external_id": value}
        if way == "form":
            given["once"] = secrets.token_hex(16)
        if way != "api":
            return persons["sales"].ask("post", "/customers/new/", given)
        return callers("sales").post("customers/", given)

    hits = [attempt("EXT-CANARY").status_code for _ in range(20)]
    assert hits == [400 if way == "api" else 422] * 20
    for value in ("EXT-CANARY", "EXT-FREE"):
        answer = attempt(value)
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
    trail = AccessEntry.objects.filter(action="taken")
    assert {entry.actor_user_id for entry in trail} == {company.users["sales"].pk}
    assert trail.count() == 20
    assert trail[0].fields == ["external_id"]
    other = persons["administrator"].ask("post", "/customers/new/", {"name": "别人有限公司"})
    assert other.status_code == 302
    limits.probes.forget()


# B07 ----------------------------------------------------------------------------------------------
def test_b07_a_clear_look_needs_a_reason_a_fresh_password_and_leaves_a_line(canaries, persons):
    junior, own = persons["junior_agent"], canaries.of("junior_agent", "own")
    path = f"/contacts/{own.contact.pk}/reveal/phone/"
    assert junior.ask("post", path, {"reason": " a "}).status_code == 422
    assert not AccessEntry.objects.filter(action="reveal").exists()
    answer = junior.ask("post", path, {"reason": "回访客户"})
    assert "8765 4321" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    entry = AccessEntry.objects.get(action="reveal")
    assert (entry.fields, entry.reason) == (["phone"], "回访客户")
    assert (entry.actor_user_id, entry.customer_id) == (
        canaries.users["junior_agent"].pk, own.customer.pk,
    )  # fmt: skip


def test_b07_an_old_sign_in_is_asked_for_the_password_again(canaries, persons):
    junior, own = persons["junior_agent"], canaries.of("junior_agent", "own")
    session = junior.client.session
    for name, value in list(session.items()):
        if name == "account_authentication_methods":
            session[name] = [{**m, "at": m["at"] - 3600} for m in value]
    session.save()
    path = f"/contacts/{own.contact.pk}/reveal/phone/"
    answer = junior.ask("post", path, {"reason": "回访客户"})
    assert outcome(answer) == "confirm"
    assert not AccessEntry.objects.filter(action="reveal").exists()
    answer = junior.ask("post", answer.headers["Location"], {"password": PASSWORD})
    assert answer.status_code == 302
    assert junior.ask("post", path, {"reason": "回访客户"}).status_code == 200


def test_b07_a_day_has_an_end(canaries, persons):
    from guanxi.surfaces.services.reveal import DAILY_QUOTA

    junior, own = persons["junior_agent"], canaries.of("junior_agent", "own")
    path = f"/contacts/{own.contact.pk}/reveal/phone/"
    for _ in range(DAILY_QUOTA):
        assert junior.ask("post", path, {"reason": "回访客户"}).status_code == 200
    answer = junior.ask("post", path, {"reason": "回访客户"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert AccessEntry.objects.filter(action="reveal").count() == DAILY_QUOTA


def test_b07_many_looks_in_a_short_while_alert_those_who_watch(canaries, persons):
    junior, own = persons["junior_agent"], canaries.of("junior_agent", "own")
    path = f"/contacts/{own.contact.pk}/reveal/phone/"
    alerts = Event.objects.filter(kind="security.many_revealed")
    for _ in range(9):
        junior.ask("post", path, {"reason": "回访客户"})
    assert not alerts.exists()
    for _ in range(6):
        junior.ask("post", path, {"reason": "回访客户"})
    alert = alerts.get()
    assert alert.actor_user_id == canaries.users["junior_agent"].pk
    assert (alert.data["count"], alert.data["minutes"]) == (10, 10)
    told = "短时间内多次查看明文"
    assert told in persons["auditor"].ask("get", "/").content.decode()
    assert told not in persons["sales"].ask("get", "/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_b07_many_looks_at_the_same_moment_stay_within_the_day(canaries, persons, monkeypatch):
    """Ten at once with three left: three are shown."""
    from guanxi.surfaces.services import reveal

    monkeypatch.setattr(reveal, "DAILY_QUOTA", 3)
    junior, own = persons["junior_agent"], canaries.of("junior_agent", "own")
    path, cookies = f"/contacts/{own.contact.pk}/reveal/phone/", junior.client.cookies

    def look(_number):
        browser = Client(raise_request_exception=False)
        browser.cookies = cookies
        return browser.post(path, {"reason": "回访客户"}).status_code

    assert sorted(answers(10, look)) == [200] * 3 + [429] * 7
    assert AccessEntry.objects.filter(action="reveal").count() == 3


@pytest.mark.parametrize("role", ["sales", "quality", "hr", "analyst"])
def test_b07_only_who_sees_it_masked_and_holds_the_right_may_look(canaries, persons, role):
    own = canaries.of("quality" if role == "quality" else "sales", "own")
    path = f"/contacts/{own.contact.pk}/reveal/phone/"
    answer = persons[role].ask("post", path, {"reason": "回访客户"})
    assert answer.status_code in {403, 404}
    for field in ("notes", "name", "nothing", "password"):
        path = f"/contacts/{canaries.of('junior_agent', 'own').contact.pk}/reveal/{field}/"
        assert persons["junior_agent"].ask("post", path, {"reason": "because"}).status_code == 404


def test_b07_the_right_to_reveal_reaches_as_far_as_it_was_given(canaries, persons):
    """Whoever sees the team's customers but may reveal only their own, reveals only their own."""
    grants = model("people.RoleGrant").objects
    grants.filter(role__code="senior_agent", permission="customers.reveal").update(reach=1)
    model("people.User").objects.filter(username="senior_agent").update(access_stamp=7)
    senior = persons["senior_agent"]
    team, own = canaries.of("senior_agent", "team"), canaries.of("senior_agent", "own")
    answers = [
        senior.ask("post", f"/contacts/{b.contact.pk}/reveal/phone/", {"reason": "回访客户"})
        for b in (team, own)
    ]
    assert [answer.status_code for answer in answers] == [403, 200]
    assert "8765" not in answers[0].content.decode()


# B08 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_b08_a_file_holds_no_more_than_the_screen_in_any_of_its_parts(
    canaries, persons, settings, tmp_path, kind
):
    settings.FILES_DIR = tmp_path / "files"
    analyst = persons["analyst"]
    columns = "name,phone,email,notes,technical_notes,total_minor,owner"
    answer = analyst.ask(
        "post", "/exports/new/",
        {"type": "customers.customer", "format": kind, "columns": columns, "query": ""},
    )  # fmt: skip
    assert answer.status_code == 302, answer.content[:300]
    from guanxi.kernel.jobs import execute_due

    while execute_due(at=timezone.now() + timedelta(seconds=1)):
        pass
    export = model("surfaces.Export").objects.get()
    answer = analyst.ask("post", f"/exports/{export.pk}/download/")
    file, named = answer.getvalue(), unquote(answer.headers["Content-Disposition"])
    parts = [file]
    if kind == "xlsx":
        with zipfile.ZipFile(BytesIO(file)) as book:
            parts = [book.read(name) for name in book.namelist()]
    whole = b"\n".join(parts).decode("utf-8", "replace")
    assert [mark for mark in forbidden_to(canaries, "analyst") if mark in whole] == []
    assert "Customer of stranger" in whole
    mark = whole if kind == "xlsx" else ""  # A CSV holds the list and nothing else.
    assert "Person analyst" in named + mark.partition("Customer of")[0]
    assert str(timezone.now().year) in named
    assert kind == "csv" or re.search(rf"Person analyst[^<]*{timezone.now().year}-", mark)
    assert AccessEntry.objects.filter(action="export").exists()


# B12 ----------------------------------------------------------------------------------------------
def test_b12_history_and_undo_obey_the_rights_of_fields(canaries, callers, persons):
    own = canaries.of("senior_agent", "own")
    for kind in ("customer", "contact"):
        pk = getattr(own, kind).pk
        text = callers("senior_agent").get(f"{kind}s/{pk}/history/").content.decode()
        assert [m for m in forbidden_to(canaries, "senior_agent") if m in text] == []
        assert callers("head").get(f"{kind}s/{pk}/history/").content.decode().count("canary")
    event = Event.objects.filter(subject_type="customers.contact").last()
    assert persons["senior_agent"].ask("post", f"/undo/{event.pk}/").status_code == 404


# B14 ----------------------------------------------------------------------------------------------
def test_b14_nothing_that_is_kept_aside_holds_a_secret(
    canaries, persons, callers, caplog, settings
):
    """Logs, job arguments, events, caches and sessions after a busy day."""
    settings.LOGGING_CONFIG = None
    caplog.set_level("DEBUG")
    admin, own = persons["administrator"], canaries.of("administrator", "own")
    caller = callers("administrator")
    secret, phone = "Secret-Password-99", "13800009999"
    admin.ask("post", "/accounts/login/", {"login": "nobody", "password": secret})
    admin.ask("post", f"/customers/{own.customer.pk}/edit/", {"version": "1", "phone": phone})
    caller.patch(f"customers/{own.customer.pk}/", {"phone": phone, "email": "x"}, 1)
    caller.get("customers/", q=phone)
    admin.ask("post", f"/users/{canaries.users['sales'].pk}/reset_password/", {"password": secret})
    key = caller.headers["Authorization"].split()[1]
    kept = caplog.text + str(
        list(
            Run.objects.values_list("params", "error", "message")
            if hasattr(Run, "message")
            else Run.objects.values_list("params", "error")
        )
    )
    kept += str(list(Event.objects.values_list("data", flat=True)))
    with connection.cursor() as cursor:
        for table in ("kernel_cache", "people_apitoken", "django_session", "people_usersession"):
            cursor.execute(f"SELECT * FROM {table}")
            kept += str(cursor.fetchall())
    for mark in (secret, phone, key, PASSWORD):
        assert mark not in kept
    assert EventDetail.objects.exists()
