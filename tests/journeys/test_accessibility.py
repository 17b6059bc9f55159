"""axe finds nothing serious, on every kind of page, in both themes, wide and on the phone."""

from pathlib import Path

import pytest

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}
RUN = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map((one) => ({
        id: one.id, impact: one.impact, help: one.help,
        where: one.nodes.slice(0, 4).map((node) => node.html.slice(0, 160)
            + " | " + (node.any[0]?.message ?? "")),
    }));
}"""

PAGES = {
    "desk": "/",
    "list": "/customers/?view=",
    "filtered list": "/customers/?view=&tier=core&owner=me",
    "empty list": "/customers/?view=&q=zzzzqqqq",
    "contacts": "/contacts/?view=",
    "orders": "/orders/?view=",
    "users": "/users/?view=",
    "new": "/customers/new/",
    "filter": "/customers/filter/?tier=core",
    "columns": "/customers/columns/",
    "views": "/customers/views/",
    "view form": "/customers/views/new/?tier=core",
    "search": "/search/?q=有限",
    "following": "/following/",
    "drafts": "/drafts/",
    "shortcuts": "/shortcuts/",
    "API guide": "/api/v1/docs/",
    "API of customers": "/api/v1/docs/customers/",
}
RECORDS = ("/customers/", "/contacts/", "/orders/", "/users/", "/roles/", "/departments/")
PARTS = ("", "edit/", "history/")


def audit(page):
    """What axe finds that a person with a handicap would stumble over."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text("utf-8"))
    return [found for found in page.evaluate(RUN) if found["impact"] in SERIOUS]


@pytest.fixture(params=["light", "dark"])
def theme(request):
    """The colour scheme of the reader's device."""
    return request.param


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["wide", "phone"])
def reader(request, new_page, sign_in, theme):
    """A department head's page on a device."""
    width, height = request.param
    page = new_page(viewport={"width": width, "height": height}, color_scheme=theme)
    sign_in(page, "head")
    return page


def test_nothing_serious_on_any_page(reader, live_site):
    found = {}
    for name, path in PAGES.items():
        reader.goto(f"{live_site.url}{path}")
        if problems := audit(reader):
            found[name] = problems
    assert found == {}


def test_nothing_serious_on_any_record(reader, watch, live_site):
    watch.expect("403")
    found = {}
    for plural in RECORDS:
        reader.goto(f"{live_site.url}{plural}?view=")
        url = reader.locator("table.list tbody .name a").first.get_attribute("href")
        for part in PARTS:
            answer = reader.goto(f"{live_site.url}{url}{part}")
            if answer.status == 403:  # a role may be seen but not changed by a head
                continue
            if problems := audit(reader):
                found[url + part] = problems
    assert found == {}


def test_nothing_serious_in_what_floats(new_page, sign_in, live_site, theme):
    page = new_page(color_scheme=theme)
    sign_in(page, "head")
    page.goto(f"{live_site.url}/customers/?view=")
    page.wait_for_load_state("networkidle")
    found = {}
    for name, keys in {
        "palette": ["Control+k"],
        "keys": ["Shift+?"],
        "filter": ["f"],
        "peek": ["j", " "],
    }.items():
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(400)
        if problems := audit(page):
            found[name] = problems
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)
    page.locator(".page-head .menu summary").click()
    if problems := audit(page):
        found["menu"] = problems
    assert found == {}


def test_nothing_serious_in_sheets_steps_and_pickers(new_page, sign_in, live_site, theme, watch):
    watch.expect("422")
    phone = new_page(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme=theme)
    sign_in(phone, "head")
    phone.goto(f"{live_site.url}/customers/?view=", wait_until="networkidle")
    phone.locator("tbody tr").nth(2).locator("[data-drawer]").tap()
    phone.locator("#drawer h2").wait_for()
    found = {"sheet": audit(phone)}
    page = new_page(color_scheme=theme)
    sign_in(page, "head")
    page.goto(f"{live_site.url}/customers/?view=&stage=prospect", wait_until="networkidle")
    cell = page.locator("tbody td[data-field=stage]").first
    cell.dblclick()
    cell.locator("select").select_option("growth")
    cell.locator("select").press("Enter")
    page.locator("#dialog h2").wait_for()
    found["step"] = audit(page)
    page.goto(f"{live_site.url}/customers/new/", wait_until="networkidle")
    page.locator("#id_city + .ts-wrapper .ts-control").click()
    found["places"] = audit(page)
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_nothing_serious_before_signing_in(new_page, live_site, theme, watch):
    watch.expect("404")
    page = new_page(color_scheme=theme)
    for path in ("/accounts/login/", "/accounts/reset/", "/no/such/page/"):
        page.goto(f"{live_site.url}{path}")
        assert audit(page) == [], path
