"""Forms keep what is typed, say what is wrong, and never overwrite (interface.md; G01)."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def sales(page, sign_in, live_site):
    """A sales person's page."""
    sign_in(page, "sales")
    return page


def ready(page):
    page.wait_for_function("() => document.documentElement.classList.contains('js')")
    page.wait_for_load_state("networkidle")


def go(page, site, path):
    page.goto(f"{site.url}{path}")
    ready(page)


def first_contact(page, site):
    go(page, site, "/contacts/?view=&sort=name")
    return page.locator("table.list tbody .name a").first.get_attribute("href")


def test_a_stage_that_lacks_something_asks_for_it_and_saves_both(sales, watch, live_site):
    watch.expect("422")
    go(sales, live_site, "/customers/?view=&stage=prospect&kind=company&sort=name")
    row = sales.locator("table.list tbody tr").first
    url = row.get_attribute("data-url")
    cell = row.locator("td[data-field=stage]")
    cell.dblclick()
    cell.locator("select").select_option("growth")
    cell.locator("select").press("Enter")
    dialog = sales.locator("#dialog")
    expect(dialog.locator("h2")).to_have_text("推进到“成长”")
    expect(dialog.locator("#id_products")).to_be_focused()
    dialog.locator("#id_products").fill("云桥 S3")
    dialog.get_by_role("button", name="推进到").click()
    expect(dialog.locator(".error")).to_contain_text("首次合作")
    expect(dialog.locator("#id_products")).to_have_value("云桥 S3")
    dialog.locator("#id_first_cooperated_on").fill("2026-03-01")
    dialog.get_by_role("button", name="推进到").click()
    expect(sales.locator(".toast-note", has_text="已保存")).to_be_visible()
    expect(dialog).to_be_hidden()
    go(sales, live_site, f"{url}edit/")
    expect(sales.locator("#id_stage")).to_have_value("growth")
    expect(sales.locator("#id_products")).to_have_value("云桥 S3")


def pick_place(page, level, text):
    """Type into a picker of places, and take what it offers first."""
    page.locator(f"#id_{level} + .ts-wrapper .ts-control").click()
    # Nobody types within the same millisecond as they click.
    expect(page.locator(f"#id_{level} + .ts-wrapper.dropdown-active")).to_be_visible()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_places_depend_on_each_other_and_take_other_texts(sales, live_site):
    asked = []
    sales.on("request", lambda request: asked.append(request.url))
    go(sales, live_site, "/customers/?view=")
    assert not any("area-data" in url for url in asked)  # only a form that needs it loads it
    go(sales, live_site, "/customers/new/")
    assert any("area-data" in url for url in asked)

    def written():
        return [sales.locator(f"#id_{n}").input_value() for n in ("province", "city", "district")]

    def offered(level):
        sales.locator(f"#id_{level} + .ts-wrapper .ts-control").click()
        options = sales.locator(f"#id_{level} + .ts-wrapper .option")
        expect(options.first).to_be_visible()
        found = options.all_inner_texts()
        sales.keyboard.press("Escape")
        sales.locator("h1").click()
        return found

    pick_place(sales, "province", "江苏")
    assert "无锡市" in offered("city")
    assert "杭州市" not in offered("city")
    pick_place(sales, "city", "无锡")
    assert offered("district")[:2] == ["锡山区", "惠山区"]
    pick_place(sales, "district", "滨湖")
    assert written() == ["江苏省", "无锡市", "滨湖区"]
    pick_place(sales, "province", "浙江")
    assert written() == ["浙江省", "", ""]
    pick_place(sales, "district", "余杭")
    assert written() == ["浙江省", "杭州市", "余杭区"]
    pick_place(sales, "province", "Ontario, Canada")
    assert written() == ["Ontario, Canada", "", ""]
    pick_place(sales, "city", "Toronto")
    sales.fill("#id_name", "Maple Leaf Instruments")
    sales.keyboard.press("Control+s")
    expect(sales.locator("h1")).to_have_text("Maple Leaf Instruments")
    expect(sales.locator("[data-fact=province] dd")).to_contain_text("Ontario, Canada")
    expect(sales.locator("[data-fact=city] dd")).to_contain_text("Toronto")


