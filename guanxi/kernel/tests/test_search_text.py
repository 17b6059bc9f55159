"""Whatever people type of a name or number finds it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel.text import matches, query_terms, query_tokens, search_text, search_tokens

FOUND = [
    ("张", ["张伟"], []),
    ("华为", ["北京华为技术有限公司"], []),
    ("華為", ["华为"], []),
    ("为技术", ["华为技术"], []),
    ("hw", ["华为技术"], []),
    ("wjs", ["华为技术"], []),
    ("HWJS", ["北京华为技术有限公司"], []),
    ("cqyh", ["重庆银行"], []),
    ("sxm", ["单小明"], []),
    ("tclkj", ["TCL科技"], []),
    ("lg电", ["LG电子"], []),
    ("3m", ["3M 中国"], []),
    ("awei T", ["Huawei Tech"], []),
    ("weit", ["Huawei Tech"], []),
    ("hu", ["Huawei"], []),
    ("技术 华为", ["华为技术"], []),
    ("138 0013", [], ["+8613800138000"]),
    ("138****8000", [], ["+8613800138000"]),
    ("0086 138", [], ["+8613800138000"]),
    ("+86-13800138000", [], ["+8613800138000"]),
    ("010-8888", [], ["+861088886666"]),
    ("６６６", [], ["+861088886666"]),
    ("13085", ["客户 13085"], []),
    ("C-0001", ["C00012345"], []),
    ("91110000", ["91110000600037341L"], []),
    ("🎉", ["🎉派对"], []),
    ("𠮷", ["𠮷野家"], []),
    ("阿凡提买", ["阿凡提·买买提"], []),
]


def _tokens_found(query: str, tokens: set[str]) -> bool:
    return any(set(alternative.tokens) <= tokens for alternative in query_tokens(query))


@pytest.mark.parametrize(("query", "values", "phones"), FOUND)
def test_what_is_typed_finds_it(query: str, values: list[str], phones: list[str]) -> None:
    assert _tokens_found(query, search_tokens(*values, phones=phones))
    assert matches(query, search_text(*values, phones=phones))


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("张三", "张四三"),
        ("hwx", "华为技术"),
        ("伟张", "张伟"),
        ("李 华为", "华为"),
        ("1381", "1380138"),
    ],
)
def test_what_is_not_there_is_not_found(query: str, value: str) -> None:
    assert not matches(query, search_text(value))


@pytest.mark.parametrize("query", ["", "  ", "·", "--", "\u200b", "、"])
def test_an_empty_query_matches_nothing(query: str) -> None:
    assert query_tokens(query) == []
    assert not matches(query, search_text("张伟"))


def test_values_do_not_run_into_each_other() -> None:
    assert not matches("伟李", search_text("张伟", "李四"))


CHINESE = st.text("张伟明华为技术重庆银行单曾乐", min_size=1, max_size=8)
MIXED = st.text("华为技術ABCxyz0189 ·", min_size=1, max_size=12)


@given(MIXED, st.data())
def test_any_part_is_found_by_its_tokens(value: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(value) - 1))
    last = data.draw(st.integers(first + 1, len(value)))
    part = value[first:last].strip()
    terms = query_terms(part)
    if not terms or any(len(term) < 3 and term.isascii() for term in terms):
        return
    assert _tokens_found(part, search_tokens(value))
    assert matches(part, search_text(value))


@given(CHINESE)
def test_tokens_are_plain_words_for_any_index(value: str) -> None:
    assert all(
        token.isalnum() for token in search_tokens(value, "ABC 12-3 🎉", phones=["+8613912345678"])
    )


@given(st.text(max_size=200))
def test_no_query_breaks_it(query: str) -> None:
    alternatives = query_tokens(query)
    assert len(alternatives) <= 16
    assert all(alternative.tokens for alternative in alternatives)
    matches(query, search_text("华为", query))


def test_a_hundred_thousand_names_are_cut_in_five_seconds() -> None:
    names = [
        f"北京{chr(0x4E00 + i % 5000)}为{chr(0x5000 + i % 4000)}技术有限公司" for i in range(20_000)
    ]
    started = time.process_time()
    for name in names:
        search_tokens(name, phones=["+8613800138000"])
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("word", ["हिन्दी", "বাংলা", "ᦟᦹᧉ", "தமிழ்", "𑄌𑄋𑄴"])
def test_vowel_signs_break_no_token(word: str) -> None:
    """Each token is letters and digits alone, and what is asked for is what is indexed."""
    indexed = search_tokens(f"客户 {word}")
    assert all(token.isalnum() and not set(token) & set("\u19b0\u19c8\u1cf2") for token in indexed)
    (way,) = query_tokens(word)
    assert set(way.tokens) <= indexed
    assert matches(word, search_text(f"客户 {word}"))
