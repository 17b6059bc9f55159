"""A new notice moves running clocks, after a rehearsal; a clock explains itself (PLT-3)."""

import re

from playwright.sync_api import expect

from tests.journeys.test_duplicates import go, look

#: Three running deadlines of customers, due early in 2027, one of them held for a while.
BEGIN = """
from datetime import timedelta
from django.utils import timezone
from guanxi.customers.models import Customer
from guanxi.deadlines import services
from guanxi.deadlines.services import Level, Measure, Promise, Target
from guanxi.kernel.actor import system_actor
at, actor = timezone.now(), system_actor()
target = Target(Measure.BUSINESS_DAYS, 45)
promise = Promise(target, levels=(Level("80%", percent=80, to=("owner",)),), reasons=("customer",))
customers = list(Customer.objects.filter(owner__username="sales").order_by("pk")[:3])
begun = services.Happened(at - timedelta(days=12))
for customer in customers:
    services.start_clock(customer, "customers.enter", promise=promise, key="journey",
                         happened=begun, actor=actor, at=at)
held = services.Happened(at - timedelta(days=9), "held")
services.pause_clock(customers[0], "customers.enter", reason="customer", key="journey",
                     happened=held, actor=actor, at=at)
services.resume_clock(customers[0], "customers.enter", key="journey", actor=actor, at=at,
                      happened=services.Happened(at - timedelta(days=6), "resumed"))
"""
#: Another year than the provisional one: the whole first fortnight of January is a holiday.
NOTICE = "\n".join(f"2027-01-{day:02},holiday,元旦" for day in range(1, 15))


def do(page, site, address: str, verb: str) -> None:
    """One of the verbs of a record, by its own form."""
    go(page, site, f"{address}{verb}/")
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(f"{address}$"))


def test_a_notice_moves_running_clocks_and_a_clock_explains_itself(new_page, sign_in, live_site):
    live_site.manage("shell", "-c", BEGIN)
    page = new_page()
    sign_in(page, "administrator")
    go(page, live_site, "/clocks/due/")
    ours = page.locator("table.queue tbody tr", has_text="采集后录入")
    while not ours.count():  # those of the demo company are due long before
        page.get_by_role("link", name="下一页").click()
        page.wait_for_load_state()
    expect(ours.first.locator("[data-due]")).to_contain_text("剩")
    expect(page.locator("table.queue")).to_contain_text("暂定")
    look(page, "queue")
    go(page, live_site, "/holiday-notices/new/")
    page.fill("#id_year", "2027")
    page.fill("#id_dates", NOTICE)
    page.locator("form button.btn-primary").first.click()
    page.wait_for_url(re.compile(r"/holiday-notices/\d+/$"))
    address = page.url.removeprefix(live_site.url)
    do(page, live_site, address, "rehearse")
    panel = page.locator("#related")
    for _ in range(40):
        go(page, live_site, address)
        if "会变动" in panel.inner_text():
            break
        page.wait_for_timeout(500)
    expect(panel).to_contain_text("预演：有 3 个在计时的时限会变动")
    look(page, "notice")
    do(page, live_site, address, "publish")
    for _ in range(40):
        go(page, live_site, address)
        if "已更新" in panel.inner_text():
            break
        page.wait_for_timeout(500)
    expect(panel).to_contain_text("已更新 3 个在计时的时限")
    panel.locator("a[href^='/clocks/']").first.click()
    page.wait_for_url(re.compile(r"/clocks/\d+/$"))
    story = page.locator("#talk")
    expect(story).to_contain_text("合计：即时限")
    expect(story.locator("tfoot")).to_contain_text("45 个工作日")
    expect(story).to_contain_text("元旦")
    expect(story).to_contain_text("日历变更")
    look(page, "clock")
