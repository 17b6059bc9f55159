"""Nothing typed is lost, and two who edit at once know of each other (issue 3)."""

import re

import pytest
from playwright.sync_api import expect

FORCE_OUT = """
from django.utils import timezone
from guanxi.kernel.actor import system_actor
from guanxi.people.choices import SessionEnd
from guanxi.people.models import User
from guanxi.people.services.sessions import end_all
end_all(User.objects.get(username="{username}"), SessionEnd.FORCED, timezone.now())
"""


@pytest.fixture
def sales(page, sign_in):
    """A sales person's page."""
    sign_in(page, "sales")
    return page


def go(page, site, path):
    page.goto(f"{site.url}{path}")
    page.wait_for_function("() => document.documentElement.classList.contains('js')")
    page.wait_for_load_state("networkidle")


def kept(page):
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已存", timeout=15_000)


def again(page, site, username):
    """Sign in where the page has been sent to, and come back."""
    expect(page.locator(".plain-box .note")).to_contain_text("所写内容已保存")
    page.fill("[name=login]", username)
    page.fill("[name=password]", site.password(username))
    page.click("form button[type=submit]")
    page.wait_for_url(re.compile("draft="))
    page.wait_for_function("() => document.documentElement.classList.contains('js')")


def a_contact(page, site):
    """The edit form of one of the person's contacts."""
    found = page.request.get(f"{site.url}/api/v1/contacts/?size=20&columns=name").json()
    return f"/contacts/{found['results'][11]['id']}/"


def discard(page):
    """Leave nothing for the next test."""
    expect(page.locator("[data-form]")).to_have_attribute("data-wired", "1")
    page.keyboard.press("Escape")
    page.locator("#dialog").get_by_role("button", name="放弃修改").click()
    page.wait_for_url(lambda url: "draft=" not in url and "/edit/" not in url)


def test_what_was_typed_comes_back_after_the_cookie_is_gone_and_is_saved(sales, live_site):
    url = a_contact(sales, live_site)
    go(sales, live_site, f"{url}edit/")
    sales.fill("#id_position", "会话结束前的职位")
    sales.context.clear_cookies(name="guanxi")
    sales.get_by_role("button", name="保存", exact=True).click()
    sales.wait_for_url(re.compile("/accounts/login/"))
    again(sales, live_site, "sales")
    expect(sales.locator(".draft-note")).to_contain_text("还没有保存")
    expect(sales.locator("#id_position")).to_have_value("会话结束前的职位")
    sales.get_by_role("button", name="保存", exact=True).click()
    sales.wait_for_url(re.compile(f"{url}$"))
    expect(sales.locator("[data-fact=position]")).to_contain_text("会话结束前的职位")
    go(sales, live_site, f"{url}edit/")
    expect(sales.locator(".draft-note")).to_have_count(0)


def test_whoever_is_forced_out_while_typing_is_told_and_loses_nothing(sales, watch, live_site):
    watch.expect("401")
    go(sales, live_site, "/customers/new/")
    sales.fill("#id_name", "被强制退出的公司")
    kept(sales)
    live_site.manage("shell", "-c", FORCE_OUT.format(username="sales"))
    sales.fill("#id_notes", "退出之后写的")
    note = sales.locator("[data-ended-note]")
    expect(note).to_contain_text("登录已结束", timeout=20_000)
    note.get_by_role("link").click()
    again(sales, live_site, "sales")
    expect(sales.locator("#id_name")).to_have_value("被强制退出的公司")
    expect(sales.locator("#id_notes")).to_have_value("退出之后写的")
    discard(sales)


