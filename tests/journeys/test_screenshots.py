"""The README's pictures, taken from the demo company; GUANXI_WRITE_SNAPSHOTS=1 keeps them."""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
PICTURES = {
    "list": "/customers/",
    "customer": "/customers/?tier=core&sort=-total_minor",
    "form": "/customers/new/",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_a_whole_page(new_page, sign_in, live_site, name, scheme):
    page = new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    sign_in(page, "head")
    page.goto(live_site.url + PICTURES[name], wait_until="networkidle")
    if name == "customer":
        best = page.locator("tbody a[href^='/customers/']").first.get_attribute("href")
        page.goto(live_site.url + best, wait_until="networkidle")
    assert page.locator("h1").count() == 1
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 1280
    picture = page.screenshot()
    assert len(picture) > 20_000
    if os.environ.get("GUANXI_WRITE_SNAPSHOTS"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}-{scheme}.png").write_bytes(picture)
    assert (FOLDER / f"{name}-{scheme}.png").is_file()
