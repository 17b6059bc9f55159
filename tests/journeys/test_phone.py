"""On a phone nothing covers anything, and what one needs is under the thumb."""

import pytest

COVERED = """() => [...document.querySelectorAll(".facts dd")].filter((place) => {
    const act = place.querySelector(".act");
    if (!act || !act.children.length || !place.checkVisibility()) return false;
    const words = document.createRange();
    words.setStart(place, 0);
    words.setEndBefore(act);
    const shelf = act.getBoundingClientRect();
    return [...words.getClientRects()].some((box) => box.width > 1 && box.right > shelf.left + 1
        && box.bottom > shelf.top && box.top < shelf.bottom);
}).map((place) => place.innerText)"""
PAGES = (
    *("/", "/customers/?view=", "/customers/filter/?tier=core", "/customers/columns/"),
    *("/imports/", "/me/second-factor/", "/contacts/?view=", "/api/v1/docs/"),
)
WRAPPED = """() => [...document.querySelectorAll(".rows .line > .muted")]
    .filter((one) => one.getClientRects().length > 1 || one.offsetHeight > 30)
    .map((one) => one.innerText)"""


@pytest.fixture
def phone(new_page, sign_in):
    """A department head's phone."""
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    sign_in(page, "head")
    return page


def test_names_on_the_desk_stay_whole(phone, live_site):
    phone.goto(live_site.url, wait_until="networkidle")
    assert phone.locator(".rows .line > .muted").count() > 3
    assert phone.evaluate(WRAPPED) == []


def test_the_acts_of_a_fact_do_not_cover_its_words(phone, live_site):
    phone.goto(f"{live_site.url}/customers/?view=&kind=company&sort=name", wait_until="networkidle")
    url = phone.locator("table.list tbody tr").first.get_attribute("data-url")
    phone.goto(live_site.url + url, wait_until="networkidle")
    phone.locator("[data-tabs] a[href='#facts']").click()
    assert phone.locator(".facts dd .act:visible").count() > 5
    assert phone.evaluate(COVERED) == []


def test_no_page_is_wider_than_the_screen(phone, live_site):
    wide = {}
    for path in PAGES:
        phone.goto(live_site.url + path, wait_until="networkidle")
        width = phone.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[path] = width
    assert wide == {}


def test_a_condition_keeps_its_parts_together(phone, live_site):
    phone.goto(f"{live_site.url}/customers/filter/?tier=core", wait_until="networkidle")
    clause = phone.locator(".clause").first
    field = clause.locator("[data-field-choice]").bounding_box()
    drop = clause.locator("[data-drop-clause]").bounding_box()
    assert abs((field["y"] + field["height"] / 2) - (drop["y"] + drop["height"] / 2)) < 8
