"""Pages of every record type: who opens them, what they refuse, what they leave unsaid."""

import json
import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from guanxi.kernel.events import event_kinds
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import AccessEntry
from guanxi.surfaces.models import ListSetting, Mark, SavedView
from tests.fixtures.company import PASSWORD, model

pytestmark = pytest.mark.django_db
PARTS = ("", "edit/", "peek/", "card/", "history/", "history/name/", "next/", "previous/")
PLURALS = ("customers", "contacts", "orders", "interactions", "attachments")


def body(answer):
    return answer.content.decode()


# Rights -------------------------------------------------------------------------------------------
def pages(table="guanxi.surfaces.html.urls"):
    """Every page of this band by its URL name."""
    found = {}
    for entry in get_resolver(table).url_patterns if isinstance(table, str) else table:
        if inner := getattr(entry, "url_patterns", None):
            found |= pages(inner)
        else:
            found[entry.name] = entry
    return found


def test_every_page_names_the_right_it_needs():
    named = {name: getattr(page.callback, "needs", "") for name, page in pages().items()}
    assert len(named) > 300
    assert {name for name, needs in named.items() if not needs} == set()


@pytest.mark.parametrize("path", ["/", "/customers/", "/customers/1/", "/palette/", "/runs/%s/"])
def test_a_stranger_is_asked_to_sign_in(company, path):
    target = path % "0f9b5f9e-0000-4000-8000-000000000000" if "%s" in path else path
    answer = Client().get(target)
    assert answer.status_code == 302
    assert answer.url == f"/accounts/login/?next={quote(target, safe='')}"
    fragment = Client().get(target, headers={"HX-Request": "true"})
    assert fragment.status_code == 401
    assert fragment["HX-Redirect"] == "/accounts/login/?next=%2F"


@pytest.mark.parametrize("part", PARTS)
def test_a_foreign_record_is_no_record(company, enter, part):
    client = enter("sales")
    foreign = company.of("sales", "foreign")
    for plural in PLURALS:
        there = foreign.of(f"customers.{plural.removesuffix('s')}").pk
        is_random = not isinstance(there, int)
        missing = "0f9b5f9e-0000-4000-8000-000000000000" if is_random else 999_999
        seen = client.get(f"/{plural}/{there}/{part}")
        unseen = client.get(f"/{plural}/{missing}/{part}")
        assert seen.status_code == unseen.status_code == 404, plural
        assert body(seen) == body(unseen)


def test_a_foreign_record_is_not_marked_changed_or_archived(company, enter):
    client, foreign = enter("head"), company.of("head", "foreign").customer
    url = f"/customers/{foreign.pk}/"
    for part, values in {
        "mark/favourite/": {},
        "mark/follow/": {},
        "archive/": {"version": 1},
        "restore/": {"version": 1},
        "edit/": {"version": 1, "name": "x", "_fields": "name"},
        "cell/name/": {"version": 1, "name": "x"},
        "fact/name/": {"version": 1, "name": "x"},
        "transfer/": {"version": 1, "to_user": company.users["head"].pk, "reason": "x"},
    }.items():
        assert client.post(url + part, values).status_code == 404, part
    foreign.refresh_from_db()
    assert (foreign.version, foreign.archived_at) == (1, None)
    assert not Mark.objects.exists()


@pytest.mark.parametrize("role", ["hr", "it", "security_admin", "auditor"])
def test_who_has_nothing_to_do_with_customers_sees_none_of_it(enter, role):
    client = enter(role)
    assert client.get("/customers/").status_code == 403
    desk = body(client.get("/"))
    assert "/customers/" not in desk
    assert "/customers/" not in body(client.get("/palette/?q=a"))


def test_writing_needs_post(company, enter):
    client, own = enter("sales"), company.of("sales", "own").customer
    for path in (
        f"/customers/{own.pk}/archive/",
        f"/customers/{own.pk}/mark/favourite/",
        "/customers/bulk/start/",
        "/customers/settings/",
        "/undo/1/",
    ):
        answer = client.get(path)
        assert answer.status_code == 405, path
        assert "POST" in answer["Allow"]
        assert "code" in body(answer)