def test_what_is_typed_survives_leaving_the_page_and_stands_on_the_desk(sales, live_site):
    go(sales, live_site, "/customers/new/")
    sales.fill("#id_name", "云上测试有限公司")
    sales.once("dialog", lambda dialog: dialog.accept())
    go(sales, live_site, "/")
    waiting = sales.locator("section.panel", has_text="草稿").get_by_role(
        "link", name="云上测试有限公司"
    )
    for _ in range(20):  # what leaves with the page arrives about when the next page is asked for
        if waiting.count():
            break
        go(sales, live_site, "/")
    waiting.click()
    sales.wait_for_url(re.compile("draft="))
    expect(sales.locator("#id_name")).to_have_value("云上测试有限公司")
    go(sales, live_site, "/customers/new/")
    note = sales.locator(".draft-note")
    expect(note).to_contain_text("的草稿")
    expect(sales.locator("#id_name")).to_have_value("")
    note.get_by_role("link", name="恢复").click()
    sales.wait_for_url(re.compile("draft="))
    expect(sales.locator("#id_name")).to_have_value("云上测试有限公司")
    discard(sales)
    go(sales, live_site, "/drafts/")
    expect(sales.get_by_role("link", name="云上测试有限公司")).to_have_count(0)


def test_a_page_from_before_the_new_sign_in_keeps_what_is_typed(sales, watch, live_site):
    watch.expect("403")
    go(sales, live_site, "/customers/new/")
    sales.context.clear_cookies()
    other = sales.context.new_page()
    other.goto(f"{live_site.url}/accounts/login/")
    other.fill("[name=login]", "sales")
    other.fill("[name=password]", live_site.password("sales"))
    other.click("form button[type=submit]")
    other.wait_for_url(lambda url: "/accounts/" not in url)
    sales.fill("#id_name", "旧页面里写的")
    sales.get_by_role("button", name="新建", exact=True).click()
    sales.get_by_role("link", name="接着写").click()
    expect(sales.locator("#id_name")).to_have_value("旧页面里写的")
    discard(sales)


def test_a_talk_half_written_comes_back(sales, live_site):
    found = sales.request.get(f"{live_site.url}/api/v1/customers/?size=20&columns=name").json()
    url = f"/customers/{found['results'][9]['id']}/"
    go(sales, live_site, url)
    with sales.expect_response(lambda answer: "/drafts/keep/" in answer.url):
        sales.fill("#talk-text", "客户说月底前")
    go(sales, live_site, url)
    expect(sales.locator("#talk-text")).to_have_value("客户说月底前")
    sales.fill("#talk-text", "客户说月底前定下来")
    sales.keyboard.press("Control+Enter")
    expect(sales.locator("#talk-box .draft-note")).to_have_count(0)
    expect(sales.locator("#talk-box")).to_contain_text("客户说月底前定下来")
    go(sales, live_site, url)
    expect(sales.locator("#talk-text")).to_have_value("")


def test_nothing_typed_stays_on_the_device(sales, live_site):
    go(sales, live_site, "/customers/new/")
    sales.fill("#id_name", "不留在本机的草稿")
    kept(sales)
    stored = "() => JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})"
    assert "不留在本机" not in sales.evaluate(stored)
    discard(sales)


def test_two_who_edit_see_each_other_and_a_reader_sees_both(sales, new_page, sign_in, live_site):
    url = a_contact(sales, live_site)
    head, reader = new_page(), new_page()
    for page in (head, reader):
        sign_in(page, "head")
    go(reader, live_site, url)
    for page in (sales, head):
        go(page, live_site, f"{url}edit/")
    editors = "[data-editors]"
    expect(head.locator(editors)).to_be_empty()
    sales.fill("#id_position", "甲在写")
    name = sales.locator(".menu-person b").first.text_content()
    expect(head.locator(editors)).to_have_text(f"{name}正在编辑", timeout=20_000)
    expect(sales.locator(editors)).to_be_empty()
    expect(reader.locator(editors)).to_have_text(f"{name}正在编辑", timeout=20_000)
    head.fill("#id_style", "乙也在写")
    expect(sales.locator(editors)).to_contain_text("正在编辑", timeout=20_000)
    sales.get_by_role("button", name="保存", exact=True).click()
    sales.wait_for_url(re.compile(f"{url}$"))
    expect(head.locator(editors)).to_be_empty(timeout=20_000)
    discard(head)
    expect(sales.locator(editors)).to_be_empty(timeout=20_000)
