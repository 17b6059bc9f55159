"""Two agents on one ticket: what one says appears with the other, who reads it before answering."""

from playwright.sync_api import expect

from tests.fixtures.visitor import Visitor


def test_nobody_answers_a_ticket_twice(page, sign_in, live_site, watch):
    sign_in(page, "senior_agent")
    other = Visitor(live_site.url).sign_in("administrator", live_site.password("administrator"))
    seen = page.request.get(f"{live_site.url}/api/v1/customers/?size=1&columns=name").json()
    new = {"subject": "水泵漏水", "channel": "wechat", "customer": seen["results"][0]["id"]}
    url = other.api("POST", "/api/v1/tickets/", new).headers["Location"]
    path = url[url.index("/api/v1/") + len("/api/v1") :]
    other.api("POST", f"/api/v1{path}take/", {})  # so that the backlog gives it to nobody meanwhile
    page.goto(f"{live_site.url}{path}")
    other.api("POST", f"/api/v1{path}note/", {"body": "客户催得急"})
    expect(page.locator("#messages .said-note")).to_contain_text("客户催得急", timeout=20_000)
    expect(page.locator("#changed-note")).to_have_count(0)

    page.fill("#talk-text", "我来安排工程师")
    answer = other.api("POST", f"/api/v1{path}reply/", {"body": "已派工程师", "public_seq": 0})
    assert answer.status == 200, answer.text
    expect(page.locator("#messages .said-reply")).to_contain_text("已派工程师", timeout=20_000)
    watch.expect("409")
    page.click("#composer .btn-primary")
    expect(page.locator("#composer .note-amber")).to_contain_text("已派工程师")
    expect(page.locator("#talk-text")).to_have_value("我来安排工程师")

    page.click("#composer .btn-primary")
    expect(page.locator("#messages .said-reply")).to_have_count(2)
    expect(page.locator("#talk-text")).to_have_value("")
    page.fill("#talk-text", "这个不归我管")
    expect(page.locator("[data-wording-hint]")).to_contain_text("不归我管")
    other.close()