# Lists --------------------------------------------------------------------------------------------
def test_a_list_shows_the_scope_and_nothing_else(company, enter):
    page = body(enter("sales").get("/customers/?view="))
    shown = set(map(int, re.findall(r'<tr data-id="(\d+)"', page)))
    assert shown == {company.of("sales", "own").customer.pk}


def test_a_masked_column_has_no_clear_value_no_editor_and_no_sort(company, enter):
    client = enter("quality")
    page = body(client.get("/contacts/?view="))
    for part in company.belongings.values():
        assert part.contact.phone not in page
    assert 'data-field="phone"' not in page
    assert client.get("/contacts/?view=&sort=phone").status_code == 400
    assert client.get("/contacts/?view=&phone__contains=138").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "size=0",
        "size=9999",
        "sort=owner__password",
        "nothing=1",
        "tier__regex=x",
        "where=%7B",
        "where=%7B%22all%22%3A5%7D",
        "columns=password",
        "after=%00",
        "q=%00",
    ],
)
def test_what_a_list_cannot_read_is_refused_in_words(enter, query):
    answer = enter("head").get(f"/customers/?view=&{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in body(answer)


def test_a_view_that_is_gone_leads_back_to_the_list(enter):
    client = enter("head")
    answer = client.get("/customers/?view=0f9b5f9e-0000-4000-8000-000000000000")
    assert answer.status_code == 302
    assert answer.url == "/customers/?view="


def test_the_list_is_as_its_person_left_it_and_as_nobody_else_did(enter):
    client = enter("head")
    client.get("/customers/?view=&tier=core")
    assert client.get("/customers/").url == "/customers/?view=&tier=core"
    client.cookies["gx_list_customers"] = "999999:tier=core"
    assert client.get("/customers/").status_code == 200


def test_the_builder_says_what_it_was_told(enter):
    client = enter("head")
    sent = {
        "apply": "1",
        "join.0": "all",
        "field.1": "tier",
        "op.1": "in",
        "value.1": ["core", "potential"],
        "group.1": "0",
        "field.2": "revenue_minor",
        "op.2": "gte",
        "value.2": "12.5万",
        "group.2": "0",
        "join.1": "any",
        "field.3": "owner",
        "op.3": "is",
        "value.3": "me",
        "group.3": "1",
        "field.4": "city",
        "op.4": "empty",
        "group.4": "1",
        "field.5": "",
        "value.5": "left blank",
    }
    answer = client.get("/customers/filter/", sent)
    where = json.loads(client.get(answer.url).wsgi_request.GET["where"])
    assert where == {
        "all": [
            {"field": "tier", "op": "in", "value": ["core", "potential"]},
            {"field": "revenue_minor", "op": "gte", "value": "12500000"},
            {
                "any": [
                    {"field": "owner", "op": "is", "value": "me"},
                    {"field": "city", "op": "empty"},
                ]
            },
        ]
    }
    page = body(client.get(answer.url))
    assert page.count('class="filter-chip"') == 3
    again = body(client.get("/customers/filter/?" + answer.url.partition("?")[2]))
    assert 'value="125000.00"' in again
    assert again.count('class="clause"') == 4 + 1


def test_a_view_is_its_owners_alone_until_it_is_shared(enter):
    head, sales = enter("head"), enter("sales")
    head.post("/customers/views/new/?tier=core", {"name": "Mine", "visibility": "private"})
    view = SavedView.objects.get(name="Mine")
    assert view.condition == {"all": [{"field": "tier", "op": "is", "value": "core"}]}
    base = f"/customers/views/{view.pk}/"
    for part in ("", "drop/", "pin/", "open/"):
        assert sales.post(base + part, {"name": "x", "version": 1}).status_code == 404, part
    head.post(base, {"name": "Ours", "visibility": "shared", "version": 1})
    assert sales.post(base + "drop/").status_code == 403
    sales.post(base + "pin/")
    kept = ListSetting.objects.get(record_key="customers.customer").settings
    assert kept["pinned"] == [str(view.pk)]


def test_columns_are_kept_per_person(enter):
    client = enter("head")
    client.post("/customers/columns/", {"column": ["name", "city", "tier"]})
    page = body(client.get("/customers/?view="))
    assert re.findall(r'data-column="(\w+)"', page) == ["name", "city", "tier"]
    other = body(enter("sales").get("/customers/?view="))
    assert "city" not in re.findall(r'data-column="(\w+)"', other)


# Forms --------------------------------------------------------------------------------------------
def test_an_amount_is_typed_as_people_write_it(company, enter):
    client = enter("head")
    own = company.of("head", "own").customer
    url = f"/customers/{own.pk}/edit/"
    for typed, minor in {"1,234.50": 123450, "12万": 12000000, "￥8": 800}.items():
        own.refresh_from_db()
        sent = {"_fields": "revenue_minor", "revenue_minor": typed, "version": own.version}
        assert client.post(url, sent).status_code == 302, typed
        own.refresh_from_db()
        assert own.revenue_minor == minor
    for typed in ("1.005", "1e9999999", "1e999999万"):
        sent = {"_fields": "revenue_minor", "revenue_minor": typed, "version": own.version}
        refused = client.post(url, sent)
        assert refused.status_code == 422, typed
        assert typed in body(refused)


def test_a_change_without_a_version_is_refused(company, enter):
    own = company.of("sales", "own").customer
    answer = enter("sales").post(f"/customers/{own.pk}/edit/", {"_fields": "city", "city": "x"})
    assert answer.status_code == 428


def test_two_editors_get_the_difference_and_lose_nothing(company, enter):
    first, second = enter("sales"), enter("sales")
    own = company.of("sales", "own").customer
    url = f"/customers/{own.pk}/edit/"
    first.post(url, {"_fields": "city,focus", "city": "甲市", "focus": "价格", "version": 1})
    sent = {"_fields": "city,products", "city": "乙市", "products": "泵", "version": 1}
    answer = second.post(url, sent)
    assert answer.status_code == 409
    page = body(answer)
    assert "甲市" in page
    assert "乙市" in page
    kept = re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', page)
    form = {n: v for n, v in kept if n != "csrfmiddlewaretoken"} | {"pick.city": "theirs"}
    assert form["version"] == "2"
    assert second.post(url, form).status_code == 302
    own.refresh_from_db()
    assert (own.city, own.focus, own.products) == ("甲市", "价格", "泵")


@pytest.mark.parametrize("part", ["cell", "fact"])
def test_a_stale_cell_meets_the_difference_too(company, enter, part):
    client, own = enter("sales"), company.of("sales", "own").customer
    url = f"/customers/{own.pk}/{part}/city/"
    fragment = {"HX-Request": "true"}
    first = client.post(url, {"city": "甲市", "version": 1}, headers=fragment)
    assert first.status_code == 200
    assert json.loads(first["HX-Trigger"])["gx:row"] == {"id": str(own.pk), "version": 2}
    stale = client.post(url, {"city": "乙市", "version": 1}, headers=fragment)
    assert stale.status_code == 409
    assert stale["X-Guanxi-Dialog"]
    assert "甲市" in body(stale)
    assert client.post(url, {"city": "乙市"}, headers=fragment).status_code == 428
    own.refresh_from_db()
    assert own.city == "甲市"


def test_a_masked_field_is_refused_even_when_it_is_sent(company, enter):
    client = enter("quality")
    part = company.of("quality", "own")
    url = f"/contacts/{part.contact.pk}/edit/"
    client.post(url, {"_fields": "phone", "phone": "13900000000", "version": 1})
    part.contact.refresh_from_db()
    assert part.contact.phone != "13900000000"


def test_undo_takes_back_ones_own_change_and_nobody_elses(company, enter):
    sales, head = enter("sales"), enter("head")
    own = company.of("sales", "own").customer
    url = f"/customers/{own.pk}/"
    sales.post(url + "fact/city/", {"city": "新城", "version": 1})
    event = model("kernel.Event").objects.filter(subject_id=str(own.pk)).latest("id")
    assert head.post(f"/undo/{event.pk}/").status_code == 404
    own.refresh_from_db()
    assert own.city == "新城"
    sales.post(url + "fact/focus/", {"focus": "质量", "version": 2})
    assert sales.post(f"/undo/{event.pk}/").status_code == 302
    own.refresh_from_db()
    assert (own.city, own.focus) == ("", "质量")
    assert sales.post(f"/undo/{event.pk}/").status_code == 422


def test_going_back_stays_on_this_site(company, enter):
    client, own = enter("sales"), company.of("sales", "own").customer
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:1"):
        own.refresh_from_db()
        sent = {"_fields": "city", "city": wanted[:5], "version": own.version, "back": wanted}
        answer = client.post(f"/customers/{own.pk}/edit/", sent)
        assert answer.url == f"/customers/{own.pk}/", wanted


def test_what_a_link_fills_in_is_only_what_may_be_seen(company, enter):
    client = enter("sales")
    foreign = company.of("sales", "foreign").customer
    page = body(client.get(f"/contacts/new/?customer={foreign.pk}&name=%3Cscript%3E"))
    assert foreign.name not in page
    assert "<script>" not in page.partition("<main")[2]
    assert "&lt;script&gt;" in page


# One record ---------------------------------------------------------------------------------------
def test_a_clear_look_needs_a_reason_and_is_noted(company, enter):
    client = enter("senior_agent")
    contact = company.of("senior_agent", "own").contact
    url = f"/contacts/{contact.pk}/reveal/phone/"
    assert contact.phone not in body(client.get(url))
    assert client.post(url, {"reason": ""}).status_code == 422
    answer = client.post(url, {"reason": "客户要求回电"})
    shown = re.sub(r"\D", "", re.search(r"<dd><b>([^<]+)</b>", body(answer))[1])
    assert shown in re.sub(r"\D", "", contact.phone)
    assert "no-store" in answer["Cache-Control"]
    note = AccessEntry.objects.get(action="reveal")
    assert (note.fields, note.reason) == (["phone"], "客户要求回电")


def test_history_masks_what_the_reader_sees_masked(company, enter):
    contact = company.of("quality", "own").contact
    enter("head").post(
        f"/contacts/{contact.pk}/fact/phone/", {"phone": "13912345678", "version": 1}
    )
    client = enter("quality")
    for part in ("history/", "history/phone/", "peek/", ""):
        page = body(client.get(f"/contacts/{contact.pk}/{part}"))
        assert "12345678" not in re.sub(r"[\s-]", "", page), part


def test_text_is_text_everywhere(company, enter):
    client = enter("sales")
    payload = '"><img src=x onerror=alert(1)><script>1</script>{{7*7}}'
    own = company.of("sales", "own")
    client.post(
        f"/customers/{own.customer.pk}/edit/",
        {"_fields": "name,focus", "name": payload, "focus": payload, "version": 1},
    )
    url = f"/customers/{own.customer.pk}/"
    for path in ("/customers/?view=", url, url + "edit/", url + "peek/", url + "history/", "/",
                 "/palette/?q=img", url + "card/", f"/contacts/{own.contact.pk}/"):  # fmt: skip
        answer = client.get(path, headers={"HX-Request": "true"} if "card" in path else {})
        assert answer.status_code == 200
        assert "<img src=x" not in body(answer), path
        assert "<script>1" not in body(answer), path


def test_errors_say_what_where_and_what_next(enter):
    client = enter("sales")
    for path, code in {"/nothing/here/": 404, "/events/": 403}.items():
        answer = client.get(path)
        assert answer.status_code == code
        page = body(answer)
        assert f">{code}<" in page
        assert 'href="/"' in page
        assert answer["Cache-Control"] == "no-store"
    fragment = client.get("/nothing/here/", headers={"HX-Request": "true"})
    assert fragment["X-Guanxi-Message"]


def test_a_form_of_another_session_is_refused_with_words(company):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/accounts/login/", {"login": "sales", "password": PASSWORD})
    assert answer.status_code == 403
    assert "表单已过期" in body(answer)


def test_a_list_costs_the_same_number_of_queries_however_long(
    company, enter, django_assert_max_num_queries
):
    client = enter("head")
    client.get("/customers/?view=")
    with django_assert_max_num_queries(9):
        client.get("/customers/?view=")


def test_messages_say_in_words_what_happened_to_what_one_follows(company, enter):
    client = enter("administrator")
    assert client.post(f"/users/{company.users['sales'].pk}/mark/follow/").status_code == 302
    enter("sales")
    said = str(event_kinds()["people.user.signed_in"].said)
    assert said != "signed_in"
    told = body(client.get("/following/"))
    assert said in told
    assert "signed_in" not in told


# The frame ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "marked"), [("/following/", "消息"), ("/me/", "我"), ("/", "工作台")]
)
def test_the_bottom_bar_marks_where_one_is(company, enter, path, marked):
    bar = body(enter("sales").get(path, follow=True)).partition('<nav class="bottom"')[2]
    bar = bar.partition("</nav>")[0]
    parts = re.findall(r"<(?:a|summary)([^>]*)>.*?</svg>([^<]*)<", bar)
    assert [words for attributes, words in parts if "aria-current" in attributes] == [marked]


