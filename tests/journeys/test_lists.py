"""What people who live in lists expect of them (interface.md, List and Keyboard)."""

import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

ROWS = "table.list tbody tr"
WHERE = json.dumps(
    {"all": [{"field": "tier", "op": "in", "value": ["core", "potential"]}]}, separators=(",", ":")
)


@pytest.fixture
def head(page, sign_in, live_site):
    """The list of customers as a department head sees it."""
    sign_in(page, "head")
    open_list(page, live_site)
    return page


def open_list(page, site, query="view="):
    page.goto(f"{site.url}/customers/?{query}")
    expect(page.locator(ROWS).first).to_be_visible()
    page.wait_for_function("() => document.documentElement.classList.contains('js')")
    page.wait_for_load_state("networkidle")


def query_of(page):
    return {k: v[0] for k, v in parse_qs(urlsplit(page.url).query).items()}


def names(page):
    return [name.strip() for name in page.locator(f"{ROWS} .name a").all_inner_texts()]


def test_header_and_first_column_stay(head):
    wrap = head.locator(".table-wrap")
    wrap.evaluate("at => at.scrollTo(240, 400)")
    box = wrap.bounding_box()
    top = head.locator("thead th.name").bounding_box()
    name = head.locator(f"{ROWS} .name").nth(12).bounding_box()
    assert abs(top["y"] - box["y"]) < 3
    assert name["x"] - box["x"] < 60


def test_a_filter_is_a_chip_that_one_click_removes(head, live_site):
    open_list(head, live_site, "view=&tier=core")
    chip = head.locator(".filter-chip")
    expect(chip).to_have_count(1)
    expect(chip).to_contain_text("等级")
    expect(chip).to_contain_text("核心")
    assert set(head.locator(f"{ROWS} .tier").all_inner_texts()) == {"核心"}
    chip.locator("a").click()
    expect(head.locator(".filter-chip")).to_have_count(0)
    assert "tier" not in query_of(head)


def test_conditions_are_built_with_and_or_groups(head):
    head.keyboard.press("f")
    drawer = head.locator("#drawer")
    expect(drawer).to_be_visible()
    first = drawer.locator(".clause").first
    first.locator("[data-field-choice]").select_option("tier")
    drawer.locator(".clause").first.locator("[data-op-choice]").select_option("is")
    drawer.locator(".clause").first.locator("[name^='value.']").select_option("core")
    drawer.locator("[data-add-group]").click()
    group = drawer.locator("fieldset fieldset")
    expect(group).to_have_count(1)
    group.locator("[data-field-choice]").select_option("last_order_on")
    expect(group.locator("[data-op-choice]")).to_be_visible()
    group.locator("[name^='value.']").select_option("this_year")
    group.locator("[data-add-clause]").click()
    group.locator(".clause").nth(1).locator("[data-field-choice]").select_option("stage")
    group.locator(".clause").nth(1).locator("[name^='value.']").select_option("growth")
    drawer.get_by_role("button", name="应用").click()
    head.wait_for_url(re.compile("where="))
    where = json.loads(query_of(head)["where"])
    assert where["all"][0] == {"field": "tier", "op": "is", "value": "core"}
    assert [leaf["field"] for leaf in where["all"][1]["any"]] == ["last_order_on", "stage"]
    expect(head.locator(".filter-chip")).to_have_count(2)


def test_the_address_is_the_list(head, new_page, sign_in, live_site):
    open_list(head, live_site, f"view=&where={quote(WHERE)}&sort=-total_minor&size=20")
    mine = names(head)
    other = new_page()
    sign_in(other, "head")
    other.goto(head.url)
    assert names(other) == mine
    assert len(mine) <= 20


def test_the_list_comes_back_as_it_was(head, live_site):
    open_list(head, live_site, "view=&stage=mature&sort=name")
    head.locator(".table-wrap").evaluate("at => at.scrollTo(0, 120)")
    head.wait_for_timeout(200)
    expected = names(head)
    head.goto(f"{live_site.url}/")
    head.goto(f"{live_site.url}/customers/")
    head.wait_for_load_state("networkidle")
    assert query_of(head) == {"stage": "mature", "sort": "name"} | (
        {"view": ""} if "view=" in head.url and "view" in query_of(head) else {}
    )
    assert names(head) == expected
    assert head.locator(".table-wrap").evaluate("at => at.scrollTop") > 0


