"""What a reader is told of what happened: all of it, within their rights, at a fixed cost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.customers import services
from guanxi.customers.page.timeline import Story, as_query, read_wanted
from guanxi.customers.queries import OpenedId
from guanxi.customers.tests import factories
from guanxi.customers.timeline import ENTRIES, Timeline, Wanted
from guanxi.kernel.actor import Channel
from guanxi.kernel.errors import BadRequest
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record

pytestmark = pytest.mark.django_db
ALL = Wanted()
IMPORTER = replace(factories.SYSTEM, channel=Channel.IMPORT, request_id="run-1")


@pytest.fixture
def customer(company):
    return company.of("head", "own").customer


def story(company, customer, wanted: Wanted = ALL, reader: str = "head"):
    actor = company.actor(reader)
    return Story(OpenedId(customer.pk), actor, Formatter(actor, factories.minutes(600))).show(
        wanted
    )


def entries(shown) -> list:
    return [entry for day in shown.days for entry in day.entries]


def words(shown) -> list[str]:
    return [f"{entry.actor} {entry.sentence}" for entry in entries(shown)]


def change(customer, values, actor, at=factories.AT, key: str = "customer"):
    customer.refresh_from_db()
    kind = get_record_type(f"customers.{key}")
    return change_record(kind, customer.pk, values, version=customer.version, actor=actor, at=at)


# In words -----------------------------------------------------------------------------------------
def test_talk_names_who_how_and_with_whom(company, customer):
    lina = factories.contact(customer, "李娜", position="采购总监")
    factories.talk(customer, "谈了报价", contact=lina.pk, actor=company.actor("head"))
    entry = entries(story(company, customer))[0]
    assert str(entry.sentence).startswith(f'致电<a href="/contacts/{lina.pk}/">李娜</a>')
    assert (entry.actor, entry.text, entry.look) == ("Person head", "谈了报价", "talk")


def test_a_talk_of_another_day_says_when_it_took_place(company, customer):
    factories.talk(customer, occurred_at=factories.AT - timedelta(days=2))
    assert entries(story(company, customer))[0].took_place == "2026-03-09 周一 10:30"


def test_one_short_change_is_one_sentence(company, customer):
    change(customer, {"tier": "core"}, company.actor("head"))
    assert words(story(company, customer)) == ["Person head 将等级由“普通”改为“核心”"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"industry": "电子制造"}, "填写行业为“电子制造”"),
        ({"phone": ""}, "清空了电话"),
        ({"next_contact_at": factories.minutes(0)}, "把下次联系定在 2026-03-11 周三 10:30"),
    ],
)
def test_filling_clearing_and_appointing_have_their_own_words(company, customer, values, sentence):
    change(customer, values, company.actor("head"))
    assert sentence in words(story(company, customer))[0].replace("所属行业", "行业")


def test_several_changes_are_listed_with_old_and_new(company, customer):
    change(customer, {"industry": "医药", "headcount": 20, "tier": "core"}, company.actor("head"))
    entry = entries(story(company, customer))[0]
    changed = {c.name: (c.before, c.after) for c in entry.changes}
    assert changed["tier"] == ("普通", "核心")
    assert changed["headcount"] == ("", "20")


def test_tags_owners_and_transfers_are_named_not_numbered(company, customer):
    tag = factories.tag("价格敏感")
    services.add_tag(customer.pk, tag_id=tag.pk, actor=company.actor("head"), at=factories.AT)
    services.transfer_customer(
        customer.pk,
        to_user=company.users["sales"].pk,
        reason="轮岗",
        version=None,
        actor=company.actor("head"),
        at=factories.minutes(1),
    )
    told = story(company, customer, reader="administrator")
    assert words(told) == [
        "Person head 把客户由 Person head 转交给 Person sales",
        "Person head 添加标签 价格敏感",
    ]
    assert entries(told)[0].text == "轮岗"


def test_orders_and_returns_carry_their_amount(company, customer):
    factories.order(customer, 12_345_60, number="SO-1")
    factories.order(customer, -5_00, number="SO-2", currency="GBP", at=factories.minutes(1))
    said = " ".join(words(story(company, customer)))
    assert "SO-1</a> ¥12,345.60" in said
    assert "登记退货" in said
    assert "SO-2</a> -£5.00" in said


def test_an_imports_run_is_one_entry_with_its_counts(company, customer):
    for number in range(30):
        factories.order(
            customer, number=f"I-{number}", actor=IMPORTER, at=factories.minutes(number)
        )
    factories.made("contact", {"customer": customer.pk, "name": "王强"}, IMPORTER)
    factories.talk(customer, at=factories.minutes(15))
    shown = story(company, customer)
    assert len(entries(shown)) == 2
    assert "30 笔订单" in words(shown)[0]
    assert "1 位联系人" in words(shown)[0]
    assert shown.more_query == ""


def test_a_single_imported_thing_is_told_like_any_other(company, customer):
    factories.order(customer, number="I-1", actor=IMPORTER)
    entry = entries(story(company, customer))[0]
    assert "I-1" in entry.sentence
    assert entry.source == "经导入"


def test_markup_in_names_stays_text(company, customer):
    factories.contact(customer, "<b>李娜</b>")
    assert "&lt;b&gt;李娜&lt;/b&gt;" in words(story(company, customer))[0]


# Rights -------------------------------------------------------------------------------------------
def test_masked_values_stay_masked_and_hidden_ones_are_left_out(company):
    customer = company.of("senior_agent", "own").customer
    values = {"phone": "+8613912345678", "technical_notes": "三号线方案", "industry": "医药"}
    change(customer, values, company.actor("administrator"))
    entry = entries(story(company, customer, reader="senior_agent"))[0]
    said = {c.name: c.after for c in entry.changes}
    assert said == {"phone": "139****5678", "industry": "医药"}


def test_amounts_need_their_level(company):
    customer = company.of("senior_agent", "own").customer
    factories.order(customer, 777_00, number="SO-9")
    said = words(story(company, customer, reader="senior_agent"))[0]
    assert "SO-9" in said
    assert "777" not in said


def test_what_one_may_not_list_is_not_told(company):
    customer = company.of("sales", "own").customer
    factories.payment(customer, number="P-SECRET")
    factories.talk(customer)
    said = words(story(company, customer, reader="sales"))
    assert len(said) == 1
    assert "P-SECRET" not in said[0]
    assert "customers.payment" not in Timeline(OpenedId(customer.pk), company.actor("sales")).types


def test_a_right_that_reaches_less_far_tells_less(company):
    """Who sees all customers but only their own orders reads of orders on their own only."""
    actor = company.actor("head")
    narrow = replace(actor, grants={**actor.grants, "orders.view": 1})
    theirs = company.of("head", "team").customer
    assert "customers.order" not in Timeline(OpenedId(theirs.pk), narrow).types
    assert (
        "customers.order" in Timeline(OpenedId(company.of("head", "own").customer.pk), narrow).types
    )


def test_files_of_a_closed_kind_leave_no_trace(company):
    customer = company.of("sales", "own").customer
    factories.attachment(customer, "对账单", "finance")
    factories.attachment(customer, "合同", "contract")
    assert [e.sentence for e in entries(story(company, customer, reader="sales"))] == [
        '归档文件《合同》 <span class="muted">2026 · 合同</span>'
    ]
    assert len(entries(story(company, customer, reader="administrator"))) == 2


def test_an_erased_detail_says_nothing_any_more(company, customer):
    change(customer, {"email": "new@customer.example"}, company.actor("head"))
    detail = factories.last_event().detail
    detail.values, detail.erased_at = {}, factories.AT
    type(detail).objects.filter(pk=detail.pk).update(values={}, erased_at=factories.AT)
    assert "example" not in str(entries(story(company, customer)))


# Narrowing and paging -----------------------------------------------------------------------------
def test_pages_follow_each_other_without_gap_or_repetition(company, customer):
    count = ENTRIES * 2 + 5
    for number in range(count):
        factories.order(customer, number=f"N-{number:03}", at=factories.minutes(number // 3))
    seen, wanted, pages = [], Wanted(), 0
    while True:
        shown = story(company, customer, wanted)
        seen += [e.event_id for e in entries(shown)]
        pages += 1
        if not shown.more_query:
            break
        wanted = read_wanted(dict(p.split("=") for p in shown.more_query[1:].split("&")))
    assert pages == 3
    assert len(seen) == len(set(seen)) == count
    assert seen == sorted(seen, reverse=True)


def test_a_day_that_goes_on_is_not_named_twice(company, customer):
    for number in range(ENTRIES + 2):
        factories.order(customer, number=f"N-{number}", at=factories.minutes(number))
    first = story(company, customer)
    mark = read_wanted({"before": first.more_query.removeprefix("?before=")})
    assert [day.label for day in story(company, customer, mark).days] == [""]


def test_each_choice_shows_its_own(company, customer):
    actor = company.actor("head")
    factories.talk(customer, actor=actor)
    factories.order(customer)
    factories.attachment(customer)
    change(customer, {"industry": "医药"}, actor)
    icons = {
        show: [e.icon for e in entries(story(company, customer, Wanted(show=show)))]
        for show in ("talk", "changes", "orders", "files", "pinned")
    }
    assert icons["talk"][0] == "phone"
    assert icons["changes"] == ["pencil"]
    assert icons["orders"] == ["package"]
    assert icons["files"] == ["paperclip"]
    assert icons["pinned"] == []


def test_talk_is_narrowed_by_channel_person_and_days(company, customer):
    by_head = {"actor": company.actor("head")}
    factories.talk(customer, "早", channel="phone", occurred_at=factories.AT, **by_head)
    late = factories.AT + timedelta(days=3)
    factories.talk(customer, "晚", channel="wechat", occurred_at=late, **by_head)
    factories.talk(customer, "别人", channel="phone", occurred_at=late)

    def said(**wanted) -> list[str]:
        shown = story(
            company,
            customer,
            Wanted(show="talk", since=date(2026, 3, 11)) if not wanted else Wanted(**wanted),
        )
        return [e.text for e in entries(shown)]

    assert said(channel="wechat") == ["晚"]
    assert said(show="talk", person=company.users["head"].pk) == ["晚", "早"]
    assert said(show="talk", since=date(2026, 3, 14), until=date(2026, 3, 14)) == ["别人", "晚"]
    assert said(show="talk", until=date(2026, 3, 11))[0] == "早"


def test_the_pinned_stand_on_top_in_full_and_are_mentioned_at_their_place(company, customer):
    factories.talk(customer, "请先读", actor=company.actor("head"))
    event = factories.last_event()
    services.pin_event(customer.pk, event_id=event.pk, actor=company.actor("head"), at=factories.AT)
    shown = story(company, customer)
    assert [e.text for e in shown.pinned] == ["请先读"]
    assert [e.is_told_above for e in entries(shown)] == [True]
    assert [e.text for e in entries(story(company, customer, Wanted(show="pinned")))] == ["请先读"]


def test_a_pin_tells_nobody_more_than_the_timeline_does(company):
    customer = company.of("sales", "own").customer
    factories.attachment(customer, "对账单", "finance")
    factories.payment(customer)
    for event in factories.Event.objects.filter(customer_id=customer.pk):
        services.pin_event(customer.pk, event_id=event.pk, actor=factories.SYSTEM, at=factories.AT)
    assert len(story(company, customer, reader="administrator").pinned) == 2
    assert story(company, customer, reader="sales").pinned == []


@pytest.mark.parametrize(
    "query",
    [
        {"show": "secrets"},
        {"channel": "smoke"},
        {"by": "1 OR 1=1"},
        {"by": "９"},
        {"since": "yesterday"},
        {"until": "0001-01-01"},
        {"before": "1.2.3"},
        {"before": "'"},
    ],
)
def test_a_mistyped_address_is_refused(query):
    with pytest.raises(BadRequest):
        read_wanted(query)


def test_an_address_says_what_it_was_made_from():
    wanted = Wanted("talk", "phone", 7, date(2026, 1, 2), date(2026, 3, 4), None)
    pairs = dict(part.split("=") for part in as_query(wanted)[1:].split("&"))
    assert read_wanted(pairs) == wanted


# Cost ---------------------------------------------------------------------------------------------
def fill(company, customer, rounds: int) -> None:
    actor = company.actor("head")
    start = factories.Event.objects.count()
    for number in range(start, start + rounds):
        at = factories.minutes(number)
        factories.talk(customer, f"谈 {number}", actor=actor, at=at)
        factories.order(customer, number=f"F-{number}", at=at)
        change(customer, {"owner": company.users[("sales", "head")[number % 2]].pk}, actor, at)
        tag = factories.tag(f"标签{number}")
        services.add_tag(customer.pk, tag_id=tag.pk, actor=actor, at=at)


def queries(company, customer) -> int:
    actor = company.actor("head")
    formatter = Formatter(actor, factories.minutes(600))
    with CaptureQueriesContext(connection) as seen:
        Story(OpenedId(customer.pk), actor, formatter).show(Wanted())
    return len(seen)


def test_more_entries_cost_no_more_queries(company, customer):
    fill(company, customer, 2)
    few = queries(company, customer)
    fill(company, customer, 12)
    assert queries(company, customer) == few
    assert few <= 7