def test_a_place_is_picked_in_its_cell_and_in_a_condition(sales, live_site):
    go(sales, live_site, "/customers/?view=&columns=name,province,city&sort=name&province=江苏省")
    cell = sales.locator("table.list tbody td[data-field=city]").first
    cell.dblclick()
    expect(cell.locator(".ts-wrapper")).to_be_visible()
    sales.keyboard.press("Backspace")
    sales.keyboard.type("泰州")
    with sales.expect_response(lambda answer: "/cell/city/" in answer.url):
        sales.keyboard.press("Enter")
    expect(sales.locator("table.list tbody td[data-field=city]").first).to_have_text("泰州市")
    go(sales, live_site, "/customers/filter/?province=江苏省")
    expect(sales.locator(".clause .ts-wrapper .item")).to_have_text("江苏省")


def test_the_form_marks_what_a_stage_needs_while_one_chooses(sales, live_site):
    go(sales, live_site, "/customers/?view=&stage=prospect&kind=company&sort=-name")
    url = sales.locator("table.list tbody tr").first.get_attribute("data-url")
    go(sales, live_site, f"{url}edit/")
    needs = sales.locator("[data-field=stage] [data-needs]")
    expect(needs).to_be_empty()
    sales.locator("#id_stage").select_option("mature")
    expect(needs).to_have_text(re.compile("合作产品/服务、首次合作"))
    needs.get_by_role("link").first.click()
    sales.locator("#id_products").fill("云桥 S3")
    sales.locator("#id_first_cooperated_on").fill("2026-03-01")
    sales.locator("#id_first_cooperated_on").dispatch_event("change")
    expect(needs).to_be_empty()


def test_every_problem_is_said_at_its_field_and_together(sales, watch, live_site):
    watch.expect("422")
    go(sales, live_site, "/customers/new/")
    sales.fill("#id_credit_code", "91330200MA2AGXHC7X")
    sales.fill("#id_phone", "12")
    sales.keyboard.press("Control+s")
    problems = sales.locator("#problems")
    expect(problems).to_be_focused()
    expect(problems.locator("li")).to_have_count(2)
    expect(sales.locator("#id_phone")).to_have_attribute("aria-invalid", "true")
    expect(sales.locator("#id_name-error")).to_be_visible()
    assert sales.input_value("#id_phone") == "12"
    problems.get_by_role("link").first.click()
    assert "#id_" in sales.url


def test_leaving_what_is_not_saved_asks_first(sales, live_site):
    go(sales, live_site, "/customers/new/")
    sales.fill("#id_name", "云上测试有限公司")
    sales.keyboard.press("Escape")
    dialog = sales.locator("#dialog")
    expect(dialog).to_contain_text("有未保存的修改")
    dialog.get_by_role("button", name="继续编辑").click()
    expect(dialog).to_be_hidden()
    sales.keyboard.press("Escape")
    dialog.get_by_role("button", name="放弃修改").click()
    sales.wait_for_url(re.compile(r"/customers/(\?|$)"))
    go(sales, live_site, "/drafts/")
    expect(sales.get_by_role("link", name="云上测试有限公司")).to_have_count(0)


def test_an_unchanged_form_closes_without_a_question(sales, live_site):
    go(sales, live_site, first_contact(sales, live_site) + "edit/")
    sales.keyboard.press("Escape")
    sales.wait_for_url(re.compile(r"/contacts/\d+/$"))


