"""A promise from a customer's page through the calendar to the customer (VIS-6)."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

PROMISE = "寄出盖章合同并告知快递单号"
SLOW = 20_000  # a page comes anew after each step


def test_a_promise_is_made_dragged_kept_and_told(page, sign_in, live_site, watch):
    sign_in(page, "sales")
    page.goto(f"{live_site.url}/customers/?view=&owner=me")
    page.locator("table.list tbody tr .name a").first.click()
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    customer = page.url.partition("#")[0]
    line = page.locator(".add-line")
    line.locator("[name=title]").fill(PROMISE)
    line.locator("[name=kind]").check()
    line.locator("button").click()
    expect(page.locator("#panel-commitments")).to_contain_text(PROMISE, timeout=SLOW)
    today = page.locator(".add-line [name=due_at]").input_value()
    target = next_day(today)

    page.goto(f"{live_site.url}/calendar/?view=week&on={today}")
    expect(page.locator("[data-calendar][data-ready]")).to_be_visible()
    entry = page.locator(f'[data-day="{today}"] .cal-entry', has_text=PROMISE)
    watch.expect("status of 422")  # who moves a promise says why
    drag(page, entry, page.locator(f'[data-day="{target}"]'))
    agree(page)
    moved = page.locator(f'[data-day="{target}"] .cal-entry', has_text=PROMISE)
    expect(moved).to_have_attribute("data-version", "2", timeout=SLOW)
    back = page.locator(f'[data-day="{today}"] .cal-entry', has_text=PROMISE)
    expect(page.locator("[data-calendar][data-ready]")).to_be_visible()
    moved.locator("a.cal-what").focus()
    days = (date.fromisoformat(today) - date.fromisoformat(target)).days
    page.keyboard.press("Alt+ArrowLeft" if days < 0 else "Alt+ArrowRight")
    agree(page)
    expect(back).to_have_attribute("data-version", "3", timeout=SLOW)

    keep_and_tell(page, back)
    page.goto(customer)
    timeline = page.locator("#talk")
    expect(timeline).to_contain_text(f"已告知客户： {PROMISE}")
    expect(timeline).to_contain_text("电话告知李女士")
    expect(page.locator("#panel-commitments")).not_to_contain_text(PROMISE)


def keep_and_tell(page, entry):
    """Do what was promised, then tell the customer."""
    entry.locator("a.cal-what").click()
    page.wait_for_url(re.compile(r"/commitments/\d+/"))
    ready(page)
    page.get_by_role("link", name="完成").first.click()
    page.locator("#dialog").get_by_role("button", name="完成").click()
    expect(page.locator("main")).to_contain_text("待告知客户", timeout=SLOW)
    ready(page)
    page.get_by_role("link", name="已告知客户").first.click()
    page.locator("#dialog [name=told]").fill("电话告知李女士")
    page.locator("#dialog").get_by_role("button", name="已告知客户").click()
    expect(page.locator("main")).to_contain_text("电话告知李女士", timeout=SLOW)


def agree(page):
    """Say why the promise is moved."""
    dialog = page.locator("#dialog")
    dialog.locator("[name=reason]").fill("客户同意改期", timeout=SLOW)
    dialog.get_by_role("button", name="改期").click()


def ready(page):
    """The page's scripts open dialogs from here on."""
    page.wait_for_function("() => document.documentElement.classList.contains('js')")
    page.wait_for_load_state("networkidle")


def next_day(today):
    """The day after within the same week, or the one before on a Sunday."""
    day = date.fromisoformat(today)
    return (day + timedelta(-1 if day.weekday() == 6 else 1)).isoformat()


def drag(page, entry, onto):
    """By the mouse, in small steps as a hand does it."""
    entry.scroll_into_view_if_needed()
    box, there = entry.bounding_box(), onto.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
    page.mouse.down()
    x, y = there["x"] + there["width"] / 2, there["y"] + min(20, there["height"] / 2)
    page.mouse.move(x - 8, y, steps=12)
    page.mouse.move(x, y, steps=6)
    page.mouse.up()
