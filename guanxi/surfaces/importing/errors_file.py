"""The rows that were not taken, as a file that can be mended and imported again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from guanxi.kernel.files import AcceptedFile, keep_generated, stored_path
from guanxi.surfaces.exporting.writing import Column, Value, write_csv
from guanxi.surfaces.importing.mapping import error_heading, is_error_column
from guanxi.surfaces.importing.reading import open_table
from guanxi.surfaces.models import Import


def write_errors_file(source: Import, target: Path, *, is_preview: bool) -> int:
    """Write the refused rows with their own columns and the reasons; returns their number."""
    with open_table(stored_path(source.file_id), source.filename) as table:
        kept = [i for i, header in enumerate(table.headers) if not is_error_column(header)]
        columns = [Column(table.headers[i]) for i in kept] + [Column(error_heading())]
        reasons = _reasons(source, is_preview=is_preview)
        return write_csv(target, columns, _refused_rows(iter(table.rows), kept, reasons))


def _reasons(source: Import, *, is_preview: bool) -> Iterator[tuple[int, str]]:
    """The line and the words of every refused row, in the file's order."""
    chunks = source.chunks.filter(is_preview=is_preview).order_by("position")
    for problems in chunks.values_list("problems", flat=True).iterator():
        for report in sorted(problems, key=lambda each: each["line"]):
            yield report["line"], in_words(report)


def in_words(report: dict[str, Any]) -> str:
    """Every reason of a row in one line of text."""
    parts = [
        gettext("%(column)s: %(reason)s") % {"column": column, "reason": message}
        if column
        else message
        for column, _code, message in report["problems"]
    ]
    return gettext("; ").join(parts)


def _refused_rows(
    rows: Iterator[Any], kept: list[int], reasons: Iterator[tuple[int, str]]
) -> Iterator[list[Value]]:
    for line, words in reasons:
        row = next((row for row in rows if row.line == line), None)
        if row is None:
            return
        yield [*(row.cells[i] for i in kept), words]


def keep_errors_file(source: Import, *, is_preview: bool) -> AcceptedFile:
    """Store the refused rows beside the other files."""
    folder = Path(settings.FILES_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"errors-{source.pk.hex}"
    try:
        write_errors_file(source, target, is_preview=is_preview)
        return keep_generated(target, errors_name(source), "text/csv")
    finally:
        target.unlink(missing_ok=True)


def errors_name(source: Import) -> str:
    """What the file of refused rows is called."""
    stem = Path(source.filename.removesuffix(".gz")).stem[:80]
    return gettext("%(name)s-errors.csv") % {"name": stem}
