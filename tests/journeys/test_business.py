"""Trade and files of a customer come when they are looked at, on the phone behind their tab."""

from playwright.sync_api import expect


def test_trade_comes_into_view_on_the_phone(new_page, sign_in, live_site):
    page = new_page(viewport={"width": 390, "height": 844})
    sign_in(page, "head")
    page.goto(f"{live_site.url}/customers/?view=")
    page.locator("table.list tbody .name a").first.click()
    page.wait_for_url("**/customers/*/")
    expect(page.locator("#orders")).to_have_count(0)
    page.get_by_text("相关", exact=True).click()
    page.locator("#contacts").scroll_into_view_if_needed()
    page.mouse.wheel(0, 3000)
    expect(page.locator("#orders")).to_be_visible()
    expect(page.locator("#payments")).to_be_attached()