def test_a_click_on_a_head_sorts_and_says_so(head):
    head.locator("th[data-column=total_minor] a").click()
    expect(head.locator("th[data-column=total_minor]")).to_have_attribute("aria-sort", "ascending")
    head.locator("th[data-column=total_minor] a").click()
    expect(head.locator("th[data-column=total_minor]")).to_have_attribute("aria-sort", "descending")


def test_finding_follows_typing_but_waits_for_the_input_method(head):
    head.locator("#list-find").fill("有限")
    head.wait_for_url(re.compile("q="))
    expect(head.locator("#list-find")).to_be_focused()
    assert all("有限" in name for name in names(head))


def test_views_are_saved_pinned_shared_and_counted(head, live_site, new_page, sign_in):
    open_list(head, live_site, "view=&tier=core")
    head.get_by_role("link", name="存为视图").click()
    drawer = head.locator("#drawer")
    drawer.get_by_label("名称").fill("旅程核心")
    drawer.get_by_label("所有人").check()
    drawer.get_by_role("button", name="保存").click()
    head.wait_for_url(re.compile(r"view=[0-9a-f-]{36}"))
    tab = head.locator(".tabs [aria-current=page]")
    expect(tab).to_contain_text("旅程核心")
    # Both numbers come a moment after the page, at the same time.
    expect(tab.locator(".count")).to_have_text(re.compile(r"^\d+$"))
    expect(head.locator(".page-count")).to_have_text(tab.locator(".count").inner_text())
    other = new_page()
    sign_in(other, "sales")
    open_list(other, live_site)
    expect(other.locator(".tabs")).to_contain_text("旅程核心")
    head.locator(".tabs .icon-only").click()
    row = drawer.locator("li", has_text="旅程核心")
    row.get_by_role("button", name="置顶旅程核心").click()
    expect(row.get_by_role("button", name="置顶旅程核心")).to_have_attribute("aria-pressed", "true")
    row.get_by_role("button", name="默认打开旅程核心").click()
    expect(row.locator(".chip-jade")).to_be_visible()
    head.context.clear_cookies(name="gx_list_customers")
    head.goto(f"{live_site.url}/customers/")
    assert "view=" in head.url
    head.goto(f"{live_site.url}/customers/views/")
    head.get_by_role("button", name="删除旅程核心").click()
    head.wait_for_url(re.compile("view=$"))
    expect(head.locator(".tabs")).not_to_contain_text("旅程核心")


def test_columns_are_chosen_dragged_and_kept(head, live_site):
    before = head.locator("thead th[data-column]").evaluate_all(
        "all => all.map(one => one.dataset.column)"
    )
    head.locator(".list-tools").get_by_role("link", name="列").click()
    form = head.locator("#drawer [data-columns-form]")
    form.get_by_role("checkbox", name="城市").check()
    form.get_by_role("checkbox", name="负责人").uncheck()
    expect(form.locator(".chooser[data-ready]")).to_be_visible()
    handle = form.locator("li", has=head.locator("input[value=stage]")).locator(".handle")
    target = form.locator("li", has=head.locator("input[value=tier]"))
    handle.hover()  # once it stands still: the drawer slides in, the list scrolls
    end = target.bounding_box()
    head.mouse.down()
    # The library looks where the pointer is every 50 ms: let go once the list has followed.
    lifted = form.locator("li:has(input[value=stage]) ~ li:has(input[value=tier])")
    for nudge in range(40):
        head.mouse.move(end["x"] + 8 + nudge % 3, end["y"] + 2, steps=12)
        head.wait_for_timeout(100)
        if lifted.count():
            break
    expect(lifted).to_have_count(1)
    head.mouse.up()
    form.get_by_role("button", name="应用").click()
    head.wait_for_load_state("networkidle")
    after = head.locator("thead th[data-column]").evaluate_all(
        "all => all.map(one => one.dataset.column)"
    )
    assert "city" in after
    assert "owner" not in after
    assert after.index("stage") < after.index("tier")
    assert before.index("stage") > before.index("tier")
    open_list(head, live_site)
    kept = head.locator("thead th[data-column]").evaluate_all(
        "all => all.map(one => one.dataset.column)"
    )
    assert kept == after
    head.goto(f"{live_site.url}/customers/columns/")
    head.get_by_role("button", name="恢复默认").click()
    head.wait_for_load_state("networkidle")
    assert head.locator("th[data-column=owner]").count() == 1


