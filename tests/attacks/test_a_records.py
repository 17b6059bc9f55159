"""A. Foreign records: not shown, not counted, not touched, not told apart from missing ones."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import AccessEntry, Event
from guanxi.surfaces.records import get_record_type, record_types
from guanxi.surfaces.services import create_record
from tests.attacks.addresses import addresses
from tests.attacks.persons import Persons, outcome
from tests.fixtures.company import AT, model, stamps

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
BUSINESS = ("customer", "contact", "order", "payment", "interaction", "attachment")
CSRF = re.compile(r"(csrfmiddlewaretoken\" value=|X-CSRFToken\": )\"[^\"]+\"|nonce-\w+")


@pytest.fixture
def persons(company):
    """Everybody's browser."""
    return Persons(company)


def first_unlike(one: str, other: str) -> str:
    """Where two texts part."""
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"{one[place - 80 : place + 80]!r} and {other[place - 80 : place + 80]!r}"


def text_of(answer, *ids) -> str:
    """The body without what differs by nature: the id that was asked for, the form's token."""
    body = CSRF.sub("", answer.content.decode())
    for one in ids:
        # In its address only: a short id also occurs by chance, in a colour for example.
        body = body.replace(f"/{one}/", "/ID/")
    return body


def test_a01_a_foreign_record_answers_like_a_missing_one(company, persons):
    """Same status, same body, same headers, and no more statements (the timing class)."""
    sales, different = persons["sales"], []
    for kind in BUSINESS[:3] + BUSINESS[4:]:
        foreign = getattr(company.of("sales", "foreign"), kind).pk
        missing = uuid4() if kind == "attachment" else 999_999
        for part in ("", "edit/", "peek/", "card/", "history/"):
            if (kind, part) == ("payment", ""):
                continue
            seen = []
            for pk in (foreign, missing):
                with CaptureQueriesContext(connection) as queries:
                    answer = sales.ask("get", f"/{kind}s/{pk}/{part}")
                headers = {k: v for k, v in answer.headers.items() if k != "X-Request-ID"}
                seen.append((answer.status_code, text_of(answer, pk), headers, len(queries)))
            unlike = [n for n, pair in enumerate(zip(*seen, strict=True)) if pair[0] != pair[1]]
            if unlike or seen[0][0] != 404:
                bodies = first_unlike(seen[0][1], seen[1][1])
                different.append(f"{kind} {part}: {unlike} {[s[0] for s in seen]} {bodies}")
    assert different == [], "\n".join(different)


# A02 ----------------------------------------------------------------------------------------------
def test_a02_a_foreign_id_in_any_reference_of_a_form_is_refused(company, persons):
    sales, mine = persons["sales"], company.of("sales", "own")
    foreign = company.of("sales", "foreign")
    written = {
        "contacts": {"customer": foreign.customer.pk, "name": "x"},
        "orders": {"customer": foreign.customer.pk, "placed_at": "2026-03-01T09:00",
                   "amount_minor": "5", "currency": "CNY", "status": "placed"},
        "interactions": {"customer": foreign.customer.pk, "content": "x"},
    }  # fmt: skip
    before = Event.objects.count()
    for plural, values in written.items():
        answer = sales.ask("post", f"/{plural}/new/", values)
        assert answer.status_code == 422, plural
    answer = sales.ask(
        "post", f"/contacts/{mine.contact.pk}/edit/",
        {"version": "1", "name": "x", "customer": mine.customer.pk,
         "reports_to": foreign.contact.pk},
    )  # fmt: skip
    assert answer.status_code == 422
    answer = sales.ask(
        "post", "/orders/bulk/start/",
        {"id": mine.order.pk, "set": "customer", "customer": foreign.customer.pk},
    )  # fmt: skip
    work()
    assert model("customers.Order").objects.get(pk=mine.order.pk).customer_id == mine.customer.pk
    assert Event.objects.count() == before


def work() -> None:
    """Let the worker do what waits."""
    from guanxi.kernel.jobs import execute_due

    while execute_due(at=timezone.now() + timedelta(seconds=1)):
        pass


def test_a02_somebody_without_sight_of_tags_or_users_cannot_guess_their_ids(company, callers):
    """A reference to what the right does not reach is refused as if it did not exist."""
    junior = callers("senior_agent")
    mine = company.of("senior_agent", "own").customer
    for field, value in (("owner", 999_999), ("team", 999_999), ("tags", [999_999])):
        answer = junior.patch(f"customers/{mine.pk}/", {field: value}, 1)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "no_such_record"


