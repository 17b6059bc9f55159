"""Keys do what the sheet behind "?" says, and nothing while one types (interface.md, Keyboard)."""

import re

import pytest
from playwright.sync_api import expect

ROWS = "table.list tbody tr"


@pytest.fixture
def desk(page, sign_in, live_site):
    """The desk of a sales person."""
    sign_in(page, "sales")
    ready(page)
    return page


def ready(page):
    page.wait_for_function("() => document.documentElement.classList.contains('js')")
    page.wait_for_load_state("networkidle")


def go(page, site, path):
    page.goto(f"{site.url}{path}")
    ready(page)


def first_name(page):
    return page.locator(f"{ROWS} .name a").first.inner_text().strip()


def test_the_palette_finds_records_pages_and_what_to_create(desk, live_site):
    go(desk, live_site, "/customers/?view=")
    name = first_name(desk)
    desk.keyboard.press("Control+k")
    palette = desk.locator("#palette")
    expect(palette.locator("input[name=q]")).to_be_focused()
    desk.keyboard.type(name[:3])
    expect(palette.locator(".palette-item").first).to_contain_text(name[:3])
    palette.locator("input[name=q]").fill("新建联系人")
    expect(palette.locator(".palette-item").first).to_contain_text("新建联系人")
    palette.locator("input[name=q]").fill("付款")
    palette.locator("input[name=q]").fill("订单")
    expect(palette.locator(".palette-item", has_text="订单").last).to_be_visible()
    palette.locator("input[name=q]").fill(name)
    expect(palette.locator(".palette-item").first).to_contain_text(name)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowUp")
    expect(palette.locator(".palette-item").first).to_have_attribute("aria-selected", "true")
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile(r"/customers/\d+/"))
    expect(desk.locator("h1").first).to_contain_text(name)


def test_what_is_typed_right_after_opening_belongs_to_the_palette(desk, live_site):
    go(desk, live_site, "/contacts/?view=&sort=name")
    desk.locator(f"{ROWS} .name a").first.click()
    desk.wait_for_url(re.compile(r"/contacts/\d+/$"))
    ready(desk)
    here = desk.url
    desk.keyboard.press("Control+k")
    desk.keyboard.type("jkn")
    expect(desk.locator("#palette input[name=q]")).to_have_value("jkn")
    expect(desk.locator("#palette-found")).to_have_attribute("data-query", "jkn")
    assert desk.url == here


def test_enter_before_the_answer_opens_what_was_typed(desk, live_site):
    go(desk, live_site, "/customers/?view=")
    name = first_name(desk)
    desk.keyboard.press("Control+k")
    expect(desk.locator("#palette .palette-item").first).to_be_visible()
    desk.keyboard.type(name)
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile(r"/customers/\d+/$"))
    expect(desk.locator("h1").first).to_contain_text(name)


def test_pinyin_initials_find_a_page(desk):
    desk.keyboard.press("Control+k")
    desk.locator("#palette input[name=q]").fill("lxr")
    expect(desk.locator("#palette .palette-item", has_text="联系人").first).to_be_visible()


def test_a_slash_goes_to_the_search_and_escape_leaves_it(desk):
    desk.keyboard.press("/")
    expect(desk.locator("#palette input[name=q]")).to_be_focused()
    desk.keyboard.press("Escape")
    expect(desk.locator("#palette")).to_be_hidden()


def test_a_question_mark_shows_every_key(desk):
    desk.keyboard.press("Shift+?")
    expect(desk.locator("#dialog")).to_contain_text("键盘快捷键")
    expect(desk.locator("#dialog kbd").first).to_be_visible()


@pytest.mark.parametrize("key", ["c", "n"])
def test_a_key_begins_a_new_record(desk, live_site, key):
    go(desk, live_site, "/customers/?view=")
    desk.keyboard.press(key)
    desk.wait_for_url(re.compile("/customers/new/"))