def scroll(page):
    """Move the table to the side, once it is there to be moved."""
    page.wait_for_function(
        "() => { const at = document.querySelector('.table-wrap');"
        " at.scrollTo(200, 300); return at.scrollLeft > 150; }"
    )


def test_columns_are_frozen_up_to_the_chosen_one(head, live_site):
    head.set_viewport_size({"width": 1100, "height": 800})
    head.get_by_role("link", name="列", exact=True).click()
    form = head.locator("[data-columns-form]")
    form.get_by_title("冻结到此列").nth(2).click()
    for other in form.locator("input[name=column]").all()[3:14]:
        other.check()  # whatever is in the cells, all of it is wider than the window
    form.get_by_role("button", name="应用").click()
    expect(head.locator("th[data-column=stage].frozen")).to_be_visible()
    head.wait_for_load_state("networkidle")
    before = left_edges(head, "name", "tier", "stage", "owner")
    scroll(head)
    after = left_edges(head, "name", "tier", "stage", "owner")
    assert after[:3] == before[:3]
    assert after[3] < before[3] - 100
    # A row stays under its head, and a later visit finds the same.
    row = head.locator(ROWS).nth(12).locator("td[data-field=stage]").bounding_box()["x"]
    assert abs(row - after[2]) < 2
    open_list(head, live_site)
    scroll(head)
    assert left_edges(head, "stage") == before[2:3]
    # The address decides for whoever opens it, and a narrow window keeps room for the rest.
    open_list(head, live_site, "view=&frozen=tier")
    scroll(head)
    assert left_edges(head, "tier") == before[1:2]
    assert left_edges(head, "stage")[0] < before[2]
    head.set_viewport_size({"width": 800, "height": 700})
    open_list(head, live_site, "view=&frozen=owner")
    head.locator(".table-wrap").evaluate("at => at.scrollTo(200, 0)")
    wrap, owner = head.locator(".table-wrap").bounding_box(), left_edges(head, "owner")[0]
    assert owner < wrap["x"] + wrap["width"] * 0.6
    head.goto(f"{live_site.url}/customers/columns/")
    head.get_by_role("button", name="恢复默认").click()
    head.wait_for_load_state("networkidle")
    assert head.locator("thead .frozen").count() == 0


def left_edges(page, *columns):
    return [
        round(page.locator(f"th[data-column={column}]").bounding_box()["x"]) for column in columns
    ]


def test_a_view_keeps_its_columns_and_what_is_frozen(head, live_site):
    open_list(head, live_site, "view=&columns=name,city,stage&frozen=city&tier=core")
    head.get_by_role("link", name="存为视图").click()
    head.locator("#view-name").fill("按城市看核心")
    head.locator("dialog").get_by_role("button", name="保存").click()
    head.wait_for_url(re.compile("view=[0-9a-f-]{36}"))
    assert set(query_of(head)) == {"view"}
    heads = head.locator("thead th[data-column]")
    assert heads.evaluate_all("all => all.map(one => one.dataset.column)") == [
        *("name", "city", "stage")
    ]
    assert head.locator("thead .frozen").evaluate_all(
        "all => all.map(one => one.dataset.column)"
    ) == ["city"]


def test_a_column_keeps_the_width_that_it_was_dragged_to(head, live_site):
    column = head.locator("th[data-column=stage]")
    box = column.bounding_box()
    head.mouse.move(box["x"] + box["width"] - 2, box["y"] + 18)
    head.mouse.down()
    head.mouse.move(box["x"] + box["width"] + 78, box["y"] + 18, steps=6)
    with head.expect_response(lambda answer: "/settings/" in answer.url):
        head.mouse.up()
    open_list(head, live_site)
    assert (
        abs(head.locator("th[data-column=stage]").bounding_box()["width"] - box["width"] - 80) < 4
    )


