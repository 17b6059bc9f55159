"""Forms as blank workbooks: one sheet to import from, one to print; columns of any record type."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext

from guanxi.surfaces.exporting.writing import new_workbook

Label = str | Promise
_INK, _MUTED, _LINE, _JADE, _PAPER = "#1F2937", "#6B7280", "#B8C4C2", "#0F766E", "#EEF5F4"
_PRINTED_ROW: Final = 24
_BOX: Final = "□"


@dataclass(frozen=True)
class Entry:
    """One blank of a form: its label, how tall and wide it is, the choices to tick."""

    label: Label
    lines: int = 1
    is_wide: bool = False
    choices: tuple[Label, ...] = ()
    column: Label = ""

    @property
    def heading(self) -> str:
        """What the column of the import sheet is called."""
        return str(self.column or self.label)


@dataclass(frozen=True)
class FormPart:
    """A titled group of blanks."""

    title: Label
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class BlankForm:
    """A form as people know it from paper."""

    key: str
    title: Label
    note: Label
    parts: tuple[FormPart, ...]

    @property
    def entries(self) -> list[Entry]:
        """Every blank in order."""
        return [entry for part in self.parts for entry in part.entries]


_forms: dict[str, BlankForm] = {}


def register_form(form: BlankForm) -> BlankForm:
    """Offer a form for download."""
    _forms[form.key] = form
    return form


def blank_forms() -> dict[str, BlankForm]:
    """Every form on offer, by key."""
    return dict(_forms)


def write_blank_form(path: Path, form: BlankForm) -> None:
    """Write a form: its first sheet is what the importer reads, the one shown is to be printed."""
    book = new_workbook(path)
    _write_columns(book, gettext("For import"), [entry.heading for entry in form.entries])
    _Printed(book, form).write()
    book.close()


def write_column_sheet(path: Path, title: str, columns: Sequence[tuple[str, str]]) -> None:
    """Write an empty import sheet for any record type: headings, and what each column takes."""
    book = new_workbook(path)
    _write_columns(book, title, [label for label, _about in columns])
    sheet = book.add_worksheet(gettext("About the columns"))
    plain = book.add_format(_font(text_wrap=True, valign="top"))
    sheet.set_column(0, 0, 28, plain)
    sheet.set_column(1, 1, 80, plain)
    for line, (label, about) in enumerate(columns):
        sheet.write_string(line, 0, label)
        sheet.write_string(line, 1, about)
    book.close()


def _font(**more: Any) -> dict[str, Any]:
    return {"font_name": "Microsoft YaHei", "font_size": 10, "font_color": _INK} | more


def _write_columns(book: Any, title: str, headings: Sequence[str]) -> None:
    sheet = book.add_worksheet(title[:28])
    head = book.add_format(_font(bold=True, bg_color=_PAPER, bottom=2, bottom_color=_JADE))
    text = book.add_format(_font(num_format="@"))
    for place, heading in enumerate(headings):
        width = sum(2 if c > "\u2e80" else 1 for c in heading) + 4
        sheet.set_column(place, place, max(12, width), text)
        sheet.write_string(0, place, heading, head)
    sheet.set_row(0, 22)
    sheet.freeze_panes(1, 1)


class _Printed:
    """The sheet to print: a quiet grid on one page of A4."""

    def __init__(self, book: Any, form: BlankForm) -> None:
        self.form = form
        self.sheet = book.add_worksheet(gettext("To print"))
        box = {"border": 1, "border_color": _LINE, "valign": "vcenter", "text_wrap": True}
        self.title = book.add_format(
            _font(font_size=16, bold=True, align="center", valign="vcenter")
        )
        self.note = book.add_format(_font(font_size=9, font_color=_MUTED, align="center"))
        self.part = book.add_format(
            _font(bold=True, font_color=_JADE, bottom=2, bottom_color=_JADE)
        )
        self.label = book.add_format(_font(bg_color=_PAPER, **box))
        self.blank = book.add_format(_font(**box))
        self.line = 0

    def write(self) -> None:
        """Lay the form out from top to bottom."""
        sheet = self.sheet
        sheet.activate()
        sheet.set_paper(9)
        sheet.set_portrait()
        sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 1)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        for place, width in enumerate((17, 28, 17, 28)):
            sheet.set_column(place, place, width)
        sheet.set_row(0, 34)
        sheet.merge_range(0, 0, 0, 3, str(self.form.title), self.title)
        sheet.merge_range(1, 0, 1, 3, str(self.form.note), self.note)
        self.line = 2
        for part in self.form.parts:
            self._write_part(part)
        sheet.print_area(0, 0, self.line, 3)

    def _write_part(self, part: FormPart) -> None:
        self.sheet.set_row(self.line, 22)
        self.sheet.merge_range(self.line, 0, self.line, 3, str(part.title), self.part)
        self.line += 1
        is_left = True
        for entry in part.entries:
            if entry.is_wide and not is_left:
                self._close_row()
                is_left = True
            self._write_entry(entry, 0 if is_left else 2)
            if entry.is_wide or not is_left:
                self.line += 1
                is_left = True
            else:
                is_left = False
        if not is_left:
            self._close_row()

    def _write_entry(self, entry: Entry, place: int) -> None:
        self.sheet.set_row(self.line, _PRINTED_ROW * entry.lines)
        self.sheet.write_string(self.line, place, str(entry.label), self.label)
        ticks = "    ".join(f"{_BOX} {choice}" for choice in entry.choices)
        if entry.is_wide:
            self.sheet.merge_range(self.line, 1, self.line, 3, ticks, self.blank)
        else:
            self.sheet.write_string(self.line, place + 1, ticks, self.blank)

    def _close_row(self) -> None:
        """Leave no hole where a row has only its left half."""
        self.sheet.write_blank(self.line, 2, None, self.label)
        self.sheet.write_blank(self.line, 3, None, self.blank)
        self.line += 1
