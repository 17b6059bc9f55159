"""Workbooks: typed cells come through, traps of spreadsheets are flagged, hostile files refused."""

import contextlib
import datetime as dt
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from guanxi.surfaces.importing.reading import UnreadableFile, open_table


def written(path: Path, *rows: list[object], sheets: tuple[str, ...] = ("客户",)) -> Path:
    book = xlsxwriter.Workbook(path)
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    time = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for name in sheets:
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, dt.datetime):
                    sheet.write_datetime(line, column, value, time)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(line, column, value, date)
                else:
                    sheet.write(line, column, value)
    book.close()
    return path


def changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The same workbook with something in one of its parts replaced."""
    other = path.with_name("changed.xlsx")
    with (
        zipfile.ZipFile(path) as source,
        zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(entry.filename, content)
    return other


DAY = dt.date(2024, 1, 5)
NOON = dt.datetime(2024, 1, 5, 7, 45)  # noqa: DTZ001  a cell has no zone


def test_cells_keep_their_types(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.xlsx",
        ["名称", "日期", "时间", "额", "电话", "有效"],
        [
            "华为 👨‍👩‍👧𠮷",
            DAY,
            NOON,
            12.5,
            13800138000,
            True,
        ],
    )
    with open_table(path) as table:
        rows = list(table.rows)
    assert table.headers == ("名称", "日期", "时间", "额", "电话", "有效")
    assert rows[0].line == 2
    assert rows[0].cells == ["华为 👨‍👩‍👧𠮷", DAY, NOON, 12.5, 13800138000, True]
    assert table.sheet == "客户"


def test_a_title_above_the_table_is_passed_over(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.xlsx",
        ["客户名单"],
        ["导出：王芳"],
        [],
        ["名称", "电话", "备注"],
        ["甲", "1", "x"],
    )
    with open_table(path) as table:
        rows = list(table.rows)
    assert table.headers == ("名称", "电话", "备注")
    assert [row.line for row in rows] == [5]


def test_a_table_that_does_not_begin_in_the_first_column(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(3, 2, ["名称", "额"])
    sheet.write_row(6, 2, ["甲", 1])
    sheet.write_formula(7, 3, "=1/0", None, "#DIV/0!")
    sheet.write(7, 2, "乙")
    book.close()
    with open_table(tmp_path / "a.xlsx") as table:
        rows = list(table.rows)
    assert table.headers == ("名称", "额")
    assert [(row.line, row.cells[0]) for row in rows] == [(7, "甲"), (8, "乙")]
    assert [(p.column, p.code) for p in rows[1].problems] == [(1, "error_cell")]


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    secret = book.add_worksheet("机密")
    secret.write_row(0, 0, ["secret", "x"])
    shown = book.add_worksheet("客户")
    shown.write_row(0, 0, ["名称", "额"])
    shown.write_row(1, 0, ["甲", 1])
    shown.activate()
    shown.set_first_sheet()
    secret.hide()
    book.close()
    with open_table(tmp_path / "a.xlsx") as table:
        assert table.headers == ("名称", "额")
        assert table.sheet == "客户"


def test_traps_are_flagged_at_their_cell(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["名称", "身份证", "和", "率", "组"])
    sheet.write_row(1, 0, ["甲", 110101199001011234, 1, 2, ""])
    sheet.write_row(2, 0, ["乙", "11010119900101123X"])
    sheet.write_formula(2, 2, "=1+1", None, "")
    sheet.write_formula(2, 3, "=1/0", None, "#DIV/0!")
    sheet.write_row(3, 0, ["丙", "1"])
    sheet.write_formula(3, 2, "=1+1", None, 2)
    sheet.merge_range(1, 4, 3, 4, "华东")
    book.close()
    with open_table(tmp_path / "a.xlsx") as table:
        rows = list(table.rows)
    found = {(p.line, p.column, p.code) for row in rows for p in row.problems}
    assert found == {
        (2, 1, "rounded"),
        (3, 2, "formula_empty"),
        (3, 3, "error_cell"),
        (3, 4, "merged"),
        (4, 4, "merged"),
    }
    assert rows[2].cells[2] == 2
    assert any("3" in notice for notice in table.notices)


def test_further_sheets_are_mentioned(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", ["名称", "额"], ["甲", 1], sheets=("一", "二"))
    with open_table(path) as table:
        assert any("一" in notice for notice in table.notices)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"]
)
def test_a_document_type_is_refused(tmp_path: Path, part: str) -> None:
    declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    attack = declaration + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    path = changed(written(tmp_path / "a.xlsx", ["a", "b"], ["c", "d"]), part, declaration, attack)
    with pytest.raises(UnreadableFile) as caught:
        open_table(path)
    assert caught.value.code == "doctype"


def test_a_workbook_that_unpacks_too_far_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", ["a", "b"], ["c", "d"])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/bomb.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(120):
            part.write(b"\0" * (1 << 20))
    with pytest.raises(UnreadableFile) as caught:
        open_table(path)
    assert caught.value.code == "bomb"


def test_a_sheet_beyond_the_memory_limit_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", ["a", "b"], ["c", "d"])
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    path = changed(path, "xl/worksheets/sheet1.xml", b"</sheetData>", far)
    with pytest.raises(UnreadableFile) as caught:
        open_table(path)
    assert caught.value.code == "memory"


@pytest.mark.parametrize("cut", [100, 900, 3000])
def test_a_damaged_workbook_is_refused(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "a.xlsx", ["a", "b"], ["c", "d"])
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(UnreadableFile) as caught:
        open_table(path)
    assert caught.value.code in {"damaged", "kind"}


def test_an_archive_is_no_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        package.writestr("a.csv", "a,b")
    with pytest.raises(UnreadableFile) as caught:
        open_table(tmp_path / "a.zip")
    assert caught.value.code == "kind"


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_table(written(tmp_path / "a.xlsx"))
    assert caught.value.code == "empty"


def test_letting_go_early_leaves_no_process(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", *[["名称", "额"], *([str(i), i] for i in range(5000))])
    with open_table(path) as table:
        next(iter(table.rows))
        assert _readers_of(path)
    assert not _readers_of(path)
    with open_table(path):
        pass
    assert not _readers_of(path)


def _readers_of(path: Path) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(place.read_text())
    return [command for command in found if str(path) in command]
