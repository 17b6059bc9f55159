"""Every page is readable and every form usable without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

ROWS = "table.list tbody tr"


@pytest.fixture
def plain(new_page, sign_in):
    """A department head whose browser runs no script."""
    page = new_page(java_script_enabled=False)
    sign_in(page, "head")
    return page


def names(page):
    return [name.strip() for name in page.locator(f"{ROWS} .name a").all_inner_texts()]


def test_a_list_is_filtered_sorted_and_paged_by_links_and_forms(plain, live_site):
    plain.goto(f"{live_site.url}/customers/?view=&size=20")
    first = names(plain)
    plain.get_by_role("link", name="下一页").click()
    assert not set(first) & set(names(plain))
    plain.goto(f"{live_site.url}/customers/?view=")
    plain.locator("th[data-column=total_minor] a").click()
    expect(plain.locator("th[data-column=total_minor]")).to_have_attribute("aria-sort", "ascending")
    plain.locator("#list-find").fill("有限")
    plain.locator("#list-find").press("Enter")
    assert all("有限" in name for name in names(plain))
    plain.get_by_role("link", name="筛选").click()
    clause = plain.locator(".clause").last
    clause.locator("[data-field-choice]").select_option("tier")
    clause.locator("input[name^='value.']").fill("core")
    plain.get_by_role("button", name="应用").click()
    assert set(plain.locator(f"{ROWS} .tier").all_inner_texts()) == {"核心"}
    plain.locator(".filter-chip a").click()
    expect(plain.locator(".filter-chip")).to_have_count(0)


def test_a_view_is_saved_pinned_and_dropped(plain, live_site):
    plain.goto(f"{live_site.url}/customers/?view=&tier=potential")
    plain.get_by_role("link", name="存为视图").click()
    plain.get_by_label("名称").fill("无脚本视图")
    plain.get_by_role("button", name="保存").click()
    expect(plain.locator(".tabs [aria-current=page]")).to_contain_text("无脚本视图")
    plain.get_by_role("link", name="全部视图").click()
    plain.get_by_role("button", name="置顶无脚本视图").click()
    expect(plain.get_by_role("button", name="置顶无脚本视图")).to_have_attribute(
        "aria-pressed", "true"
    )
    plain.get_by_role("button", name="删除无脚本视图").click()
    expect(plain.locator(".tabs")).not_to_contain_text("无脚本视图")


def test_columns_move_by_their_arrows(plain, live_site):
    plain.goto(f"{live_site.url}/contacts/columns/")
    plain.get_by_role("button", name="上移职位").click()
    plain.goto(f"{live_site.url}/contacts/?view=")
    columns = [
        plain.locator("thead th[data-column]").nth(i).get_attribute("data-column") for i in (1, 2)
    ]
    assert columns == ["position", "customer"]
    plain.goto(f"{live_site.url}/contacts/columns/")
    plain.get_by_role("button", name="恢复默认").click()


def test_a_record_is_made_changed_and_archived(plain, watch, live_site):
    watch.expect("422")
    plain.goto(f"{live_site.url}/customers/?view=&size=20")
    plain.locator(f"{ROWS} .name a").first.click()
    customer = re.search(r"/customers/(\d+)/", plain.url)[1]
    plain.goto(f"{live_site.url}/contacts/new/?customer={customer}")
    plain.get_by_role("button", name="新建", exact=True).click()
    expect(plain.locator("#problems")).to_contain_text("姓名")
    plain.fill("#id_name", "无脚本人")
    plain.get_by_role("button", name="新建", exact=True).click()
    plain.wait_for_url(re.compile(r"/contacts/\d+/$"))
    expect(plain.locator("h1")).to_contain_text("无脚本人")
    plain.get_by_role("link", name="编辑", exact=True).click()
    plain.fill("#id_position", "文员")
    plain.get_by_role("button", name="保存").click()
    note = plain.locator(".toast-note")
    expect(note).to_contain_text("已保存")
    note.get_by_role("button", name="撤销").click()
    expect(plain.locator(".toast-note")).to_contain_text("已撤销")
    plain.locator(".record-title .menu summary").click()
    plain.get_by_role("button", name="归档").click()
    plain.wait_for_url(re.compile(r"/contacts/(\?|$)"))


def test_two_editors_meet_on_a_page_of_their_own(plain, new_page, sign_in, watch, live_site):
    watch.expect("409")
    plain.goto(f"{live_site.url}/contacts/?view=&sort=name")
    url = plain.locator(f"{ROWS} .name a").nth(2).get_attribute("href")
    other = new_page(java_script_enabled=False)
    sign_in(other, "head")
    for page in (plain, other):
        page.goto(f"{live_site.url}{url}edit/")
    other.fill("#id_unit", "甲部")
    other.get_by_role("button", name="保存").click()
    plain.fill("#id_unit", "乙部")
    plain.get_by_role("button", name="保存").click()
    row = plain.locator(".conflict fieldset", has_text="乙部")
    expect(row).to_contain_text("甲部")
    row.locator("input[value=mine]").check()
    plain.get_by_role("button", name="按选择保存").click()
    expect(plain.locator("[data-fact=unit]")).to_contain_text("乙部")


def test_several_are_picked_and_previewed(plain, live_site):
    plain.goto(f"{live_site.url}/customers/?view=&size=20")
    boxes = plain.locator(f"{ROWS} .pick input")
    boxes.nth(0).check()
    boxes.nth(1).check()
    plain.locator("[data-bulk]").get_by_role("button", name="修改").click()
    field = plain.locator(".bulk-field", has=plain.locator("input[value=stage]"))
    field.locator("input[name=set]").check()
    field.locator("select").select_option("growth")
    plain.get_by_role("button", name="预览").click()
    expect(plain.locator(".page-body")).to_contain_text("已选 2 条")


@pytest.mark.parametrize(
    "path", ["/", "/search/?q=有限", "/shortcuts/", "/following/", "/customers/filter/"]
)
def test_what_a_script_would_float_is_a_page(plain, live_site, path):
    answer = plain.goto(f"{live_site.url}{path}")
    assert answer.status == 200
    assert plain.locator("main").inner_text().strip()
