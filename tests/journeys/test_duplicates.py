"""A duplicate of a colleague's customer; two customers made one, and two again (CUS-12)."""

import os
import re

from playwright.sync_api import expect

NAME = "宁波锦川压铸设备有限公司"


def look(page, name: str) -> None:
    """Keep a picture at both widths where PICTURES names a folder."""
    folder = os.environ.get("PICTURES")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide"
        if folder:
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def go(page, site, path: str) -> None:
    page.goto(site.url + path, wait_until="networkidle")


def a_customer(page, site, name: str) -> str:
    """A new customer, by the form; its address."""
    go(page, site, "/customers/new/")
    page.fill("#id_name", name)
    page.locator("form button.btn-primary").first.click()
    page.wait_for_url(re.compile(r"/customers/\d+/$"))
    return page.url.removeprefix(site.url)


def test_of_a_colleagues_customer_little_is_told_and_one_may_ask(new_page, sign_in, live_site):
    head, sales = new_page(), new_page()
    sign_in(head, "head")
    sign_in(sales, "sales")
    theirs = a_customer(head, live_site, NAME)
    go(sales, live_site, "/customers/new/")
    sales.locator("#id_name").press_sequentially("锦川压铸设备")
    banner = sales.locator("[data-duplicates]")
    expect(banner).to_contain_text("宁波***")
    expect(banner).not_to_contain_text("锦川")
    assert theirs not in banner.inner_html()
    look(sales, "banner")
    address = banner.get_by_role("link", name="申请合作").get_attribute("href")
    assert sales.request.get(live_site.url + theirs).status == 404
    go(sales, live_site, address)
    sales.fill("#message", "我们在谈同一个项目")
    look(sales, "ask")
    sales.get_by_role("button", name="申请", exact=True).click()
    sales.wait_for_url("**/customers/requests/")
    expect(sales.locator("main")).to_contain_text("待答复")
    go(head, live_site, "/customers/requests/")
    expect(head.locator("main")).to_contain_text("我们在谈同一个项目")
    look(head, "requests")
    head.get_by_label("答复").first.fill("好，周三碰头")
    head.get_by_role("button", name="同意").first.click()
    go(sales, live_site, "/customers/requests/")
    expect(sales.locator("main")).to_contain_text("好，周三碰头")
    expect(sales.locator("main")).not_to_contain_text("宁波锦川")


def test_two_customers_become_one_and_two_again(page, sign_in, live_site):
    sign_in(page, "head")
    other = a_customer(page, live_site, "绍兴远澜轴承有限公司")
    stays = a_customer(page, live_site, "远澜轴承（绍兴）有限公司")
    go(page, live_site, stays)
    page.get_by_label("更多").first.click()
    page.locator(f"a[href='{stays}merge/']").click()
    expect(page.locator("main")).to_contain_text("绍兴远澜轴承有限公司")
    look(page, "choose")
    page.get_by_role("link", name="对比").first.click()
    row = page.locator("tr", has_text="客户名称")
    row.get_by_role("radio").nth(1).check()
    look(page, "merge")
    page.get_by_role("button", name="合并", exact=True).click()
    page.wait_for_url(live_site.url + stays)
    expect(page.locator("h1")).to_have_text(re.compile("绍兴远澜轴承有限公司"))
    go(page, live_site, other)
    assert page.url == live_site.url + stays
    look(page, "merged")
    go(page, live_site, f"{stays}merge/")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("main")).to_contain_text("已撤销")
    look(page, "undone")
    go(page, live_site, other)
    assert page.url == live_site.url + other
    go(page, live_site, stays)
    expect(page.locator("h1")).to_have_text(re.compile("远澜轴承（绍兴）有限公司"))


def test_the_queue_and_the_scan_have_their_pages(page, sign_in, live_site):
    sign_in(page, "administrator")
    a_customer(page, live_site, "绍兴海平轴承有限公司")
    a_customer(page, live_site, "海平轴承（绍兴）有限公司")
    go(page, live_site, "/duplicate-pairs/scan/")
    page.get_by_role("button", name="查上次以来的变动").click()
    expect(page.locator("main")).to_contain_text(re.compile("等待中|进行中|已完成"))
    look(page, "scan")
    expect(page.locator("main")).to_be_visible()
    for _turn in range(60):
        go(page, live_site, "/duplicate-pairs/scan/")
        if "已完成" in page.locator("main").inner_text():
            break
        page.wait_for_timeout(500)
    go(page, live_site, "/duplicate-pairs/")
    expect(page.locator("main")).to_contain_text("海平轴承（绍兴）有限公司")
    look(page, "queue")
    page.locator("table.list tbody a[href^='/duplicate-pairs/']").first.click()
    page.wait_for_url(re.compile(r"/duplicate-pairs/\d+/"))
    look(page, "pair")
