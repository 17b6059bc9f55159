"""A file is brought in from the page: matched, checked, watched, taken back (PLT-2)."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

HEADER = "客户名称,客户电话,所属行业,员工人数,没用的一列\n"
GOOD = "".join(f"云雀导入{i}有限公司,1391234{i:04d},仪器仪表,{i},x\n" for i in range(60))
BAD = "坏电话有限公司,1.38E+10,软件,5,x\n,13800138000,软件,5,x\n"
SHOTS = os.environ.get("GUANXI_TEST_SHOTS", "")


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "云雀客户.csv"
    path.write_bytes((HEADER + GOOD + BAD).encode("gbk"))
    return path


def bring_in(page, site, file: Path) -> None:
    page.goto(f"{site.url}/customers/")
    page.locator("a[href^='/imports/new/?type']").first.click()
    expect(page.locator("#type")).to_have_value("customers.customer")
    shot(page, "import-1-file")
    page.set_input_files("#file", str(file))
    page.get_by_role("button", name="继续").click()
    expect(page.locator("select[name=column-0]")).to_have_value("name")


def check_and_start(page) -> None:
    page.locator("select[name=column-1]").select_option("phone")
    shot(page, "import-2-columns")
    page.get_by_role("button", name="逐行检查").click()


def test_a_file_becomes_customers_and_is_taken_back(page, sign_in, live_site, file) -> None:
    sign_in(page, "sales")
    bring_in(page, live_site, file)
    check_and_start(page)
    start = page.get_by_role("button", name=re.compile("导入 60 行"))
    expect(start).to_be_visible(timeout=60_000)
    expect(page.locator("table.plain")).to_contain_text("1.38E+10")
    shot(page, "import-3-preview")
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载全部错误行").click()
    assert "坏电话有限公司" in Path(taken.value.path()).read_text("utf-8-sig")
    start.click()
    undo = page.get_by_role("button", name="撤销此次导入")
    expect(undo).to_be_visible(timeout=60_000)
    shot(page, "import-4-result")

    page.goto(f"{live_site.url}/customers/?view=&q=云雀导入59")
    expect(page.locator("table.list tbody tr")).to_have_count(1)
    page.go_back()
    undo.click()
    expect(page.locator("#import")).to_contain_text("导入已撤销", timeout=60_000)
    expect(page.locator("#import")).to_contain_text("归档 60 条")
    shot(page, "import-5-undone")
    page.goto(f"{live_site.url}/customers/?view=&q=云雀导入59")
    expect(page.locator("table.list tbody tr")).to_have_count(0)


def test_an_import_needs_no_script(new_page, sign_in, live_site, file) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, "head")
    bring_in(page, live_site, file)
    check_and_start(page)
    start = page.get_by_role("button", name=re.compile("导入 60 行"))
    for _ in range(60):
        if start.is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    start.click()
    for _ in range(60):
        if page.get_by_role("button", name="撤销此次导入").is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("#import")).to_contain_text("导入完成")


def test_what_is_no_table_is_said_at_the_file(page, sign_in, live_site, watch, tmp_path) -> None:
    watch.expect("422")
    path = tmp_path / "合同.csv"
    path.write_bytes(b"%PDF-1.7\n")
    sign_in(page, "sales")
    page.goto(f"{live_site.url}/imports/new/?type=customers.customer")
    page.set_input_files("#file", str(path))
    page.get_by_role("button", name="继续").click()
    expect(page.locator("#problems")).to_contain_text("csv")


def test_blank_forms_and_sheets_are_offered(page, sign_in, live_site) -> None:
    sign_in(page, "sales")
    page.goto(f"{live_site.url}/imports/")
    shot(page, "import-0-list")
    for name in ("客户信息收集表", "客户拜访记录表", "客户投诉处理表"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=name).click()
        assert taken.value.suggested_filename == f"{name}.xlsx"
