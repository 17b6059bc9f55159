"""A customer on paper or as a PDF, made by the browser from the print view."""

import re

from playwright.sync_api import expect


def test_a_customer_becomes_a_pdf(page, sign_in, live_site) -> None:
    sign_in(page, "sales")
    page.goto(f"{live_site.url}/customers/?view=&owner=me")
    page.locator("table.list tbody th a, table.list tbody td a").first.click()
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    address = re.match(r".*/customers/\d+/", page.url)
    assert address
    page.goto(f"{address[0]}print/")
    expect(page.get_by_role("button", name="打印或存为 PDF")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".sheet-tools")).to_be_hidden()
    made = page.pdf(format="A4", print_background=True)
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) >= 1
    assert b"/FontFile" in made, "the Chinese characters are in the file"