def test_control_s_saves_and_undo_takes_it_back(sales, live_site):
    url = first_contact(sales, live_site)
    go(sales, live_site, url + "edit/")
    was = sales.input_value("#id_position")
    sales.fill("#id_position", "旅程测试职位")
    sales.keyboard.press("Control+s")
    sales.wait_for_url(re.compile(f"{url}$"))
    note = sales.locator(".toast-note", has_text="已保存")
    expect(note).to_be_visible()
    expect(sales.locator("[data-fact=position]")).to_contain_text("旅程测试职位")
    note.get_by_role("button", name="撤销").click()
    sales.wait_for_load_state("load")
    expect(sales.locator("[data-fact=position] dd")).to_contain_text(was or "—")


def test_save_and_add_another_opens_an_empty_form(sales, live_site):
    go(sales, live_site, "/contacts/?view=&sort=name")
    sales.locator("table.list tbody td a").first.click()
    sales.wait_for_url(re.compile(r"/customers/\d+/"))
    customer = re.search(r"/customers/(\d+)/", sales.url)[1]
    go(sales, live_site, f"/contacts/new/?customer={customer}")
    sales.fill("#id_name", "旅程甲")
    sales.keyboard.press("Control+Alt+Enter")
    sales.wait_for_url(re.compile("/contacts/new/$"))
    expect(sales.locator(".toast-note")).to_contain_text("已新建联系人")
    assert sales.input_value("#id_name") == ""


def test_the_second_of_two_editors_chooses_field_by_field(
    sales, new_page, sign_in, watch, live_site
):
    watch.expect("409")
    url = first_contact(sales, live_site)
    other = new_page()
    sign_in(other, "sales")
    for page in (sales, other):
        go(page, live_site, url + "edit/")
    other.fill("#id_position", "对方写的职位")
    other.fill("#id_unit", "对方写的部门")
    other.get_by_role("button", name="保存", exact=True).click()
    other.wait_for_url(re.compile(f"{url}$"))
    sales.fill("#id_position", "我写的职位")
    sales.fill("#id_style", "简短")
    sales.get_by_role("button", name="保存", exact=True).click()
    conflict = sales.locator(".conflict")
    expect(conflict).to_contain_text("有人先改了")
    row = conflict.locator("fieldset", has_text="职位")
    expect(row).to_contain_text("我写的职位")
    expect(row).to_contain_text("对方写的职位")
    row.locator("input[value=theirs]").check()
    conflict.get_by_role("button", name="按选择保存").click()
    sales.wait_for_url(re.compile(f"{url}$"))
    expect(sales.locator("[data-fact=position]")).to_contain_text("对方写的职位")
    expect(sales.locator("[data-fact=unit]")).to_contain_text("对方写的部门")
    expect(sales.locator("[data-fact=style]")).to_contain_text("简短")


def test_a_fact_is_edited_in_place_and_has_a_history(sales, live_site):
    url = first_contact(sales, live_site)
    go(sales, live_site, url)
    fact = sales.locator("[data-fact=unit]")
    fact.hover()
    fact.get_by_role("link", name=re.compile("修改")).click()
    fact.locator("input[name=unit]").fill("采购中心")
    fact.get_by_role("button", name="保存").click()
    expect(fact).to_contain_text("采购中心")
    fact.hover()
    fact.get_by_role("link", name=re.compile("变更记录")).click()
    expect(sales.locator("#drawer")).to_contain_text("采购中心")


def test_a_masked_field_is_shown_masked_and_cannot_be_written(page, sign_in, live_site):
    sign_in(page, "quality")
    page.goto(f"{live_site.url}/contacts/?view=")
    page.wait_for_load_state("networkidle")
    shown = page.locator("td[data-label='电话']").all_inner_texts()
    assert shown
    assert all("*" in text for text in shown if text.strip("—"))
    assert page.locator("td[data-field=phone]").count() == 0


def test_a_likely_duplicate_is_named_while_the_name_is_typed(sales, live_site):
    go(sales, live_site, "/customers/?view=")
    name = sales.locator("table.list tbody .name a", has_text="有限公司").first.inner_text()
    go(sales, live_site, "/customers/new/")
    sales.fill("#id_name", name)
    expect(sales.locator("[data-duplicates]")).to_contain_text(name)
    sales.fill("#id_name", "")
