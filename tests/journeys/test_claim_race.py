"""Two people want the same customer of a pool: one has it, the other is told (CUS-14)."""

from playwright.sync_api import expect

from tests.fixtures.visitor import Visitor


def a_pool_with_a_customer(site, pool_name: str = "抢单公海") -> tuple[int, str]:
    """A pool into which the head has let a customer of the sales go."""
    admin = Visitor(site.url).sign_in("administrator", site.password("administrator"))
    pool = admin.api("POST", "/api/v1/pools/", {"name": pool_name}).json()
    head = Visitor(site.url).sign_in("head", site.password("head"))
    rows = head.api("GET", "/api/v1/customers/?size=50&columns=name,owner").json()["results"]
    mine = [row for row in rows if row["owner"]][11]
    path = f"/api/v1/customers/{mine['id']}/release/"
    released = head.api("POST", path, {"pool": pool["id"], "reason": "无人跟进"})
    assert released.status == 200, released.text
    admin.close()
    head.close()
    return pool["id"], mine["name"]


def test_a_claim_race_is_seen_by_both(new_page, sign_in, live_site, watch):
    watch.expect("422")
    pool, name = a_pool_with_a_customer(live_site)
    pages = [new_page(), new_page()]
    for page, who in zip(pages, ("head", "administrator"), strict=True):
        sign_in(page, who)
        page.goto(f"{live_site.url}/pools/{pool}/board/")
        expect(page.get_by_role("link", name=name)).to_be_visible()
    winner, loser = pages
    winner.get_by_role("button", name=f"领取 {name}").click()
    expect(winner.get_by_text("公海里没有客户")).to_be_visible()
    loser.get_by_role("button", name=f"领取 {name}").click()
    told = loser.get_by_role("alert").filter(has_text=name)
    expect(told).to_contain_text("慢了一步")
    expect(loser.get_by_role("button", name=f"领取 {name}")).to_have_count(0)
