"""The bell counts while one looks at something else: another person has acted."""

import re

from playwright.sync_api import expect

from tests.fixtures.visitor import Visitor


def test_the_bell_counts_when_somebody_else_acts(page, sign_in, live_site):
    sign_in(page, "sales")
    me = page.locator("body").get_attribute("data-user")
    bell = page.locator(".top-tools [data-bell]")
    before = int(bell.text_content() or 0)  # The demo company's own day goes on meanwhile.
    head = Visitor(live_site.url).sign_in("head", live_site.password("head"))
    found = head.api("GET", "/api/v1/customers/?size=50&columns=name,owner").json()["results"]
    other = next(row for row in found if row["owner"] and str(row["owner"]["id"]) != me)
    address = f"/api/v1/customers/{other['id']}/"
    etag = head.api("GET", address).headers["ETag"]
    body = {"to_user": int(me), "reason": "试铃"}
    answer = head.api("POST", f"{address}transfer/", body, If_Match=etag)
    head.close()
    assert answer.status == 200, answer.text
    more = "|".join(str(before + number) for number in range(1, 20))
    expect(bell).to_have_text(re.compile(f"^({more})$"), timeout=15_000)
    page.locator(".top-tools [data-follow^=bell]").click()
    line = page.get_by_role("button", name=other["name"])
    expect(line).to_contain_text("转交给您")
    line.click()
    page.wait_for_url(f"**/customers/{other['id']}/")
    page.goto(f"{live_site.url}/notifications/")
    expect(page.get_by_role("link", name=other["name"])).to_be_visible()
    expect(line).to_have_count(0)