def test_rows_become_dense_and_stay_so(head, live_site):
    tall = head.locator(ROWS).first.bounding_box()["height"]
    head.get_by_role("link", name="行高").click()
    assert head.locator(ROWS).first.bounding_box()["height"] < tall
    open_list(head, live_site)
    assert head.locator(ROWS).first.bounding_box()["height"] < tall
    head.get_by_role("link", name="行高").click()


def test_a_cell_is_edited_where_it_stands(head):
    cell = head.locator(f"{ROWS} td[data-field=stage]").first
    was = cell.inner_text()
    cell.dblclick()
    choice = cell.locator("select")
    expect(choice).to_be_focused()
    choice.press("Escape")
    expect(cell).to_have_text(was)
    cell.dblclick()
    # Going back asks for no further fields, whichever customer stands first.
    wanted = "at_risk" if was != "预警" else "churned"
    cell.locator("select").select_option(wanted)
    cell.locator("select").press("Enter")
    first = head.locator(f"{ROWS} td[data-field=stage]").first
    expect(first).not_to_have_text(was)
    note = head.locator(".toast-note", has_text="已保存")
    expect(note).to_be_visible()
    note.get_by_role("button", name="撤销").click()
    head.wait_for_load_state("load")
    expect(head.locator(f"{ROWS} td[data-field=stage]", has_text=was).first).to_be_visible()


def test_tab_saves_a_cell_and_opens_the_next(head):
    row = head.locator(ROWS).nth(1)
    row.locator("td[data-field=tier]").dblclick()
    row.locator("td[data-field=tier] select").press("Tab")
    expect(row.locator("td[data-field=stage] select")).to_be_focused()
    head.keyboard.press("Escape")


def test_rows_are_picked_by_mouse_range_and_key(head):
    boxes = head.locator(f"{ROWS} .pick input")
    boxes.nth(1).click()
    boxes.nth(5).click(modifiers=["Shift"])
    bar = head.locator("[data-bulk]")
    expect(bar).to_contain_text("已选 5 条")
    expect(bar.locator("[data-all-matching]")).to_be_hidden()
    head.locator("[data-pick-all]").click()
    expect(bar.locator("[data-all-matching]")).to_be_visible()
    bar.get_by_role("button", name="取消选择").click()
    expect(bar).to_be_hidden()
    head.keyboard.press("j")
    head.keyboard.press("x")
    expect(bar).to_contain_text("已选 1 条")
    head.keyboard.press("Shift+J")
    expect(bar).to_contain_text("已选 2 条")


def test_many_are_changed_with_preview_report_and_undo(head, live_site):
    open_list(head, live_site, "view=&sort=name&size=20")
    chosen = names(head)[:3]
    before = [
        head.locator(ROWS).nth(i).locator("td[data-field=stage]").inner_text() for i in range(3)
    ]
    boxes = head.locator(f"{ROWS} .pick input")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    head.locator("[data-bulk]").get_by_role("button", name="修改").click()
    expect(head.locator("h1")).to_contain_text("批量修改")
    field = head.locator(".bulk-field", has=head.locator("input[value=stage]"))
    field.locator("input[name=set]").check()
    field.locator("select").select_option("churned")
    head.get_by_role("button", name="预览").click()
    expect(head.locator("table.plain")).to_contain_text("流失")
    expect(head.locator(".page-body")).to_contain_text("已选 3 条，其中 3 条您可以修改")
    head.get_by_role("button", name="修改 3 条").click()
    expect(head.locator(".run")).to_contain_text("已完成", timeout=30_000)
    head.get_by_role("button", name="撤销").click()
    expect(head.locator(".run")).to_contain_text("已完成", timeout=30_000)
    open_list(head, live_site, "view=&sort=name&size=20")
    assert names(head)[:3] == chosen
    after = [
        head.locator(ROWS).nth(i).locator("td[data-field=stage]").inner_text() for i in range(3)
    ]
    assert after == before