# A03 ----------------------------------------------------------------------------------------------
def test_a03_what_belongs_together_stays_together(company, callers):
    """Own parent, own child of another parent: refused, though both are in scope."""
    admin = callers("administrator")
    one, two = company.of("administrator", "own"), company.of("sales", "own")
    tries = [
        ("interactions/", {"customer": one.customer.pk, "contact": two.contact.pk, "content": "x"}),
        ("payments/", {"customer": one.customer.pk, "order": two.order.pk, "amount_minor": 1,
                       "paid_on": "2026-03-01"}),
        ("contacts/", {"customer": one.customer.pk, "name": "x", "reports_to": two.contact.pk}),
    ]  # fmt: skip
    for path, body in tries:
        answer = admin.post(path, body)
        assert answer.status_code == 400, (path, answer.content)
    changes = [
        (f"interactions/{one.interaction.pk}/", {"contact": two.contact.pk}),
        (f"payments/{one.payment.pk}/", {"order": two.order.pk}),
        (f"contacts/{one.contact.pk}/", {"reports_to": two.contact.pk}),
    ]
    for path, body in changes:
        assert admin.patch(path, body, 1).status_code == 400, path


def test_a03_a_page_below_one_record_takes_no_part_of_another(company, persons):
    sales, mine = persons["sales"], company.of("sales", "own").customer
    foreign = company.of("sales", "foreign").customer
    event = Event.objects.create(
        kind="record.changed", subject_type="customers.customer", subject_id=str(foreign.pk),
        customer_id=foreign.pk, actor_label="x", channel="web", at=AT,
    )  # fmt: skip
    answer = sales.ask("post", f"/customers/{mine.pk}/pin/", {"event": event.pk})
    assert answer.status_code == 404
    assert not model("customers.TimelinePin").objects.exists()
    assert sales.ask("post", f"/undo/{event.pk}/").status_code == 404


# A04 ----------------------------------------------------------------------------------------------
def test_a04_no_act_of_any_kind_reaches_a_foreign_record(company, persons):
    """Transfer, pin, tag, log, mark, archive, file, reveal: missing, and nothing happens."""
    foreign = company.of("head", "foreign")
    tag = model("customers.Tag").objects.create(name="t", **stamps())
    base, values = f"/customers/{foreign.customer.pk}/", {"version": "1"}
    acts = {
        "transfer/": {"to_user": company.users["head"].pk, "reason": "mine now", **values},
        "pin/": {"event": "1"},
        "unpin/": {"event": "1"},
        "tag/": {"tag": tag.pk, **values},
        "untag/": {"tag": tag.pk, **values},
        "log/": {"content": "hello"},
        "next-contact/": {"next_contact_at": "2026-04-01T09:00", **values},
        "mark/favourite/": {},
        "mark/follow/": {},
        "archive/": values,
        "restore/": values,
        "edit/": {"name": "mine now", **values},
        "cell/name/": {"name": "mine now", **values},
        "files/new/": {"kind": "other", "year": "2026"},
        "reveal/phone/": {"reason": "because"},
    }
    head = persons["head"]
    before = model("customers.Customer").objects.filter(pk=foreign.customer.pk).values().get()
    events = Event.objects.count()
    for part, data in acts.items():
        answer = head.ask("post", base + part, data)
        assert answer.status_code == 404, part
    assert (
        model("customers.Customer").objects.filter(pk=foreign.customer.pk).values().get() == before
    )
    assert Event.objects.count() == events
    assert not model("surfaces.Mark").objects.exists()


# A06 ----------------------------------------------------------------------------------------------
CANARY = "鹦鹉CANARYzq"


def test_a06_nothing_that_lists_counts_or_finds_shows_a_foreign_record(company, persons):
    """Lists, counts, sums, pickers, search, palette, likely doubles, export: not a trace."""
    foreign = company.of("sales", "foreign").customer
    kind = get_record_type("customers.customer")
    foreign.name = CANARY
    foreign.save()
    from guanxi.surfaces.search import index_record

    index_record(kind, foreign, at=AT)
    sales = persons["sales"]
    model("customers.Customer").objects.filter(pk=foreign.pk).update(total_minor=77_777_700)
    for path in (
        f"/customers/?q={CANARY}", "/customers/?view=", "/customers/totals/?view=",
        "/customers/count/", "/customers/tabs/", f"/customers/options/?q={CANARY}",
        f"/search/?q={CANARY}", f"/palette/?q={CANARY}", "/", "/following/", "/contacts/?view=",
        f"/contacts/new/?customer={foreign.pk}",
        "/interactions/?view=", "/orders/?view=", f"/orders/options/?q={foreign.pk}",
    ):  # fmt: skip
        body = sales.ask("get", path).content.decode().replace(f"q={CANARY}", "")
        body = re.sub(rf'(value|content)="{CANARY}"', "", body)
        assert f"<mark>{CANARY}" not in body, path
        assert "777,777" not in body, path
        assert f"/customers/{foreign.pk}/" not in body, path
    assert sales.ask("get", f"/customers/options/?q={CANARY}").json() == {"options": []}
    posted = sales.ask("post", "/customers/duplicates/", {"name": CANARY}).content.decode()
    assert f"/customers/{foreign.pk}/" not in posted