def test_english_sentences_hold_no_capitals_of_labels(company, enter):
    client = enter("sales")
    model("people.User").objects.filter(username="sales").update(locale="en")
    page = body(client.get("/customers/?view=&q=zzzzqqqq"))
    assert "None of the customers that you may see" in page
    assert "New customer<" in page
    assert "New customer" in body(client.get("/customers/new/"))


def test_a_verb_without_a_script_is_a_page_with_a_way_back(company, enter):
    mine = company.of("head", "own").customer
    page = body(enter("head").get(f"/customers/{mine.pk}/transfer/"))
    head = page.partition('class="dialog-head"')[2].partition("</header>")[0]
    assert "data-close" not in head
    assert f'href="/customers/{mine.pk}/"' in head


def test_a_change_that_would_change_nobody_is_not_offered(company, enter):
    client, mine = enter("sales"), company.of("sales", "own").customer
    sent = {"id": mine.pk, "set": "stage", "stage": "growth"}
    page = body(client.post("/customers/bulk/preview/", sent))
    assert "其中 1 条还缺少推进所需的信息" in page
    assert ">修改 0 条<" not in page
    assert f"verb=change&amp;back=%2Fcustomers%2F&amp;id={mine.pk}" in page
    assert ">修改 1 条<" in body(
        client.post("/customers/bulk/preview/", {**sent, "stage": "churned"})
    )


