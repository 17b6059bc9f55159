"""G. Two at one record, and the same thing sent twice, on the pages of every record type."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import Event
from guanxi.surfaces.api.tests.shapes import CHANGES, existing, new_values
from guanxi.surfaces.records import get_record_type_by_plural, record_types
from guanxi.surfaces.services import create_record
from guanxi.surfaces.services.verbs import is_versioned
from tests.concurrency.crowd import answers
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
#: What sales can make on a page, with the fewest values.
MADE = {
    "customers": {"name": "云岭机械", "kind": "company"},
    "contacts": {"name": "李岚", "customer": "own"},
    "interactions": {"customer": "own", "content": "谈了谈", "channel": "phone"},
}  # fmt: skip


def written(value):
    """A value of the API as a form sends it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def made(company, plural):
    """A record of the type that the administrator may change."""
    if plural == "roles":
        return model("people.Role").objects.get(code="hr").pk
    if plural not in {"tags", "custom-fields"}:
        return existing(company, plural)
    kind = get_record_type_by_plural(plural)
    values = new_values(company, plural)
    return create_record(kind, values, actor=system_actor(), at=AT).pk


def by_page(part):
    """A change through a page's own form, with the fields that are typed into it."""

    def send(enter, callers, pk, version, **values):
        del callers
        named = {"_fields": ",".join(values)} if part == "edit/" else {}
        where = part.format(name=next(iter(values)))
        sent = {**values, **named, "version": version}
        return enter("administrator").post(f"/customers/{pk}/{where}", sent)

    return send


def by_program(enter, callers, pk, version, **values):
    """A change through the API."""
    del enter
    return callers("administrator").patch(f"customers/{pk}/", values, version)


WAYS = {
    "form": by_page("edit/"),
    "fact": by_page("fact/{name}/"),
    "cell": by_page("cell/{name}/"),
    "api": by_program,
}


@pytest.mark.parametrize("first", sorted(WAYS))
@pytest.mark.parametrize("second", sorted(WAYS))
def test_g01_different_fields_stay_and_the_same_is_refused(company, enter, callers, first, second):
    """From one version, by any two ways: both edits are kept; of the same field only the first."""
    own = company.of("administrator", "own").customer
    one, two = WAYS[first], WAYS[second]
    assert one(enter, callers, own.pk, 1, city="甲市").status_code in {200, 302}
    assert two(enter, callers, own.pk, 1, focus="价格").status_code in {200, 302}
    assert two(enter, callers, own.pk, 1, city="乙市").status_code == 409
    own.refresh_from_db()
    assert (own.city, own.focus, own.version) == ("甲市", "价格", 3)
    told = Event.objects.filter(kind="record.changed", subject_id=str(own.pk)).order_by("pk")
    assert [set(event.data["changes"]) for event in told] == [{"city"}, {"focus"}]


@pytest.mark.parametrize("second", ["api", "form"])
def test_g01_nothing_of_an_edit_in_conflict_is_written(company, enter, callers, second):
    own = company.of("administrator", "own").customer
    assert WAYS["form"](enter, callers, own.pk, 1, city="甲市").status_code == 302
    late = WAYS[second](enter, callers, own.pk, 1, city="乙市", focus="价格")
    assert late.status_code == 409
    own.refresh_from_db()
    assert (own.city, own.focus, own.version) == ("甲市", "", 2)


def test_g01_the_choice_takes_nothing_back_that_was_only_sent_along(company, enter):
    """The whole form again after a choice: what others set in fields left alone stays."""
    admin, own = enter("administrator"), company.of("administrator", "own").customer
    path, names = f"/customers/{own.pk}/edit/", "city,focus,needs,industry"
    opened = {"_fields": names, "city": "", "focus": "", "needs": "", "industry": ""}
    first = opened | {"version": "1", "city": "甲市", "focus": "价格", "needs": "快"}
    assert admin.post(path, first).status_code == 302
    late = admin.post(path, opened | {"version": "1", "city": "乙市", "industry": "泵"})
    assert late.status_code == 409
    found = late.content.decode()
    shown = re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', found)
    again = {n: v for n, v in shown if n != "csrfmiddlewaretoken"}
    assert set(again["_fields"].split(",")) == {"city", "industry"}
    assert admin.post(path, again | {"pick.city": "mine"}).status_code == 302
    own.refresh_from_db()
    assert (own.city, own.focus, own.needs, own.industry) == ("乙市", "价格", "快", "泵")