def test_j_and_k_walk_the_filtered_list_from_record_to_record(desk, live_site):
    go(desk, live_site, "/contacts/?view=&sort=name&size=20")
    links = desk.locator(f"{ROWS} .name a")
    wanted = [links.nth(i).get_attribute("href") for i in range(3)]
    links.nth(0).click()
    desk.wait_for_url(re.compile(f"{wanted[0]}$"))
    for url in wanted[1:]:
        ready(desk)
        desk.keyboard.press("j")
        desk.wait_for_url(re.compile(f"{url}$"))
    ready(desk)
    desk.keyboard.press("k")
    desk.wait_for_url(re.compile(f"{wanted[1]}$"))
    ready(desk)
    desk.keyboard.press("ArrowRight")
    desk.wait_for_url(re.compile(f"{wanted[2]}$"))


def test_enter_opens_the_row_and_e_edits_it(desk, live_site):
    go(desk, live_site, "/contacts/?view=&sort=name")
    desk.keyboard.press("j")
    desk.keyboard.press("e")
    desk.wait_for_url(re.compile(r"/contacts/\d+/edit/"))
    go(desk, live_site, "/contacts/?view=&sort=name")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url(re.compile(r"/contacts/\d+/$"))
    ready(desk)
    desk.keyboard.press("e")
    desk.wait_for_url(re.compile(r"/contacts/\d+/edit/"))


def test_keys_are_letters_while_one_types(desk, live_site):
    go(desk, live_site, "/customers/?view=")
    desk.locator("#list-find").focus()
    for key in ("c", "x", "j", "/", "?"):
        desk.keyboard.press(key)
    assert desk.locator("#list-find").input_value() == "cxj/?"
    assert "/new/" not in desk.url


def test_keys_belong_to_the_input_method_while_it_composes(desk, live_site):
    go(desk, live_site, "/customers/?view=")
    desk.evaluate(
        """() => document.body.dispatchEvent(new KeyboardEvent("keydown",
            {key: "c", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    desk.evaluate(
        """() => document.body.dispatchEvent(new KeyboardEvent("keydown",
            {key: "k", ctrlKey: true, keyCode: 229, bubbles: true, cancelable: true}))"""
    )
    desk.wait_for_timeout(200)
    assert "/new/" not in desk.url
    expect(desk.locator("#palette")).to_be_hidden()


def test_a_half_typed_syllable_searches_nothing(desk, live_site):
    go(desk, live_site, "/customers/?view=")
    field = desk.locator("#list-find")
    field.evaluate(
        """at => { at.value = "you"; at.dispatchEvent(new InputEvent("input",
            {bubbles: true, isComposing: true})); }"""
    )
    desk.wait_for_timeout(500)
    assert "q=" not in desk.url
    field.evaluate(
        """at => { at.value = "有限"; at.dispatchEvent(new CompositionEvent("compositionend",
            {bubbles: true})); }"""
    )
    desk.wait_for_url(re.compile("q="))


def test_tab_shows_the_card_of_a_link_and_escape_takes_it_away(desk, live_site):
    go(desk, live_site, "/customers/?view=")
    desk.locator(f"{ROWS} .name a").first.click()
    desk.wait_for_url(re.compile(r"/customers/\d+/$"))
    ready(desk)
    link = desk.locator(".record-line a[data-card]").first
    desk.locator("[data-fold]").focus()
    for _ in range(40):
        desk.keyboard.press("Tab")
        if link.evaluate("at => at === document.activeElement"):
            break
    card = desk.locator(".hover-card")
    expect(card).to_be_visible()
    expect(card).to_contain_text(link.inner_text())
    expect(link).to_have_attribute("aria-describedby", "hover-card")
    desk.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_the_navigation_folds_and_remembers(desk, live_site):
    wide = desk.locator(".side").bounding_box()["width"]
    desk.locator("[data-fold]").click()
    assert desk.locator(".side").bounding_box()["width"] < wide / 2
    go(desk, live_site, "/customers/?view=")
    assert desk.locator(".side").bounding_box()["width"] < wide / 2
    desk.locator("[data-fold]").click()