def test_a_change_of_many_keeps_what_was_set_since_its_preview(company, enter):
    client, mine = enter("sales"), company.of("sales", "own").customer
    sent = {"id": mine.pk, "set": "focus", "focus": "价格"}
    page = body(client.post("/customers/bulk/preview/", sent))
    seen_at = re.search(r'name="seen_at" value="([^"]+)"', page)[1]
    url = f"/customers/{mine.pk}/fact/focus/"
    assert enter("head").post(url, {"focus": "质量", "version": 1}).status_code == 302
    run = client.post("/customers/bulk/start/", {**sent, "seen_at": seen_at})["Location"]
    assert execute_due(at=timezone.now())
    report = body(client.get(run))
    assert "Person head期间已改为别的值，予以保留：关注重点" in report
    mine.refresh_from_db()
    assert (mine.focus, mine.version) == ("质量", 2)
    for never in ("", "x", "0001-01-01T00:00:00+23:59", "2026-11-22"):
        run = client.post("/customers/bulk/start/", {**sent, "seen_at": never})
        assert run.status_code == 302, never


def test_a_save_that_writes_nothing_offers_no_undo(company, enter):
    client, mine = enter("sales"), company.of("sales", "own").customer
    url = f"/customers/{mine.pk}/edit/"
    first = client.post(url, {"_fields": "city", "city": "甲市", "version": 1}, follow=True)
    assert "/undo/" in body(first)
    page = body(client.post(url, {"_fields": "city", "city": "", "version": 1}, follow=True))
    assert "同时已保留您在别处对「城市」的修改" in page
    assert "/undo/" not in page