def test_a_peek_opens_beside_the_list_and_follows_the_keys(head):
    head.keyboard.press("j")
    head.keyboard.press(" ")
    drawer = head.locator("#drawer")
    expect(drawer.locator("h2")).to_have_text(names(head)[0])
    head.keyboard.press("j")
    expect(drawer.locator("h2")).to_have_text(names(head)[1])
    assert "/customers/?view=" in head.url
    head.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_on_the_phone_a_peek_is_a_sheet_and_the_list_keeps_its_place(new_page, sign_in, live_site):
    phone = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    sign_in(phone, "head")
    open_list(phone, live_site)
    phone.evaluate("scrollTo(0, 900)")
    row = phone.locator(ROWS).nth(10)
    control = row.locator("[data-drawer]")
    box = control.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    assert box["x"] > 390 / 2
    drawer = phone.locator("#drawer")
    for close in ("button", "beside", "Escape"):
        control.tap()
        expect(drawer.locator("h2")).to_have_text(row.locator(".name a").inner_text())
        drawer.evaluate("at => Promise.all(at.getAnimations().map((one) => one.finished))")
        sheet = drawer.bounding_box()
        assert sheet["y"] > 80
        assert abs(sheet["y"] + sheet["height"] - 844) < 2
        out = drawer.get_by_role("button", name="关闭")
        assert out.bounding_box()["y"] > 844 / 2
        if close == "button":
            out.tap()
        elif close == "beside":
            phone.touchscreen.tap(180, 30)
        else:
            phone.keyboard.press("Escape")
        expect(drawer).to_be_hidden()
        assert phone.evaluate("scrollY") == 900
    assert "/customers/?view=" in phone.url
    control.tap()
    drawer.get_by_role("link", name="打开").tap()
    expect(phone.locator("h1")).to_be_visible()


def test_pages_follow_each_other_without_gap_or_repeat(head, live_site):
    open_list(head, live_site, "view=&sort=name&size=20")
    first = names(head)
    head.get_by_role("link", name="下一页").click()
    head.wait_for_url(re.compile("after="))
    head.wait_for_load_state("networkidle")
    second = names(head)
    assert not set(first) & set(second)
    head.get_by_role("link", name="上一页").click()
    head.wait_for_url(re.compile("before="))
    head.wait_for_load_state("networkidle")
    assert names(head) == first


def test_sums_are_of_the_page_and_on_demand_of_all(head):
    foot = head.locator("tfoot")
    expect(foot).to_contain_text("本页合计")
    page_sum = foot.locator(".num").inner_text()
    foot.get_by_role("link", name="查看全部合计").click()
    expect(head.locator("tfoot")).to_contain_text("全部符合条件的合计")
    assert head.locator("tfoot .num").inner_text() != page_sum


def test_an_empty_list_says_why_and_what_next(head, live_site):
    head.goto(f"{live_site.url}/customers/?view=&q=zzzzqqqq")
    expect(head.locator(".empty h2")).to_have_text("没有符合条件的记录")
    head.locator(".empty").get_by_role("link", name="清空条件").click()
    expect(head.locator(ROWS).first).to_be_visible()


def test_a_condition_that_cannot_be_read_is_named(head, watch, live_site):
    watch.expect("400")
    head.goto(f"{live_site.url}/customers/?view=&sort=nothing_such")
    expect(head.locator("[role=alert]")).to_contain_text("nothing_such")
    head.locator("[role=alert]").get_by_role("link").click()
    expect(head.locator(ROWS).first).to_be_visible()


def test_the_export_is_what_the_list_shows(head, live_site):
    open_list(head, live_site, "view=&tier=core&columns=name,tier")
    head.locator(".page-head .menu summary").click()
    target = head.get_by_role("link", name="按当前列表导出").get_attribute("href")
    sent = parse_qs(urlsplit(target).query)
    assert sent["type"] == ["customers.customer"]
    assert "tier=core" in sent["query"][0]
    assert sent["columns"] == ["name,tier"]


def test_a_file_that_was_taken_says_so_without_a_reload(head, live_site):
    head.goto(f"{live_site.url}/exports/new/?type=customers.customer&query=tier%3Dcore")
    head.locator("main form button.btn-primary").click()
    take = head.locator("#exports li").first.get_by_role("button", name="下载")
    expect(take).to_be_visible(timeout=30_000)
    with head.expect_download():
        take.click()
    expect(head.locator("#exports li").first.get_by_role("button", name="下载")).to_have_count(0)
