"""What is stored, what is compared, what looks alike."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel.text import TextError, clean_text, fold, pinyin_sort_key, skeleton

PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=60)


@pytest.mark.parametrize(
    ("given_", "stored"),
    [
        ("  张伟  ", "张伟"),
        ("张\u3000伟", "张 伟"),
        ("a\t\n b", "a b"),
        ("e\u0301", "é"),
        ("👨‍👩‍👧 𠮷野家", "👨‍👩‍👧 𠮷野家"),
        ("\u202d138 0013 8000\u202c", "138 0013 8000"),
        ("\ufeff华为", "华为"),
        ("阿凡提·买买提", "阿凡提·买买提"),
        ("", ""),
    ],
)
def test_a_line_is_trimmed_and_composed(given_: str, stored: str) -> None:
    assert clean_text(given_) == stored


def test_paragraphs_keep_their_line_breaks() -> None:
    assert clean_text(" 一 \r\n二\r三\x0b四  ", multiline=True) == "一\n二\n三\n四"


@pytest.mark.parametrize("bad", ["a\x00b", "a\x1bb", "\x7f", "\x80", "\ud800", "\uffff", "a\x08"])
def test_control_characters_are_refused_by_name_and_place(bad: str) -> None:
    with pytest.raises(TextError) as caught:
        clean_text(bad)
    assert caught.value.code == "control_character"
    assert "U+" in str(caught.value)


def test_length_is_limited_and_never_cut() -> None:
    assert len(clean_text("字" * 20_000)) == 20_000
    for text in ("字" * 20_001, "x" * 5_000_000):
        with pytest.raises(TextError) as caught:
            clean_text(text)
        assert caught.value.code == "too_long"
        assert caught.value.params["max_length"] == 20_000


def test_a_refusal_becomes_a_rule_violation_at_a_field() -> None:
    violation = TextError("too_long", "100% wrong").as_violation("name")
    assert (violation.field, violation.text) == ("name", "100% wrong")


@given(PLAIN)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("華為技術（中國）有限公司", "华为技术(中国)有限公司"),
        ("ＡＢＣ　１２３", "abc123"),
        ("José", "JOSE"),
        ("阿凡提·买买提", "阿凡提买买提"),
        ("a\u200bb\u200d", "AB"),
        ("執著", "执着"),
        ("Straße", "STRASSE"),
    ],
)
def test_texts_that_are_the_same_when_compared(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(PLAIN)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text("张伟華為ABc １２·\u3000x乾隆", max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_a_part_of_a_text_folds_to_a_part_of_its_fold(text: str, a: int, b: int) -> None:
    assert fold(text[min(a, b) : max(a, b)]) in fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "аdm1n"),
        ("admin", "ＡＤＭＩＮ"),
        ("paypal", "рауpаl"),
        ("HELEN", "НЕLЕN"),
        ("olga", "0lga"),
        ("lisa", "1isa"),
        ("modern", "rnodern"),
        ("王小口", "王小ロ"),
        ("张偉", "张伟"),
        ("l0l", "1O|"),
    ],
)
def test_look_alikes_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_different_names_keep_different_skeletons() -> None:
    names = ["张伟", "张炜", "李伟", "zhang", "chang", "admin2", "admin3"]
    assert len({skeleton(name) for name in names}) == len(names)


def test_names_sort_by_pinyin() -> None:
    names = ["张三", "阿里", "李四", "单小明", "Apple", "重庆火锅", "北京", "曾国", "12345", "白云"]
    expected = [
        "12345",
        "阿里",
        "Apple",
        "白云",
        "北京",
        "重庆火锅",
        "李四",
        "单小明",
        "曾国",
        "张三",
    ]
    assert sorted(names, key=pinyin_sort_key) == expected
