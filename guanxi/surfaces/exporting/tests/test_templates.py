"""A column sheet reads back as a table; the handbook's forms are tested with the customers."""

from pathlib import Path

from guanxi.surfaces.exporting.templates import write_column_sheet
from guanxi.surfaces.importing.reading import open_table


def test_an_import_sheet_explains_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "columns.xlsx"
    write_column_sheet(path, "客户", [("客户名称", "必填"), ("电话", "+86 …")])
    with open_table(path) as table:
        assert table.headers == ("客户名称", "电话")
