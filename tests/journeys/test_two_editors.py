"""Two people edit one customer: both edits stay, and of the same field each one is shown (G01)."""

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.visitor import Visitor


@pytest.fixture
def customer(live_site):
    """A customer of their own for every journey."""
    sales = Visitor(live_site.url).sign_in("sales", live_site.password("sales"))
    given = {"name": "双编辑水务有限公司", "city": "南昌", "focus": "交期", "tier": "ordinary"}
    made = sales.api("POST", "/api/v1/customers/", given)
    assert made.status == 201, made.text
    yield made.json()["id"]
    sales.close()


@pytest.fixture
def two(new_page, sign_in):
    """Sales and their head, each at a browser."""
    pages = new_page(), new_page()
    for page, who in zip(pages, ("sales", "head"), strict=True):
        sign_in(page, who)
    return pages


def ready(page):
    page.wait_for_function("() => document.documentElement.classList.contains('js')")
    page.wait_for_load_state("networkidle")


def open_form(page, site, pk):
    page.goto(f"{site.url}/customers/{pk}/edit/")
    ready(page)


def save(page):
    page.get_by_role("button", name="保存", exact=True).click()


def stored(site, pk):
    """What a program reads."""
    sales = Visitor(site.url).sign_in("sales", site.password("sales"))
    found = sales.api("GET", f"/api/v1/customers/{pk}/").json()
    sales.close()
    return found


def test_different_fields_are_both_kept_and_it_is_said(two, live_site, customer):
    mine, theirs = two
    for page in two:
        open_form(page, live_site, customer)
    theirs.fill("#id_focus", "价格")
    save(theirs)
    theirs.wait_for_url(re.compile(rf"/customers/{customer}/$"))
    mine.fill("#id_needs", "要快")
    save(mine)
    mine.wait_for_url(re.compile(rf"/customers/{customer}/$"))
    told = mine.locator(".toast-note")
    expect(told).to_contain_text("已保存；同时已保留")
    expect(told).to_contain_text("「关注重点」")
    found = stored(live_site, customer)
    assert (found["focus"], found["needs"], found["city"]) == ("价格", "要快", "南昌")


def test_the_same_field_is_chosen_with_the_keyboard(two, live_site, customer, watch):
    watch.expect("409")
    mine, theirs = two
    for page in two:
        open_form(page, live_site, customer)
    theirs.fill("#id_focus", "价格")
    theirs.fill("#id_short_name", "对方的简称")
    theirs.fill("#id_industry", "对方的行业")
    save(theirs)
    theirs.wait_for_url(re.compile(rf"/customers/{customer}/$"))
    mine.fill("#id_focus", "质量")
    mine.fill("#id_short_name", "我的简称")
    mine.fill("#id_needs", "要快")
    save(mine)
    conflict = mine.locator(".conflict")
    expect(conflict.get_by_role("group")).to_have_count(2)
    focus = conflict.get_by_role("group", name="关注重点")
    for said in ("质量", "价格", "交期"):
        expect(focus).to_contain_text(said)
    expect(conflict).to_contain_text("需求偏好")
    assert stored(live_site, customer)["needs"] == ""
    focus.locator("input[value=mine]").focus()
    mine.keyboard.press("ArrowRight")
    expect(focus.locator("input[value=theirs]")).to_be_checked()
    conflict.get_by_role("group", name="简称").locator("input[value=mine]").check()
    conflict.get_by_role("button", name="按选择保存").click()
    mine.wait_for_url(re.compile(rf"/customers/{customer}/$"))
    found = stored(live_site, customer)
    assert (found["focus"], found["short_name"]) == ("价格", "我的简称")
    assert (found["needs"], found["industry"]) == ("要快", "对方的行业")


def test_a_cell_and_a_form_of_one_customer(two, live_site, customer, watch):
    watch.expect("409")
    mine, theirs = two
    mine.goto(f"{live_site.url}/customers/?view=&q=双编辑&sort=-created_at&columns=name,city,focus")
    ready(mine)
    row = mine.locator(f"table.list tbody tr[data-id='{customer}']")
    open_form(theirs, live_site, customer)
    theirs.fill("#id_focus", "价格")
    save(theirs)
    theirs.wait_for_url(re.compile(rf"/customers/{customer}/$"))

    def type_into(name, text):
        cell = row.locator(f"td[data-field={name}]")
        cell.dblclick()
        cell.locator("input:not([type=hidden])").first.fill(text)
        cell.locator("input:not([type=hidden])").first.press("Enter")

    type_into("city", "九江")
    expect(mine.locator(".toast-note")).to_contain_text("「关注重点」")
    expect(row.locator("td[data-field=city]")).to_contain_text("九江")
    assert stored(live_site, customer)["focus"] == "价格"
    open_form(theirs, live_site, customer)
    theirs.fill("#id_city", "赣州")
    save(theirs)
    theirs.wait_for_url(re.compile(rf"/customers/{customer}/$"))
    type_into("city", "景德镇")
    conflict = mine.locator("#dialog .conflict")
    expect(conflict).to_contain_text("赣州")
    expect(conflict).to_contain_text("景德镇")
    conflict.get_by_role("button", name="按选择保存").click()
    mine.wait_for_url(re.compile(r"/customers/\?.*columns=name"))
    expect(row.locator("td[data-field=city]")).to_contain_text("景德镇")
