"""Facts and entries as markup: written in Python, once per part, not by a tag per value."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.customers.page.words import Change
from guanxi.kernel.html import format_html, format_html_join
from guanxi.surfaces.html.facts import Fact
from guanxi.surfaces.templatetags.gx import icon_markup

if TYPE_CHECKING:
    from guanxi.customers.page.timeline import Entry

Html = SafeString | str
_SMALL = "icon-s"
#: Known to be markup, so that it is not escaped again each time.
_BUTTON = format_html("{}", "btn btn-s btn-quiet btn-icon")
_DIALOG, _DRAWER = format_html("{}", "data-dialog"), format_html("{}", "data-drawer")
_NOTHING = format_html("{}", "")
_BLANK = format_html('<span class="{}">—</span>', "none")


# Facts --------------------------------------------------------------------------------------------
class FactWriter:
    """Writes facts as the component of every record's page does, for one reader."""

    def __init__(self) -> None:
        self._reveal = gettext("Show %(field)s in clear")
        self._copy = gettext("Copy %(field)s")
        self._history = gettext("History of %(field)s")
        self._edit = gettext("Edit %(field)s")

    def write(self, facts: Iterable[Fact]) -> SafeString:
        """A list of facts."""
        rows = format_html_join("", "{}", ((self._row(fact),) for fact in facts))
        return format_html('<dl class="facts">{}</dl>', rows)

    def _row(self, fact: Fact) -> SafeString:
        title = format_html(' title="{}"', fact.title) if fact.title else _NOTHING
        return format_html(
            '<div data-fact="{}"{}><dt>{}</dt><dd>{}<span class="act">{}</span></dd></div>',
            fact.name, title, fact.label, fact.html or _BLANK, self._acts(fact),
        )  # fmt: skip

    def _acts(self, fact: Fact) -> Html:
        parts: list[Html] = []
        named = {"field": fact.label}
        if fact.reveal_url:
            parts.append(_opener(fact.reveal_url, _DIALOG, self._reveal % named, "eye"))
        if fact.copy:
            parts.append(_copier(fact.copy, self._copy % named))
        if fact.history_url:
            parts.append(_opener(fact.history_url, _DRAWER, self._history % named, "history"))
        if fact.edit_url:
            parts.append(_editor(fact.edit_url, self._edit % named))
        return format_html_join("", "{}", ((part,) for part in parts))


def _opener(url: str, how: SafeString, label: str, icon: str) -> SafeString:
    return format_html(
        '<a class="{}" href="{}" {} aria-label="{}">{}</a>',
        _BUTTON, url, how, label, icon_markup(icon, _SMALL),
    )  # fmt: skip


def _copier(text: str, label: str) -> SafeString:
    return format_html(
        '<button class="{}" type="button" data-copy="{}" aria-label="{}">{}</button>',
        _BUTTON, text, label, icon_markup("copy", _SMALL),
    )  # fmt: skip


def _editor(url: str, label: str) -> SafeString:
    return format_html(
        '<a class="{}" href="{}" hx-get="{}" hx-target="closest dd" hx-swap="innerHTML" '
        'aria-label="{}">{}</a>',
        _BUTTON, url, url, label, icon_markup("pencil", _SMALL),
    )  # fmt: skip


# Entries ------------------------------------------------------------------------------------------
class EntryWriter:
    """Writes the entries of a timeline for one reader."""

    def __init__(self, *, can_pin: bool) -> None:
        self.can_pin = can_pin
        self._pin, self._unpin = gettext("Pin on top"), gettext("Unpin")
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
        form, pressed, label = (
            ("unpins", "true", self._unpin) if entry.is_pinned else ("pins", "false", self._pin)
        )
        return format_html(
            '<button class="{} tool pin" form="{}" aria-pressed="{}" aria-label="{}" title="{}" '
            'name="event" value="{}">{}</button>',
            _BUTTON, form, pressed, label, label, entry.event_id, icon_markup("pin", _SMALL),
        )  # fmt: skip

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


def _before(change: Change) -> Html:
    if not change.before:
        return _NOTHING
    return format_html('<del>{}</del> <span aria-hidden="true">→</span> ', change.before)


def _link(entry: "Entry") -> Html:
    if not entry.url:
        return _NOTHING
    stays = " stays" if entry.link_icon == "download" else ""
    return format_html(
        '<a class="{} tool{}" href="{}" aria-label="{}" title="{}">{}</a>',
        _BUTTON, stays, entry.url, entry.link, entry.link, icon_markup(entry.link_icon, _SMALL),
    )  # fmt: skip


# The decision chain -------------------------------------------------------------------------------
def dots(places: Iterable[tuple[int, bool]]) -> SafeString:
    """Influence as dots."""
    marked: Iterable[tuple[Any, ...]] = ((" on" if is_on else "", x) for x, is_on in places)
    return format_html_join("", '<circle class="bar{}" cx="{}" cy="38.5" r="2.5"/>', marked)


MOOD_SHAPES = {
    "for": format_html('<circle class="{}" cx="18" cy="38.5" r="4.5"/>', "mood"),
    "against": format_html('<path class="{}" d="M18 33l5.5 5.5-5.5 5.5-5.5-5.5z"/>', "mood"),
    "neutral": format_html('<circle class="{}" cx="18" cy="38.5" r="4"/>', "mood ring"),
    "open": format_html(
        '<circle class="{}" cx="18" cy="38.5" r="4" stroke-dasharray="2 2"/>', "mood ring"
    ),
}