@pytest.mark.parametrize("plural", sorted(CHANGES))
def test_g01_the_second_of_two_editors_is_told(company, enter, plural):
    """Form, fact and cell of every type: an old version 409, none 428, and nothing is written."""
    admin, (name, mine, theirs) = enter("administrator"), CHANGES[plural]
    kind = get_record_type_by_plural(plural)
    pk = made(company, plural)
    rows = kind.model._base_manager.filter(pk=pk)
    base, before = f"/{plural}/{pk}/", rows.get().version
    first = admin.post(f"{base}fact/{name}/", {"version": before, name: written(mine)})
    if first.status_code == 404:
        pytest.fail(f"{plural}.{name} is changed on no page")
    assert first.status_code == 302, first.content[:300]
    assert rows.get().version == before + 1
    kept, events = rows.values().get(), Event.objects.count()
    for part in ("edit/", f"fact/{name}/", f"cell/{name}/"):
        values = {name: written(theirs), "_fields": name}
        late = admin.post(base + part, {**values, "version": before})
        assert late.status_code == 409, (part, late.status_code)
        assert admin.post(base + part, values).status_code == 428, part
        assert admin.post(base + part, {**values, "version": "x"}).status_code == 428, part
    for part in ("archive/", "restore/"):
        assert admin.post(base + part, {"version": before}).status_code == 409, part
        assert admin.post(base + part, {}).status_code == 428, part
    for verb in kind.verbs:
        if verb.is_listed and is_versioned(verb):
            assert admin.post(f"{base}{verb.name}/", {}).status_code in {409, 422, 428}, verb.name
    assert rows.values().get() == kept
    assert Event.objects.count() == events


#: Verbs that set no value of a record: whoever comes second finds them done, or does them again;
#: those that move a customer or a hand-over on ask for its state, in one conditional update.
#: Those of approvals say what was seen instead, or ask for the state, in one conditional update.
UNVERSIONED = {
    "reset_password", "end_sessions", "reset_second_factor", "deactivate", "reactivate",
    "share", "unshare", "open", "claim", "assign", "release", "start", "undo", "publish",
    "approve", "reject", "return", "add_signer", "resubmit", "withdraw",
    "complete", "tell", "drop", "reopen", "excuse", "rehearse", "move", "apply", "check", "discard",
    # Tickets: what was read last is named instead, or the state is asked for under the row's lock.
    "reply", "note", "hear", "take", "wait", "tick", "solve", "close", "merge", "split", "link",
    "declare", "shift", "rate",
    # Complaints: each step is taken from its own state alone, under the row's lock.
    "acknowledge", "investigate", "note_finding", "extend", "determine", "submit", "add_remedy",
    "drop_remedy", "propose", "begin", "carry_out", "finish", "attempt", "visit", "refer",
    "note_ruling", "take_back",
    # A run of which one wins; a failed mail, asked for under its lock; a password nobody reads.
    "recount", "resend", "secure", "bring_back",
}  # fmt: skip


def test_g01_every_verb_that_sets_values_asks_for_the_version():
    asked = {v.name for kind in record_types() for v in kind.verbs if is_versioned(v)}
    assert asked >= {"transfer", "assign_roles", "change_grants"}
    every = {v.name for kind in record_types() for v in kind.verbs}
    assert every - asked <= UNVERSIONED


def test_g01_of_two_who_give_roles_the_second_is_told(company, enter):
    """A list of roles read before another one was written takes nothing away."""
    admin, user = enter("administrator"), company.users["sales"]
    path = f"/users/{user.pk}/assign_roles/"
    codes = dict(model("people.Role").objects.values_list("code", "pk"))
    form = {"_fields": "roles", "version": user.version}
    assert admin.post(path, form | {"roles": [codes["sales"], codes["quality"]]}).status_code == 302
    assert admin.post(path, form | {"roles": [codes["sales"]]}).status_code == 409
    assert admin.post(path, {"_fields": "roles", "roles": []}).status_code == 428
    assert user.roles.count() == 2


def test_g01_the_second_transfer_is_told(company, enter):
    admin, own = enter("administrator"), company.of("administrator", "own").customer
    path = f"/customers/{own.pk}/transfer/"
    form = {"_fields": "to_user,reason", "reason": "moves away", "version": 1}
    first, second = (company.users[name].pk for name in ("sales", "head"))
    assert admin.post(path, form | {"to_user": first}).status_code == 302
    assert admin.post(path, form | {"to_user": second}).status_code == 409
    own.refresh_from_db()
    assert own.owner_id == first


def test_g01_the_difference_names_what_both_wrote(company, enter):
    admin, own = enter("administrator"), company.of("administrator", "own").customer
    path = f"/customers/{own.pk}/edit/"
    sent = {"version": "1", "_fields": "focus,needs", "focus": "价格", "needs": "快"}
    assert admin.post(path, sent).status_code == 302
    late = admin.post(path, sent | {"focus": "质量"})
    assert late.status_code == 409
    text = late.content.decode()
    assert "价格" in text
    assert "质量" in text
    own.refresh_from_db()
    assert own.focus == "价格"


