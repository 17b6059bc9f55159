"""The one door for files to import: tells a file by its content and opens it as a table."""

import zipfile
from pathlib import Path
from typing import Final

from django.utils.translation import gettext

from guanxi.surfaces.importing.delimited import open_delimited
from guanxi.surfaces.importing.tables import (
    Cell,
    Row,
    RowProblem,
    Table,
    UnreadableFile,
)
from guanxi.surfaces.importing.workbook import open_workbook

__all__ = ["Cell", "Row", "RowProblem", "Table", "UnreadableFile", "open_table"]

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TABLE: Final = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"MZ",
    b"\x7fELF",
    b"Rar!",
    b"7z\xbc",
)


def open_table(path: Path | str, filename: str = "") -> Table:
    """Open a CSV, TSV, gzipped CSV, XLSX or XLS file; refuse what is none of them."""
    place = Path(path)
    with place.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(_ZIP):
        return _open_package(place)
    if head.startswith(_OLE):
        return open_workbook(place)
    if head.startswith(_GZIP):
        return open_delimited(place, is_gzip=True)
    _refuse_other_kinds(head, filename)
    return open_delimited(place, is_gzip=False)


def _open_package(path: Path) -> Table:
    try:
        with zipfile.ZipFile(path) as package:
            is_workbook = "xl/workbook.xml" in package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(
            "damaged", gettext("The workbook is damaged or is no workbook.")
        ) from error
    if not is_workbook:
        raise UnreadableFile(
            "kind",
            gettext("This is an archive, not a table; unpack it and import the CSV or XLSX."),
        )
    return open_workbook(path)


def _refuse_other_kinds(head: bytes, filename: str) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise UnreadableFile(
            "kind",
            gettext(
                "“%(name)s” is a web page that calls itself a workbook; open it in a "
                "spreadsheet and save it as XLSX."
            )
            % {"name": filename},
        )
    if head.startswith(_NO_TABLE):
        raise UnreadableFile(
            "kind", gettext("“%(name)s” is no table; import CSV or XLSX.") % {"name": filename}
        )
