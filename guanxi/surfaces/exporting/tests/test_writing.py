"""What is written opens everywhere, runs nowhere, and can be read back."""

import csv
import datetime as dt
import re
import tracemalloc
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.surfaces.exporting.writing import (
    Column,
    Heading,
    neutralise,
    restored,
    write_csv,
    write_xlsx,
)
from guanxi.surfaces.importing.reading import open_table

COLUMNS = [
    Column("客户名称"), Column("电话"), Column("日期", "date"), Column("时间", "datetime"),
    Column("金额", "money"), Column("编号", "integer"), Column("有效", "boolean"),
]  # fmt: skip
NOON = dt.datetime(2024, 1, 5, 7, 45)  # noqa: DTZ001  a cell has no zone
ROW = ["华为 👨‍👩‍👧𠮷", "+8613800138000", dt.date(2024, 1, 5), NOON, Decimal("12345.60"), 42, True]
HEADING = Heading("客户", "王芳 2026-11-21 14:30")
FORMULAS = [
    "=1+1", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1+1", "＠x", " =1+1",
    "|cmd", "%0A=1", "-1+cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_become_text(text: str) -> None:
    assert neutralise(text) == "'" + text
    assert restored(neutralise(text)) == text


@pytest.mark.parametrize("text", ["-12", "-12.50", "a=b", "华为", "", "'quoted'", "138 1234 1234"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutralise(text) == text
    assert restored(text) == text


@given(st.text(max_size=30))
def test_neutralising_can_be_undone(text: str) -> None:
    assert restored(neutralise(text)) == text or text.startswith("'")


def test_csv_opens_in_excel_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert write_csv(path, COLUMNS, [ROW, ["甲", None, None, None, Decimal(-5), -7, False]]) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with open_table(path) as table:
        rows = [row.cells for row in table.rows]
    assert table.headers == tuple(column.label for column in COLUMNS)
    assert rows[0][0] == "华为 👨‍👩‍👧𠮷"
    assert rows[0][2:5] == ["2024-01-05", "2024-01-05 07:45", "12345.60"]
    assert rows[1][1:3] == ["", ""]
    assert rows[1][4:6] == ["-5", "-7"]


def test_csv_neutralises_headings_and_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, [Column("=cmd"), Column("b")], [[text, "x"] for text in FORMULAS])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        cells = [row[0] for row in csv.reader(stream)]
    assert len(cells) == 1 + len(FORMULAS)
    assert all(cell.startswith("'") for cell in cells)


def test_xlsx_is_typed_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert write_xlsx(path, COLUMNS, [ROW], heading=HEADING) == 1
    with open_table(path) as table:
        rows = [row.cells for row in table.rows]
    assert table.headers == tuple(column.label for column in COLUMNS)
    assert rows[0][:6] == [*ROW[:4], 12345.6, 42]


def test_xlsx_holds_no_formula_whatever_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(
        path, [Column("a"), Column("b")], [[text, "x"] for text in FORMULAS], heading=HEADING
    )
    with zipfile.ZipFile(path) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<f[ >]", sheet)
    assert "<hyperlink" not in sheet
    with open_table(path) as table:
        assert [row.cells[0] for row in table.rows] == FORMULAS


def test_xlsx_carries_the_watermark_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, COLUMNS, [ROW], heading=HEADING)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name).decode() for name in package.namelist()}
    assert not [name for name in parts if "comment" in name or "sheet2" in name]
    assert "state=" not in parts["xl/workbook.xml"]
    assert parts["xl/worksheets/sheet1.xml"].count("王芳 2026-11-21 14:30") >= 1
    core = parts["docProps/core.xml"]
    assert re.search(r"<dc:creator></dc:creator>|<dc:creator/>", core)
    assert "/tmp" not in "".join(parts.values())


def test_long_numbers_and_old_dates_are_written_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [[110101199001011234, dt.date(1856, 1, 1)]]
    write_xlsx(path, [Column("身份证"), Column("成立", "date")], rows, heading=HEADING)
    with open_table(path) as table:
        assert next(iter(table.rows)).cells == ["110101199001011234", "1856-01-01"]


def test_a_very_long_text_says_that_it_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, [Column("a"), Column("b")], [["𠮷" * 20_000, "字" * 20_000]], heading=HEADING)
    with open_table(path) as table:
        cells = next(iter(table.rows)).cells
    assert str(cells[0]).startswith("𠮷" * 16_000)
    assert "…" in str(cells[0])
    assert cells[1] == "字" * 20_000


@pytest.mark.slow
def test_many_rows_need_little_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    rows = ([f"客户{i}", "1", None, None, Decimal(i), i, True] for i in range(20_000))
    write_xlsx(tmp_path / "a.xlsx", COLUMNS, rows, heading=HEADING)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 << 20
