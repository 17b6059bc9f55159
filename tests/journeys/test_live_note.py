"""Two people on one record: the one who only looks is told that the other has changed it."""

from playwright.sync_api import expect

from tests.fixtures.visitor import Visitor


def test_the_reader_is_told_who_has_changed_the_record(page, sign_in, live_site):
    sign_in(page, "sales")
    found = page.request.get(f"{live_site.url}/api/v1/customers/?size=20&columns=name").json()
    pk = found["results"][7]["id"]
    page.goto(f"{live_site.url}/customers/{pk}/")
    page.wait_for_timeout(1500)
    head = Visitor(live_site.url).sign_in("head", live_site.password("head"))
    etag = head.api("GET", f"/api/v1/customers/{pk}/").headers["ETag"]
    answer = head.api("PATCH", f"/api/v1/customers/{pk}/", {"focus": "现场服务"}, If_Match=etag)
    head.close()
    assert answer.status == 200, answer.text
    note = page.locator("#changed-note")
    expect(note).to_contain_text("沈砚秋", timeout=10_000)
    note.get_by_role("link").click()
    expect(page.locator("#changed-note")).to_have_count(0)
    expect(page.locator("body")).to_contain_text("现场服务")


def test_one_s_own_change_is_no_news(page, sign_in, live_site):
    sign_in(page, "sales")
    found = page.request.get(f"{live_site.url}/api/v1/customers/?size=20&columns=name").json()
    pk = found["results"][8]["id"]
    page.goto(f"{live_site.url}/customers/{pk}/")
    page.wait_for_timeout(1500)
    me = Visitor(live_site.url).sign_in("sales", live_site.password("sales"))
    etag = me.api("GET", f"/api/v1/customers/{pk}/").headers["ETag"]
    answer = me.api("PATCH", f"/api/v1/customers/{pk}/", {"focus": "自己改的"}, If_Match=etag)
    me.close()
    assert answer.status == 200, answer.text
    page.wait_for_timeout(2500)
    expect(page.locator("#changed-note")).to_have_count(0)