def test_a06_a_count_is_of_ones_own(company, callers):
    for name, expected in (("sales", 1), ("senior_agent", 14), ("head", 15), ("quality", 16)):
        found = callers(name).get("customers/", count="exact").json()
        assert (found["count"], len(found["results"])) == (expected, expected), name


# A09 ----------------------------------------------------------------------------------------------
def test_a09_a_disabled_person_is_out_at_the_next_request(company, persons, callers):
    from guanxi.people.services import deactivate_user

    sales, token = persons["sales"], callers("sales")
    assert sales.ask("get", "/customers/?view=").status_code == 200
    assert token.get("customers/").status_code == 200
    deactivate_user(company.users["sales"].pk, actor=system_actor(), at=timezone.now())
    assert outcome(sales.ask("get", "/customers/?view=")) == "sign in"
    assert outcome(sales.ask("post", "/customers/new/", {"name": "x"})) == "sign in"
    assert token.get("customers/").status_code == 401
    mine = company.of("sales", "own").attachment
    assert outcome(sales.ask("get", f"/attachments/{mine.pk}/download/")) == "sign in"
    assert (
        sales.ask("post", "/accounts/login/", {"login": "sales", "password": "x"}).status_code
        != 302
    )


def test_a09_a_role_that_is_taken_away_is_gone_at_the_next_request(company, persons, callers):
    from guanxi.people.services import assign_roles

    analyst, token = persons["analyst"], callers("analyst")
    assert analyst.ask("get", "/customers/?view=").status_code == 200
    assign_roles(company.users["analyst"].pk, [], actor=system_actor(), at=timezone.now())
    assert analyst.ask("get", "/customers/?view=").status_code == 403
    assert token.get("customers/").status_code == 403
    assert analyst.ask("get", "/search/?q=Customer").content.count(b"/customers/") == 0


