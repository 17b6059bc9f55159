"""A change is asked for, returned, changed, and approved by two people on their phones (CUS-7)."""

import re

import pytest
from playwright.sync_api import expect

from tests.fixtures.visitor import Visitor

PHONE = {"width": 390, "height": 844}
#: However slow the machine is.
LONG = 30_000


@pytest.fixture
def flow(live_site):
    """Changes of customers are decided by the head, then by quality."""
    admin = Visitor(live_site.url).sign_in("administrator", live_site.password("administrator"))
    people = admin.api("GET", "/api/v1/users/?size=200&columns=username").json()["results"]
    ids = {row["username"]: row["id"] for row in people}
    values = {"name": "两人审批", "record_key": "customers.changerequest", "is_for_all": True}
    made = admin.api("POST", "/api/v1/approval-flows/", {**values, "place": 1}).json()
    for place, (name, who) in enumerate((("经理审核", "head"), ("质量复核", "quality")), start=1):
        step = {"flow": made["id"], "place": place, "name": name, "people": [ids[who]]}
        assert admin.api("POST", "/api/v1/approval-steps/", step).status == 201
    admin.close()


def in_view(page, name):
    """A button that lies whole between the top of the screen and the bar at its foot."""
    button = page.get_by_role("button", name=name, exact=True)
    expect(button).to_be_visible(timeout=LONG)
    box, bar = button.bounding_box(), page.locator(".bottom").bounding_box()
    assert box["y"] > PHONE["height"] / 2, "out of the thumb's reach"
    assert box["y"] + box["height"] <= bar["y"] + 1, "under the bar"
    assert box["height"] >= 44
    return button


def test_returned_changed_and_approved_by_two_on_the_phone(flow, new_page, sign_in, live_site):
    asker = new_page()
    sign_in(asker, "sales")
    asker.goto(f"{live_site.url}/customers/?view=&owner=me&tier=ordinary")
    path = asker.locator("table.list tbody tr").nth(4).get_attribute("data-url")
    asker.goto(f"{live_site.url}{path}request_change/")
    name = asker.locator("[name=name]").input_value()
    asker.locator("[name=tier]").select_option("core")
    asker.locator("[name=reason]").fill("年采购额已达标")
    asker.get_by_role("button", name="申请变更").click()
    expect(asker.get_by_role("heading", name=name)).to_be_visible(timeout=LONG)

    head, quality = (new_page(viewport=PHONE, has_touch=True) for _who in range(2))
    sign_in(head, "head")
    sign_in(quality, "quality")
    waiting = head.locator("section, .card, .block").filter(has_text="待我审批").last
    waiting.get_by_role("link", name=name).click()
    expect(head.get_by_text("年采购额已达标")).to_be_visible(timeout=LONG)
    request = head.url
    in_view(head, "同意").tap()
    expect(head.get_by_role("button", name="同意", exact=True)).to_have_count(0, timeout=LONG)

    quality.goto(request)
    quality.locator("[name=comment]").fill("行业也请一并更正")
    in_view(quality, "退回").tap()
    expect(quality.get_by_text("已退回").first).to_be_visible(timeout=LONG)

    asker.goto(request)
    asker.get_by_role("link", name="打开信息变更申请").click()
    expect(asker).to_have_url(re.compile(r"/change-requests/\d+/$"), timeout=LONG)
    change = asker.url
    asker.goto(f"{change}revise/")
    asker.locator("[name=industry]").fill("新能源装备")
    asker.get_by_role("button", name="修改申请").click()
    expect(asker).to_have_url(change, timeout=LONG)

    head.goto(request)
    expect(head.get_by_text("有变更")).to_be_visible()
    expect(head.get_by_text("已作废的签字")).to_be_visible()
    for page in (head, quality):
        page.goto(request)
        in_view(page, "同意").tap()
        expect(page.get_by_role("button", name="同意", exact=True)).to_have_count(0, timeout=LONG)
    expect(quality.get_by_text("已同意").first).to_be_visible()
    asker.goto(change)
    expect(asker.get_by_text("已生效").first).to_be_visible()
