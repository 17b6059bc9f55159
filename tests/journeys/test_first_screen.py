"""What a person gets on the first screen, and what it costs the network."""

import pytest

MOST_REQUESTS = 12
MOST_BYTES = 350 * 1000

ROLES = [
    *("head", "sales", "senior_agent", "junior_agent", "complaint", "legal", "quality"),
    *("analyst", "hr", "it", "administrator", "security_admin", "auditor"),
]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_signs_in_and_sees_its_workbench(page, sign_in, live_site, role):
    sign_in(page, role)
    assert page.url.rstrip("/") == live_site.url
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang").lower().startswith("zh")


def test_nobody_sees_a_page_without_signing_in(page, live_site):
    page.goto(f"{live_site.url}/customers/")
    assert "/accounts/login/" in page.url


def test_the_first_screen_is_light(new_page, sign_in, live_site):
    page = new_page()
    sign_in(page, "sales")
    cookies = page.context.cookies()
    fresh = new_page()
    fresh.context.add_cookies(cookies)
    finished = []

    def note(request) -> None:
        finished.append(request)

    fresh.on("requestfinished", note)
    fresh.goto(live_site.url, wait_until="networkidle")
    size = sum(r.sizes()["responseBodySize"] + r.sizes()["responseHeadersSize"] for r in finished)
    addresses = [request.url for request in finished]
    assert len(addresses) <= MOST_REQUESTS, addresses
    assert size <= MOST_BYTES, {r.url: r.sizes()["responseBodySize"] for r in finished}