# A10 ----------------------------------------------------------------------------------------------
def test_a10_a_file_is_its_owners_until_that_ends(company, persons, settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    kept = model("customers.Attachment").objects.get(pk=company.of("sales", "own").attachment.pk)
    path = f"/attachments/{kept.pk}/download/"
    from guanxi.kernel.files import stored_path

    stored_path(kept.file_id).parent.mkdir(parents=True, exist_ok=True)
    stored_path(kept.file_id).write_bytes(b"abc")
    answer = persons["sales"].ask("get", path)
    assert (answer.status_code, answer.getvalue()) == (200, b"abc")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for other in ("stranger", "junior_agent", "hr", "auditor", "quality", "analyst"):
        assert persons[other].ask("get", path).status_code == 404, other
    assert outcome(Client().get(path)) == "sign in"
    assert kept.pk.version == 4
    for neighbour in (kept.file_id, uuid4(), kept.pk.int + 1):
        assert persons["sales"].ask("get", f"/attachments/{neighbour}/download/").status_code == 404
    model("customers.Customer").objects.filter(pk=kept.customer_id).update(
        owner=company.users["stranger"], department=company.departments["south"], team=None
    )
    assert persons["sales"].ask("get", path).status_code == 404


# A12 ----------------------------------------------------------------------------------------------
def test_a12_what_somebody_else_brought_in_took_out_or_saved_is_not_there(
    company, persons, callers
):
    """The walk tries every address; here, the lists show nobody else's either."""
    stranger = company.users["stranger"]
    from tests.snapshots.test_permission_matrix import MAKERS

    made = [MAKERS[name](stranger, addresses()[0]) for name in ("import", "export", "run", "view")]
    for path in ("/imports/", "/exports/", "/customers/views/"):
        body = persons["sales"].ask("get", path).content.decode()
        assert not any(str(row.pk) in body for row in made), path
    for path in ("imports/", "exports/", "views/"):
        assert callers("sales").get(path).json()["results"] == []


# A13 ----------------------------------------------------------------------------------------------
def test_a13_a_head_sees_the_own_branch_and_nothing_beside_or_above(company, callers, persons):
    head = callers("head")
    names = {row["name"] for row in head.get("customers/", size="200").json()["results"]}
    assert "Customer of below" in names
    assert "Customer of stranger" not in names
    orphan = create_record(
        get_record_type("customers.customer"), {"name": "of nobody"},
        actor=system_actor(), at=AT,
    )  # fmt: skip
    assert head.get(f"customers/{orphan.pk}/").status_code == 404
    assert callers("administrator").get(f"customers/{orphan.pk}/").status_code == 200
    model("people.User").objects.filter(pk=company.users["head"].pk).update(
        department=None, access_stamp=1
    )
    again = {row["name"] for row in head.get("customers/", size="200").json()["results"]}
    assert again == {"Customer of head"}
    body = persons["head"].ask("get", "/customers/?view=").content.decode()
    assert "Customer of below" not in body


# A14 ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["it", "security_admin", "auditor", "hr"])
def test_a14_who_administers_opens_no_business_record(company, persons, callers, role):
    for kind in BUSINESS:
        pk = getattr(company.of("sales", "own"), kind).pk
        assert persons[role].ask("get", f"/{kind}s/{pk}/").status_code in {403, 404}
        assert callers(role).get(f"{kind}s/{pk}/").status_code in {403, 404}
        assert callers(role).get(f"{kind}s/").status_code == 403
    assert callers(role).get("search/", q="Customer").json()["results"] in ([], {})


def test_a14_in_the_strict_profile_the_three_offices_are_apart(db):
    from guanxi.people.services import load_standard_roles

    load_standard_roles(is_strict=True, actor=system_actor(), at=AT)
    grants = {
        role.code: set(role.grants.values_list("permission", flat=True))
        for role in model("people.Role").objects.all()
    }
    business = {k.permission for k in record_types() if k.key.startswith("customers.")}
    for role in ("it", "security_admin", "auditor"):
        assert not {g for g in grants[role] if g.rpartition(".")[0] in business}, role
    assert "events.view" not in grants["administrator"]
    assert "events.view" in grants["auditor"]
    assert not {g for g in grants["auditor"] if not g.endswith((".view", ".export"))}
    assigns = {role for role, held in grants.items() if "people.users.assign_roles" in held}
    assert assigns == {"security_admin"}
    creates = {role for role, held in grants.items() if "people.users.create" in held}
    assert creates == {"it"}


# A17, A18 -----------------------------------------------------------------------------------------
def test_a17_a_token_that_may_read_writes_nothing_anywhere(company, callers):
    reader = callers("administrator", {"*": "read"})
    before, tried = Event.objects.count(), 0
    own = company.of("administrator", "own")
    for address in addresses():
        if not address.is_api or address.name == "api:nowhere":
            continue
        path = "/" + address.route
        for part in ("<record_id:pk>", "<uuid:pk>", "<slug:plural>"):
            key = own.customer.pk if "record_id" in part else own.attachment.pk
            path = path.replace(part, str(key if "pk" in part else "customers"))
        for method in set(address.door.needs) - {"GET"}:
            answer = reader.send(method, path, {}, version=1)
            assert answer.status_code in {403, 404, 400, 415}, (method, path, answer.status_code)
            if address.door.on == "record" and address.type.plural == "customers":
                assert answer.status_code == 403, (method, path)
            tried += 1
    assert tried > 50
    assert Event.objects.count() == before
    assert not model("surfaces.SavedView").objects.exists()


OVERRIDES = [
    {"X-HTTP-Method-Override": "POST"},
    {"X-HTTP-Method": "DELETE"},
    {"X-Method-Override": "POST"},
]


def test_a18_reading_never_acts(company, persons):
    """GET, HEAD, OPTIONS and disguised methods on every act of the pages: no effect (prefetch)."""
    admin, own = persons["administrator"], company.of("administrator", "own")
    acts = [a for a in addresses() if not a.is_api and a.door and set(a.door.needs) == {"POST"}]
    before, seen = Event.objects.count(), AccessEntry.objects.count()
    for address in acts:
        path = "/" + address.route
        while "<" in path:
            start, end = path.index("<"), path.index(">")
            part = path[start : end + 1]
            value = {"<name:name>": "name"}.get(part, str(own.customer.pk))
            if "uuid" in part or (address.type and address.type.plural == "attachments"):
                value = str(own.attachment.pk)
            path = path[:start] + value + path[end + 1 :]
        for method in ("get", "head", "options"):
            answer = admin.ask(method, path)
            assert answer.status_code == 405, (method, path, answer.status_code)
        headers = OVERRIDES[len(path) % len(OVERRIDES)]
        assert admin.client.get(f"{path}?_method=POST", headers=headers).status_code == 405, path
    assert len(acts) > 100
    assert (Event.objects.count(), AccessEntry.objects.count()) == (before, seen)
    assert not model("surfaces.Mark").objects.exists()
