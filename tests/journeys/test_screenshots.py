"""The README's pictures, taken from the demo company; GUANXI_WRITE_SNAPSHOTS=1 keeps them."""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
#: Who looks at which page; of a list, the first record is opened.
PICTURES = {
    "list": ("head", "/customers/", False),
    "customer": ("head", "/customers/?tier=core&sort=-total_minor", True),
    "form": ("head", "/customers/new/", False),
    "complaint": ("complaint", "/complaints/?state=executed", True),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_a_whole_page(new_page, sign_in, live_site, name, scheme):
    page = new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    who, path, is_opened = PICTURES[name]
    sign_in(page, who)
    page.goto(live_site.url + path, wait_until="networkidle")
    if is_opened:
        first = page.locator("table.list tbody .name a").first.get_attribute("href")
        page.goto(live_site.url + first, wait_until="networkidle")
    assert page.locator("h1").count() == 1
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 1280
    picture = page.screenshot()
    assert len(picture) > 20_000
    if os.environ.get("GUANXI_WRITE_SNAPSHOTS"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}-{scheme}.png").write_bytes(picture)
    assert (FOLDER / f"{name}-{scheme}.png").is_file()
