"""Facts and entries as markup: written in Python, once per part, not by a tag per value."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from guanxi.customers.page.words import Change
from guanxi.kernel.html import format_html, format_html_join
from guanxi.surfaces.html.facts import Fact
from guanxi.surfaces.templatetags.gx import icon_markup

if TYPE_CHECKING:
    from guanxi.customers.page.timeline import Entry

Html = SafeString | str
_SMALL = "icon-s"
_NOTHING = format_html("{}", "")
_BLANK = format_html('<span class="{}">—</span>', "none")


# Facts --------------------------------------------------------------------------------------------
def facts(shown: Iterable[Fact]) -> SafeString:
    """Facts as the component of every record's page shows them."""
    locale = get_language() or ""
    rows = format_html_join("", "{}", ((_fact(fact, locale),) for fact in shown))
    return format_html('<dl class="facts">{}</dl>', rows)


def _fact(fact: Fact, locale: str) -> SafeString:
    varying = {
        "title": fact.title,
        "reveal": fact.reveal_url,
        "copied": fact.copy,
        "history": fact.history_url,
        "edit": fact.edit_url,
    }
    there = {name: value for name, value in varying.items() if value}
    row = _fact_row(fact.name, fact.label, locale, tuple(there))
    return format_html(row, value=fact.html or _BLANK, **there)


@lru_cache(maxsize=4096)
def _fact_row(name: str, label: str, locale: str, there: tuple[str, ...]) -> str:
    """A fact's row with places for what varies: made once per field, language and buttons."""
    del locale  # Part of the key only.
    said = {
        "reveal": (_REVEAL, gettext("Show %(field)s in clear"), "eye"),
        "copied": (_COPY, gettext("Copy %(field)s"), "copy"),
        "history": (_HISTORY, gettext("History of %(field)s"), "history"),
        "edit": (_EDIT, gettext("Edit %(field)s"), "pencil"),
    }
    plain = label.translate(_BRACES)
    acts = format_html_join(
        "",
        "{}",
        (
            (format_html(markup, words % {"field": plain}, icon_markup(icon, _SMALL)),)
            for key, (markup, words, icon) in said.items()
            if key in there
        ),
    )
    title = _TITLE if "title" in there else _NOTHING
    return format_html(_ROW, name, title, plain, acts)


_BRACES = str.maketrans({"{": "{{", "}": "}}"})
_TITLE = format_html(' title="{}"', format_html("{}", "{title}"))
_ROW = '<div data-fact="{}"{}><dt>{}</dt><dd>{{value}}<span class="act">{}</span></dd></div>'
_REVEAL = (
    '<a class="btn btn-s btn-quiet btn-icon" href="{{reveal}}" data-dialog aria-label="{}">{}</a>'
)
_COPY = (
    '<button class="btn btn-s btn-quiet btn-icon" type="button" data-copy="{{copied}}" '
    'aria-label="{}">{}</button>'
)
_HISTORY = (
    '<a class="btn btn-s btn-quiet btn-icon" href="{{history}}" data-drawer aria-label="{}">{}</a>'
)
_EDIT = (
    '<a class="btn btn-s btn-quiet btn-icon" href="{{edit}}" hx-get="{{edit}}" '
    'hx-target="closest dd" hx-swap="innerHTML" aria-label="{}">{}</a>'
)


# Entries ------------------------------------------------------------------------------------------
class EntryWriter:
    """Writes the entries of a timeline for one reader."""

    def __init__(self, *, can_pin: bool) -> None:
        self.can_pin = can_pin
        self._pin = _pin_markup("pins", gettext("Pin on top"), is_pressed=False)
        self._unpin = _pin_markup("unpins", gettext("Unpin"), is_pressed=True)
        self._took_place, self._next = gettext("took place %(when)s"), gettext("next %(when)s")
        self._cleared = format_html('<span class="muted">{}</span>', gettext("cleared"))

    def write(self, entry: "Entry", *, on_top: bool = False) -> SafeString:
        """One entry; on top it says its day, in its place it can be pinned by its address."""
        anchor = _NOTHING
        if entry.event_id and not on_top:
            anchor = format_html(' id="event-{}"', entry.event_id)
        return format_html(
            '<li class="entry {}{}"{}><span class="mark">{}</span><div>{}{}{}{}</div></li>\n',
            entry.look, " gone" if entry.is_gone else _NOTHING, anchor, icon_markup(entry.icon),
            self._header(entry, on_top=on_top), self._text(entry), self._changes(entry.changes),
            self._after(entry),
        )  # fmt: skip

    def _header(self, entry: "Entry", *, on_top: bool) -> SafeString:
        source = _NOTHING
        if entry.source:
            source = format_html('<span class="muted source">{}</span>', entry.source)
        return format_html(
            '<header><span class="said"><b>{}</b> {}</span>{}<span class="end">{}{}'
            '<time datetime="{}" title="{}">{}</time></span></header>',
            entry.actor, entry.sentence, source, _link(entry), self._pinner(entry),
            entry.at.isoformat(), entry.full, entry.short if on_top else entry.clock,
        )  # fmt: skip

    def _pinner(self, entry: "Entry") -> Html:
        if not self.can_pin or not entry.event_id:
            return _NOTHING
        return format_html(self._unpin if entry.is_pinned else self._pin, entry.event_id)

    def _text(self, entry: "Entry") -> Html:
        if not entry.text or entry.is_told_above:
            return _NOTHING
        return format_html('<p class="text">{}</p>', entry.text)

    def _changes(self, changes: Sequence[Change]) -> Html:
        if not changes:
            return _NOTHING
        rows = format_html_join(
            "",
            "<div><dt>{}</dt><dd>{}{}</dd></div>",
            ((change.label, _before(change), self._after_change(change)) for change in changes),
        )
        return format_html('<dl class="changes">{}</dl>', rows)

    def _after_change(self, change: Change) -> Html:
        return format_html("<ins>{}</ins>", change.after) if change.after else self._cleared

    def _after(self, entry: "Entry") -> Html:
        notes = []
        if entry.took_place:
            notes.append(("clock", self._took_place % {"when": entry.took_place}))
        if entry.next_contact and not entry.is_told_above:
            notes.append(("calendar-clock", self._next % {"when": entry.next_contact}))
        if not notes:
            return _NOTHING
        words = ((icon_markup(icon, _SMALL), said) for icon, said in notes)
        spans = format_html_join("", "<span>{} {}</span>", words)
        return format_html('<div class="after">{}</div>', spans)


def _pin_markup(form: str, label: str, *, is_pressed: bool) -> str:
    """The pin's button with a place for the event."""
    return format_html(
        '<button class="btn btn-s btn-quiet btn-icon tool pin" form="{0}" aria-pressed="{1}" '
        'aria-label="{2}" title="{2}" name="event" value="{{}}">{3}</button>',
        form, str(is_pressed).lower(), label, icon_markup("pin", _SMALL),
    )  # fmt: skip


def _before(change: Change) -> Html:
    if not change.before:
        return _NOTHING
    return format_html('<del>{}</del> <span aria-hidden="true">→</span> ', change.before)


def _link(entry: "Entry") -> Html:
    if not entry.url:
        return _NOTHING
    stays = " stays" if entry.link_icon == "download" else ""
    return format_html(
        '<a class="btn btn-s btn-quiet btn-icon tool{0}" href="{1}" aria-label="{2}" title="{2}">'
        "{3}</a>",
        stays, entry.url, entry.link, icon_markup(entry.link_icon, _SMALL),
    )  # fmt: skip
