"""Whatever spreadsheets and other systems write as a table is read, or refused with the reason."""

import contextlib
import gzip
import random
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.surfaces.importing.reading import Row, Table, UnreadableFile, open_table

CHINESE = "客户名称,电话,备注\n华为技术,13800138000,重要客户\n张伟,010-88888888,无\n"


def opened(tmp_path: Path, content: bytes, name: str = "客户.csv") -> Table:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return open_table(path, name)


def read(tmp_path: Path, content: bytes, name: str = "客户.csv") -> tuple[Table, list[Row]]:
    with opened(tmp_path, content, name) as table:
        return table, list(table.rows)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "gbk",
        "gb18030",
        "gb2312",
    ],
)
def test_encodings_of_chinese_files(tmp_path: Path, encoding: str) -> None:
    table, rows = read(tmp_path, CHINESE.encode(encoding))
    assert table.headers == ("客户名称", "电话", "备注")
    assert [row.cells for row in rows] == [
        ["华为技术", "13800138000", "重要客户"],
        ["张伟", "010-88888888", "无"],
    ]
    assert not any(row.problems for row in rows)


@pytest.mark.parametrize(
    "text", ["名称\n一\n", "姓名,一\n联通,一\n", "a,b\n一,1\n", "编号,名\n1,一一\n"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_very_short_files(tmp_path: Path, text: str, encoding: str) -> None:
    table, rows = read(tmp_path, text.encode(encoding))
    lines = [line.split(",") for line in text.splitlines()]
    assert [list(table.headers), *(row.cells for row in rows)] == lines


@settings(max_examples=300)
@given(
    st.lists(
        st.text(
            "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经",
            min_size=2,
            max_size=4,
        ),
        min_size=4,
        max_size=12,
    ),
    st.sampled_from(["utf-8", "gbk", "utf-16", "utf-16-le"]),
)
def test_common_words_in_any_encoding(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], encoding: str
) -> None:
    text = "姓名,电话\n" + "".join(f"{word},1\n" for word in words)
    _, rows = read(tmp_path_factory.getbasetemp(), text.encode(encoding))
    assert [row.cells[0] for row in rows] == words


def test_rare_and_traditional_characters(tmp_path: Path) -> None:
    text = "名稱,備註\n𠮷野家,👨‍👩‍👧\n"
    for encoding in ("utf-8", "gb18030", "utf-16"):
        _, rows = read(tmp_path, text.encode(encoding))
        assert rows[0].cells == ["𠮷野家", "👨‍👩‍👧"]


def test_big5(tmp_path: Path) -> None:
    text = "客戶名稱,電話\n台灣積體電路製造,02-12345678\n鴻海精密工業,02-22683466\n"
    table, rows = read(tmp_path, text.encode("big5"))
    assert table.headers == ("客戶名稱", "電話")
    assert rows[0].cells[0] == "台灣積體電路製造"


def test_western(tmp_path: Path) -> None:
    for encoding in ("cp1252", "utf-8"):
        _, rows = read(tmp_path, "name,city\nJosé Muñoz,Málaga\n".encode(encoding))
        assert rows[0].cells == ["José Muñoz", "Málaga"]


def test_cyrillic_utf8_is_not_taken_for_gbk(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "name\nИван Петров\n".encode())
    assert rows[0].cells == ["Иван Петров"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，", "；"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    lines = [["名称", "备注", "额"], ["甲", "x", "1"], ["乙", "y", "2"]]
    table, rows = read(tmp_path, "\n".join(delimiter.join(line) for line in lines).encode())
    assert table.delimiter == delimiter
    assert [row.cells for row in rows] == lines[1:]


def test_a_comma_inside_chinese_text_is_no_delimiter(tmp_path: Path) -> None:
    table, rows = read(tmp_path, "名称\t备注\n甲\t好，很好，非常好\n乙\t一般\n".encode())
    assert table.delimiter == "\t"
    assert rows[0].cells == ["甲", "好，很好，非常好"]


def test_excels_own_delimiter_line(tmp_path: Path) -> None:
    table, rows = read(tmp_path, b"sep=;\na;b\n1,5;2\n")
    assert table.headers == ("a", "b")
    assert rows == [Row(3, ["1,5", "2"], ())]


def test_line_breaks_in_cells_keep_the_line_numbers_right(tmp_path: Path) -> None:
    _, rows = read(tmp_path, '名称,备注\n甲,"一\n二\r\n三"\n乙,x\n\n丙,y\n'.encode())
    assert [(row.line, row.cells[0]) for row in rows] == [(2, "甲"), (5, "乙"), (7, "丙")]
    assert rows[0].cells[1] == "一\n二\r\n三"


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_line_endings(tmp_path: Path, ending: str) -> None:
    _, rows = read(tmp_path, ending.join(["a,b", "1,2", "3,4"]).encode())
    assert [(row.line, row.cells) for row in rows] == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_ragged_rows_are_problems_of_their_rows(tmp_path: Path) -> None:
    _, rows = read(tmp_path, b"a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,,\n")
    assert [[problem.code for problem in row.problems] for row in rows] == [
        ["ragged"],
        [],
        ["ragged"],
        [],
    ]
    assert rows[0].problems[0].line == 2
    assert all(len(row.cells) == 3 for row in rows)


def test_zero_bytes_name_line_and_column(tmp_path: Path) -> None:
    _, rows = read(tmp_path, b"a,b\n1,2\n3,x\x00y\n5,6\n")
    assert [row.problems for row in rows][0::2] == [(), ()]
    problem = rows[1].problems[0]
    assert (problem.line, problem.column, problem.code) == (3, 1, "nul")


def test_one_damaged_character_costs_one_row(tmp_path: Path) -> None:
    good = CHINESE.encode("gbk") * 20
    _, rows = read(tmp_path, good + "坏".encode("gbk") + b"\xff,1,2\n")
    assert [problem.code for row in rows for problem in row.problems] == ["undecodable"]


def test_a_huge_cell_costs_one_row(tmp_path: Path) -> None:
    _, rows = read(tmp_path, b"a,b\n1,2\n3," + b"x" * (5 << 20) + b"\n5,6\n")
    assert [row.problems[0].code if row.problems else "" for row in rows] == [
        "",
        "cell_too_long",
        "",
    ]
    assert rows[1].line == 3


@pytest.mark.slow
def test_an_unclosed_quotation_mark_is_reported(tmp_path: Path) -> None:
    content = b'a,b\n1,2\n3,"open\n' + b"5,6\n" * 400_000
    _, rows = read(tmp_path, content)
    assert rows[1].line == 3
    assert rows[1].problems[0].code == "cell_too_long"


def test_a_column_without_a_name_is_called_by_its_place(tmp_path: Path) -> None:
    table, rows = read(tmp_path, b"a,,c,\n1,2,3,\n")
    assert len(table.headers) == 3
    assert "2" in table.headers[1]
    assert rows[0].cells == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b",,,\n", "empty"),
        ("电话,名称, 电话 \n".encode(), "duplicate_header"),
        (",".join(f"c{i}" for i in range(10_000)).encode(), "too_many_columns"),
        (b"a\x00b,c\n", "bad_header"),
        (b"%PDF-1.7\n", "kind"),
        (b"\x89PNG\r\n\x1a\n", "kind"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "kind"),
        (b"PK\x03\x04 nonsense", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nonsense", "damaged"),
        (b"\x1f\x8b nonsense", "damaged"),
        (b"a,b\n" + b"x" * (9 << 20), "line_too_long"),
        (b"\xff" * 100 + b"\n", "encoding"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, code: str
) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, content)
    assert caught.value.code == code
    assert str(caught.value)


def test_gzip(tmp_path: Path) -> None:
    _, rows = read(tmp_path, gzip.compress(CHINESE.encode("gbk")), "客户.csv.gz")
    assert rows[1].cells[0] == "张伟"


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(b"a,b\n" + b"0,0\n" * (30 << 20))
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, bomb)
    assert caught.value.code == "bomb"


def test_a_cut_gzip_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress("\n".join(str(random.random()) for _ in range(9000)).encode())
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, whole[: len(whole) // 2])
    assert caught.value.code == "damaged"


@given(st.binary(max_size=300))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return
    with contextlib.suppress(UnreadableFile):
        _, rows = read(tmp_path_factory.getbasetemp(), content)
        assert all(row.line > 0 for row in rows)


@pytest.mark.slow
def test_a_large_file_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text(
        "编号,名称,电话\n" + "".join(f"{i},客户{i},1380000{i:04d}\n" for i in range(200_000))
    )
    tracemalloc.start()
    with open_table(path) as table:
        count = sum(1 for _ in table.rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert table.line_count == 200_001
    assert peak < 16 << 20
