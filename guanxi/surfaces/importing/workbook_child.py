"""Reads one workbook in a process of its own, with its memory and time limited.

Started by workbook.py with a path; writes JSON lines: first what the sheet is, then a line per
row, `[number, cells, flags]`. Imports nothing of the product, so that a hostile file meets little.
"""

import datetime as dt
import json
import math
import re
import resource
import sys
import zipfile
from typing import Any

MEMORY = 1 << 30
CPU_SECONDS = 300
MAX_ENTRIES = 10_000
MAX_UNPACKED = 3 << 29
RATIO_FROM = 50 << 20
MAX_RATIO = 300
MAX_FLAGS = 100_000
CHUNK = 4 << 20
EXACT = 10**15  # Excel keeps 15 digits.

FORMULA_WITHOUT_VALUE = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?!\s*<(?:\w+:)?v>[^<])"
)
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b([^>]*\bt="e"[^>]*)>')
PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
ROW_END = re.compile(rb"</(?:\w+:)?row>")


class Refused(Exception):
    """The file is not read; the code says why."""


def limit_resources() -> None:
    """Set the ceilings before anything of the file is looked at."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_package(package: zipfile.ZipFile) -> None:
    """Refuse bombs and document types before a parser sees them."""
    entries = package.infolist()
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED:
        raise Refused("bomb")
    if total > RATIO_FROM and total / packed > MAX_RATIO:
        raise Refused("bomb")
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused("password")
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            with package.open(entry) as part:
                head = part.read(4096).replace(b"\0", b"").upper()
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise Refused("doctype")


def attribute(tag: bytes, name: bytes) -> bytes:
    """The value of an attribute of a tag, or nothing."""
    found = re.search(rb"\b(?:\w+:)?" + name + rb'="([^"]*)"', tag)
    return found.group(1) if found else b""


def sheet_path(package: zipfile.ZipFile, index: int) -> str:
    """Where the n-th sheet lies in the package."""
    tags = SHEET.findall(package.read("xl/workbook.xml"))
    wanted = re.search(rb'\br:id="([^"]*)"', tags[index]) or re.search(
        rb':id="([^"]*)"', tags[index]
    )
    if not wanted:
        return ""
    for tag in RELATION.findall(package.read("xl/_rels/workbook.xml.rels")):
        if attribute(tag, b"Id") == wanted.group(1):
            target = attribute(tag, b"Target").decode()
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""


def column_number(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


class Flags:
    """Which cells hold an error or a formula that was never computed; by row."""

    def __init__(self) -> None:
        self.by_row: dict[int, list[tuple[int, str]]] = {}
        self.count = 0
        self.formulas = 0

    def scan(self, package: zipfile.ZipFile, path: str) -> None:
        """Look through the sheet's own text; the reader does not tell these cells apart."""
        rest = b""
        with package.open(path) as part:
            while chunk := part.read(CHUNK):
                rest += chunk
                last = max(
                    (m.end() for m in ROW_END.finditer(rest, max(0, len(rest) - CHUNK))), default=0
                )
                if not last and len(rest) > 16 * CHUNK:
                    raise Refused("damaged")
                self._look(rest[:last])
                rest = rest[last:]
        self._look(rest)

    def _look(self, text: bytes) -> None:
        self.formulas += len(FORMULA.findall(text))
        for code, pattern in (("error_cell", ERROR_CELL), ("formula_empty", FORMULA_WITHOUT_VALUE)):
            for found in pattern.finditer(text):
                place = PLACE.search(found.group(1))
                if place and self.count < MAX_FLAGS:
                    row = self.by_row.setdefault(int(place.group(2)), [])
                    row.append((column_number(place.group(1)), code))
                    self.count += 1


def plain(value: Any) -> Any:
    """A cell as JSON can hold it; dates and times are marked."""
    if isinstance(value, float):
        return plain_number(value)
    for kind, mark in ((dt.datetime, "t"), (dt.date, "d"), (dt.time, "h")):
        if isinstance(value, kind):
            return {mark: value.isoformat()}
    return value.total_seconds() / 86400 if isinstance(value, dt.timedelta) else value


def plain_number(value: float) -> float | int | str:
    """Whole numbers as such; what is no number as nothing."""
    if not math.isfinite(value):
        return ""
    return int(value) if value.is_integer() and abs(value) < EXACT else value


def merged_cells(sheet: Any, flags: Flags) -> None:
    """Flag the cells that a merged cell above or beside them has swallowed."""
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[:MAX_FLAGS]:
        for row in range(top, min(bottom, top + 10_000) + 1):
            for column in range(left, min(right, left + 1000) + 1):
                if (row, column) != (top, left) and flags.count < MAX_FLAGS:
                    flags.by_row.setdefault(row + 1, []).append((column, "merged"))
                    flags.count += 1


def flags_of(path: str, index: int) -> Flags:
    """The flags of the n-th sheet of a package."""
    flags = Flags()
    with zipfile.ZipFile(path) as package:
        inner = sheet_path(package, index)
        if inner in package.namelist():
            flags.scan(package, inner)
    return flags


def main(path: str) -> None:
    """Read the first visible sheet and write it to standard output."""
    limit_resources()
    import python_calamine

    out = sys.stdout
    is_package = zipfile.is_zipfile(path)
    if is_package:
        with zipfile.ZipFile(path) as package:
            check_package(package)
    book = python_calamine.load_workbook(path)
    visible = [
        index
        for index, sheet in enumerate(book.sheets_metadata)
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    if not visible:
        raise Refused("no_sheet")
    flags = flags_of(path, visible[0]) if is_package else Flags()
    sheet = book.get_sheet_by_index(visible[0])
    merged_cells(sheet, flags)
    about = {"sheet": sheet.name, "height": sheet.total_height, "formulas": flags.formulas}
    out.write(json.dumps(about | {"other_sheets": len(visible) - 1}) + "\n")
    left = sheet.start[1] if sheet.start else 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        marks = [(column - left, code) for column, code in flags.by_row.get(number, [])]
        out.write(json.dumps([number, [plain(cell) for cell in cells], marks]) + "\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Refused as refused:
        sys.stdout.write(json.dumps({"refused": str(refused)}) + "\n")
    except MemoryError:
        sys.stdout.write(json.dumps({"refused": "memory"}) + "\n")
    except Exception as error:  # noqa: BLE001  whatever the file makes the reader do
        name = type(error).__name__
        sys.stdout.write(
            json.dumps({"refused": "password" if name == "PasswordError" else "damaged"}) + "\n"
        )