# G02 ----------------------------------------------------------------------------------------------
def key_of(page):
    found = re.search(r'name="once" value="([0-9a-f]{32})"', page.content.decode())
    assert found
    return found[1]


def values_of(company, plural):
    own = company.of("sales", "own").customer.pk
    return {n: str(own) if v == "own" else v for n, v in MADE[plural].items()}


@pytest.mark.parametrize("plural", sorted(MADE))
def test_g02_a_form_sent_twice_makes_one_record(company, enter, plural):
    """Double click, retry, the back button: one record, and the same way on."""
    sales, rows = enter("sales"), get_record_type_by_plural(plural).model._base_manager
    form, before = values_of(company, plural), rows.count()
    form |= {"once": key_of(sales.get(f"/{plural}/new/")), "_fields": ",".join(form)}
    first, again = (sales.post(f"/{plural}/new/", form) for _ in range(2))
    assert first.status_code == again.status_code == 302, first.content[:300]
    assert first.headers["Location"] == again.headers["Location"]
    assert rows.count() == before + 1
    text = "content" if plural == "interactions" else "name"
    other = sales.post(f"/{plural}/new/", form | {text: "又一个"})
    assert other.headers["Location"] != first.headers["Location"]
    fresh = {**form, "once": key_of(sales.get(f"/{plural}/new/"))}
    assert sales.post(f"/{plural}/new/", fresh).status_code == 302
    assert rows.count() == before + 3


def test_g02_a_refused_form_may_be_sent_again(company, enter):
    sales, rows = enter("sales"), model("customers.Customer").objects
    form = {"once": key_of(sales.get("/customers/new/")), "_fields": "name,kind", "kind": "company"}
    assert sales.post("/customers/new/", form | {"name": ""}).status_code == 422
    before = rows.count()
    assert sales.post("/customers/new/", form | {"name": "云岭"}).status_code == 302
    assert rows.count() == before + 1


def test_g02_a_key_is_one_persons(company, enter):
    """Somebody else's key opens nothing of theirs and hinders nothing of one's own."""
    form = {"name": "云岭", "kind": "company", "_fields": "name,kind", "once": "0" * 32}
    places = {
        enter(name).post("/customers/new/", form).headers["Location"] for name in ("sales", "head")
    }
    assert len(places) == 2


def test_g02_a_talk_and_a_file_are_kept_once(company, enter, settings, tmp_path):
    settings.FILES_DIR, settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "files", tmp_path
    sales, own = enter("sales"), company.of("sales", "own").customer
    page = sales.get(f"/customers/{own.pk}/")
    talk = {"once": key_of(page), "content": "谈好了", "channel": "phone", "direction": "out"}
    for _ in range(2):
        assert sales.post(f"/customers/{own.pk}/log/", talk).status_code == 302
    assert model("customers.Interaction").objects.filter(content="谈好了").count() == 1
    path = f"/customers/{own.pk}/files/new/"
    filed = {"once": key_of(sales.get(path)), "kind": "other", "year": "2026", "title": "记录"}
    for _ in range(2):
        upload = SimpleUploadedFile("记录.txt", "会议记录".encode())
        assert sales.post(path, {**filed, "file": upload}).status_code == 302
    assert model("customers.Attachment").objects.filter(title="记录").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_g02_ten_clicks_at_the_same_moment_make_one_record(company, enter):
    sales, rows = enter("sales"), model("customers.Customer").objects
    form = {"name": "云岭", "kind": "company", "_fields": "name,kind", "once": "a" * 32}
    before, cookies = rows.count(), sales.cookies

    def click(_number):
        browser = type(sales)(raise_request_exception=False)
        browser.cookies = cookies
        answer = browser.post("/customers/new/", form)
        return answer.status_code, answer.headers.get("Location")

    assert len(set(answers(10, click))) == 1
    assert rows.count() == before + 1


def test_g02_the_api_answers_again_for_every_type(company, callers):
    """Beside its own tests: the same key, another body is refused, by every type that is made."""
    admin = callers("administrator")
    for number, plural in enumerate(("tags", "teams", "departments", "contacts", "orders")):
        body, key = new_values(company, plural), f"key-{number}"
        first, again = (admin.post(f"{plural}/", body, once=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201), first.content
        assert first.content == again.content
        field = next(n for n, v in body.items() if isinstance(v, str))
        assert admin.post(f"{plural}/", body | {field: "x"}, once=key).status_code == 422
