"""The rows of a list as markup: formatted in Python, once per column, not by a tag per cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.kernel.html import format_html, format_html_join
from guanxi.surfaces.fields import NUMERIC, Field
from guanxi.surfaces.html.formats import BLANK, Formatter
from guanxi.surfaces.listing import Row
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.templatetags.gx import icon_markup

WIDE_AFTER = 6
LONGEST = 120
DRAWN = frozenset({"tier", "deadline"})
REPEATING = frozenset({"choice", "boolean", "ref"})
EDITABLE = frozenset(
    {"text", "integer", "decimal", "money", "boolean", "choice", "date", "datetime", "phone",
     "email", "url", "ref", "code"}
)  # fmt: skip
Cell = Callable[[Any], SafeString]


@dataclass(frozen=True)
class RowRights:
    """What the reader may do with the rows of this list, said once for all of them."""

    can_pick: bool
    can_change: bool


class RowWriter:
    """Writes the rows of one list for one reader."""

    def __init__(
        self, record_type: RecordType, columns: Sequence[Field], formatter: Formatter,
        rights: RowRights, frozen: int = 1,
    ) -> None:  # fmt: skip
        self.type, self.formatter, self.rights = record_type, formatter, rights
        self.frozen = frozen
        self.first, self.rest = columns[0], columns[1:]
        self.cells = [(c.name, self.cell(c, i)) for i, c in enumerate(self.rest, start=1)]
        self.peek_label, self.edit_label = gettext("Preview"), gettext("Edit")

    def row(self, row: Row) -> SafeString:
        """One row: its box, its name as the link, its cells, its actions."""
        url = f"/{self.type.plural}/{row.pk}/"
        title = self.title(row)
        cells = format_html_join("", "{}", ((w(row.values[n]),) for n, w in self.cells))
        return format_html(
            '<tr data-id="{}" data-version="{}" data-url="{}">{}'
            '<th scope="row" class="name"><a href="{}" title="{}">{}</a></th>{}{}</tr>',
            row.pk, row.version, url, self._box(row.pk, title), url, title, title, cells,
            self._actions(url, title),
        )  # fmt: skip

    def title(self, row: Row) -> str:
        """The words of the first column, or the id where there are none."""
        words = self.formatter.text(self.first, row.values[self.first.name])
        return words[:LONGEST] or f"#{row.pk}"

    def _box(self, pk: Any, title: str) -> SafeString | str:
        if not self.rights.can_pick:
            return ""
        return format_html(
            '<td class="pick"><input class="form-check-input" type="checkbox" name="id" '
            'value="{}" form="bulk" aria-label="{}"></td>',
            pk, title,
        )  # fmt: skip

    def _actions(self, url: str, title: str) -> SafeString:
        edit: SafeString | str = ""
        if self.rights.can_change:
            edit = format_html(
                '<a class="btn btn-s btn-quiet btn-icon" href="{}edit/" data-edit '
                'aria-label="{} {}">{}</a>',
                url, self.edit_label, title, icon_markup("pencil", "icon-s"),
            )  # fmt: skip
        return format_html(
            '<td class="acts"><span><a class="btn btn-s btn-quiet btn-icon" href="{}peek/" '
            'data-drawer aria-label="{} {}">{}</a>{}</span></td>',
            url, self.peek_label, title, icon_markup("panel-right", "icon-s"), edit,
        )  # fmt: skip

    # Cells ----------------------------------------------------------------------------------------
    def cell(self, column: Field, position: int) -> Cell:
        """A function that writes this column's cell from a value."""
        classes = self.classes(column, position)
        blank = format_html(
            '<td class="{} blank-cell"{}><span class="blank">—</span></td>', classes,
            self._marks(column),
        )  # fmt: skip
        start = format_html(
            '<td class="{}"{} data-label="{}"', classes, self._marks(column), column.label
        )
        inner = self._inner(column)

        def write(value: Any) -> SafeString:
            if value in BLANK and value is not False:
                return blank
            words, title = inner(value)
            return format_html('{} title="{}">{}</td>', start, title, words)

        return _remembering(write) if column.type in REPEATING else write

    def classes(self, column: Field, position: int) -> str:
        """The classes of a column's cells."""
        found = ["num"] if column.type in NUMERIC else []
        if column.type in {"refs", "multichoice"} or column.look == "tier":
            found.append("bare")
        if 0 < position < self.frozen:
            found.append(f"frozen frozen-{position}")
        if position > WIDE_AFTER:
            found.append("wide-only")
        if self.is_editable(column):
            found.append("editable")
        return " ".join(found)

    def is_editable(self, column: Field) -> bool:
        """Whether a cell of this column opens for editing."""
        actor = self.formatter.actor
        return (
            self.rights.can_change
            and not column.readonly
            and column.type in EDITABLE
            and column.is_clear(actor)
        )

    def _marks(self, column: Field) -> SafeString | str:
        if not self.is_editable(column):
            return ""
        return format_html(' data-field="{}" tabindex="-1"', column.name)

    def _inner(self, column: Field) -> Callable[[Any], tuple[SafeString | str, str]]:
        """A function from a value to its markup and its title."""
        formatter = self.formatter
        if column.type == "datetime" and column.look != "deadline":
            return lambda v: _moment(formatter, v)
        if column.look in DRAWN or column.type in {"ref", "refs", "multichoice"}:
            return lambda v: (formatter.html(column, v), formatter.text(column, v))

        def plain(value: Any) -> tuple[str, str]:
            words = formatter.text(column, value)
            return words[:LONGEST], words[:600]

        return plain


def _remembering(write: Cell) -> Cell:
    """Write each value of a column that repeats itself only once."""
    written: dict[Any, SafeString] = {}

    def remembered(value: Any) -> SafeString:
        key = value["id"] if isinstance(value, dict) else value
        if key not in written:
            written[key] = write(value)
        return written[key]

    return remembered


def _moment(formatter: Formatter, value: Any) -> tuple[str, str]:
    if not isinstance(value, datetime):
        return str(value), str(value)
    return formatter.moment_short(value), formatter.moment(value)
