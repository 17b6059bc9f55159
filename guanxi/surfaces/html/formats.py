"""Values as people read them: dates, amounts, choices; once per request, not per cell."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from guanxi.kernel import identifiers
from guanxi.kernel.actor import Actor
from guanxi.kernel.html import format_html, format_html_join
from guanxi.surfaces.amounts import minor_digits
from guanxi.surfaces.fields import Field
from guanxi.surfaces.listing import Listing, Masked
from guanxi.surfaces.records import get_record_type

SYMBOLS = {"CNY": "¥", "GBP": "£", "USD": "$", "EUR": "€", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
BLANK: tuple[Any, ...] = (None, "", [], (), {})
Html = SafeString | str


class Formatter:
    """Writes values for one reader at one instant."""

    def __init__(self, actor: Actor, at: datetime) -> None:
        self.actor, self.at, self.zone = actor, at, ZoneInfo(actor.time_zone)
        self.today = at.astimezone(self.zone).date()
        self._days = [
            gettext("Mon"), gettext("Tue"), gettext("Wed"), gettext("Thu"),
            gettext("Fri"), gettext("Sat"), gettext("Sun"),
        ]  # fmt: skip
        self._yes, self._no = gettext("Yes"), gettext("No")
        self._choices: dict[str, dict[str, str]] = {}
        self._linked: dict[str, str] = {}

    # Text -----------------------------------------------------------------------------------------
    def text(self, field: Field, value: Any) -> str:
        """The plain words of a value, as in lists, titles and history."""
        if value in BLANK:
            return ""
        if isinstance(value, Masked):
            return str(value)
        if field.named is not None:
            return self.named(field).get(str(value), str(value))
        if field.look == "map" and isinstance(value, Mapping):
            return gettext("; ").join(said_of_each(value))
        writer = self._writers.get(field.type)
        return writer(self, field, value) if writer else str(value)

    def money(self, minor: int, currency: str = "CNY") -> str:
        """An amount of minor units: ¥12,345.60."""
        places = minor_digits(currency)
        sign = "-" if minor < 0 else ""
        whole, part = divmod(abs(int(minor)), 10**places)
        symbol = SYMBOLS.get(currency, f"{currency} ")
        return f"{sign}{symbol}{whole:,}" + (f".{part:0{places}d}" if places else "")

    def day(self, value: date) -> str:
        """2026-03-11 周三."""
        return f"{value.isoformat()} {self._days[value.weekday()]}"

    def moment(self, value: datetime) -> str:
        """2026-03-11 周三 14:30, in the reader's zone."""
        local = value.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def clock(self, value: datetime) -> str:
        """14:30, in the reader's zone."""
        return f"{value.astimezone(self.zone):%H:%M}"

    def moment_short(self, value: datetime) -> str:
        """A moment for a list: the clock alone today, the year only when it is another one."""
        local = value.astimezone(self.zone)
        if local.date() == self.today:
            return gettext("today %(time)s") % {"time": f"{local:%H:%M}"}
        if local.date() == self.today - timedelta(days=1):
            return gettext("yesterday %(time)s") % {"time": f"{local:%H:%M}"}
        return f"{local:%m-%d %H:%M}" if local.year == self.today.year else f"{local:%Y-%m-%d}"

    def day_heading(self, value: date) -> str:
        """The heading of a day in the timeline."""
        if value == self.today:
            return gettext("Today")
        if value == self.today - timedelta(days=1):
            return gettext("Yesterday")
        return self.day(value)

    def choice(self, field: Field, value: str) -> str:
        """The label of a choice; an unknown one shows as it is stored."""
        labels = self._choices.get(field.name)
        if labels is None:
            labels = self._choices[field.name] = {str(v): str(name) for v, name in field.choices}
        return labels.get(str(value), str(value))

    def named(self, field: Field) -> Mapping[str, str]:
        """What people call the codes of a field such as a record's type; read once."""
        if field.named is not None and field.name not in self._choices:
            self._choices[field.name] = dict(field.named())
        return self._choices.get(field.name, {})

    def deadline(self, moment: datetime) -> tuple[str, str]:
        """State and words of a time by which something is due."""
        left = moment - self.at
        if left < timedelta(0):
            return "late", gettext("%(span)s late") % {"span": span(-left)}
        if moment.astimezone(self.zone).date() == self.today:
            return "soon", gettext("today %(time)s") % {
                "time": f"{moment.astimezone(self.zone):%H:%M}"
            }
        return "open", gettext("%(span)s left") % {"span": span(left)}

    # Markup ---------------------------------------------------------------------------------------
    def html(self, field: Field, value: Any) -> Html:
        """A value as a fact on a record's page: links where a click makes sense."""
        if value in BLANK and value is not False:
            return ""
        if isinstance(value, Masked):
            return format_html('<span class="masked">{}</span>', value)
        if field.look == "deadline" and isinstance(value, datetime):
            return self.due(value)
        if field.look == "tier":
            return format_html(
                '<span class="tier tier-{}">{}</span>', value, self.choice(field, value)
            )
        maker = self._markup.get(field.type)
        return maker(self, field, value) if maker else self.text(field, value)

    def due(self, moment: datetime) -> SafeString:
        """The deadline chip: shape, word and colour together."""
        state, words = self.deadline(moment)
        return format_html(
            '<span class="due due-{}" title="{}">{}{}</span>',
            state, self.moment(moment), DUE_SHAPES[state], words,
        )  # fmt: skip

    def when(self, moment: datetime) -> SafeString:
        """A moment in words that the page keeps fresh."""
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            moment.isoformat(), self.moment(moment), self.moment_short(moment),
        )  # fmt: skip

    def _link(self, field: Field, value: dict[str, Any]) -> Html:
        """A reference as a link, when the reader may see such records at all."""
        base = self._linked.get(field.ref)
        if base is None:
            target = get_record_type(field.ref)
            base = f"/{target.plural}/" if self.actor.can(target.allows("view")) else ""
            self._linked[field.ref] = base
        if not base:
            return str(value["label"])
        return format_html('<a href="{}{}/" data-card>{}</a>', base, value["id"], value["label"])

    def _chips(self, field: Field, value: list[Any]) -> Html:
        labels = [v["label"] if isinstance(v, dict) else self.choice(field, v) for v in value]
        return format_html_join("", '<span class="chip">{}</span>', ((label,) for label in labels))

    def _reference(self, field: Field, value: Any) -> Html:
        return self._link(field, value) if isinstance(value, dict) else str(value)

    def _web(self, field: Field, value: str) -> Html:
        del field
        return format_html(
            '<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', value, value
        )

    def _mail(self, field: Field, value: str) -> Html:
        if not field.is_clear(self.actor):
            return format_html('<span class="masked">{}</span>', value)
        return format_html('<a href="mailto:{}">{}</a>', value, value)

    def _phone(self, field: Field, value: str) -> Html:
        if not field.is_clear(self.actor):
            return format_html('<span class="masked">{}</span>', value)
        dialled = "".join(c for c in value if c.isdigit() or c == "+")
        return format_html('<a href="tel:{}">{}</a>', dialled, national(value, self.actor.locale)
        )  # fmt: skip

    def _long(self, field: Field, value: str) -> Html:
        del field
        return format_html('<span class="long">{}</span>', value)

    # By type --------------------------------------------------------------------------------------
    def _write_money(self, field: Field, value: Any) -> str:
        del field
        if not isinstance(value, int):
            return str(value)
        return self.money(value, getattr(value, "currency", "CNY"))

    def _write_number(self, field: Field, value: Any) -> str:
        if field.look == "year":
            return str(value)
        return f"{value:,}" if isinstance(value, int | float | Decimal) else str(value)

    def _write_condition(self, field: Field, value: Any) -> str:
        from guanxi.surfaces.html.filters import Describer

        listing = Listing(get_record_type(field.ref), self.actor, at=self.at)
        describer = Describer(listing, Formatter(self.actor, self.at))
        describer.prepare([value])
        return describer.node(value)

    def _write_boolean(self, field: Field, value: Any) -> str:
        del field
        return self._yes if value else self._no

    def _write_date(self, field: Field, value: Any) -> str:
        del field
        return value.isoformat() if isinstance(value, date) else str(value)

    def _write_moment(self, field: Field, value: Any) -> str:
        del field
        return self.moment(value) if isinstance(value, datetime) else str(value)

    def _write_reference(self, field: Field, value: Any) -> str:
        del field
        return str(value["label"]) if isinstance(value, dict) else str(value)

    def _write_several(self, field: Field, value: Any) -> str:
        if not isinstance(value, list):
            return str(value)
        words = [v["label"] if isinstance(v, dict) else self.choice(field, v) for v in value]
        return gettext(", ").join(str(word) for word in words)

    def _write_phone(self, field: Field, value: Any) -> str:
        return national(str(value), self.actor.locale) if field.is_clear(self.actor) else str(value)

    def _write_choice(self, field: Field, value: Any) -> str:
        return self.choice(field, value)

    _writers: dict[str, Callable[["Formatter", Field, Any], str]] = {
        "phone": _write_phone,
        "money": _write_money,
        "integer": _write_number,
        "decimal": _write_number,
        "boolean": _write_boolean,
        "condition": _write_condition,
        "date": _write_date,
        "datetime": _write_moment,
        "choice": _write_choice,
        "multichoice": _write_several,
        "refs": _write_several,
        "ref": _write_reference,
    }
    _markup: dict[str, Callable[["Formatter", Field, Any], Html]] = {
        "ref": _reference,
        "refs": _chips,
        "multichoice": _chips,
        "url": _web,
        "email": _mail,
        "phone": _phone,
        "longtext": _long,
    }


def in_sentence(label: object) -> str:
    """What people call a kind of record, inside a sentence: English has no capitals there."""
    text = str(label)
    is_name = not (get_language() or "").startswith("en") or text[:2].isupper()
    return text if is_name else text[:1].lower() + text[1:]


@lru_cache(maxsize=8192)
def national(stored: str, locale: str) -> str:
    """A stored telephone number as people of this country write it."""
    del locale  # The word for an extension is part of the answer.
    return identifiers.shown_phone(stored)


def span(length: timedelta) -> str:
    """A length of time in its largest unit: 3 天, 5 小时, 20 分."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if minutes < 60 * 24:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    days = minutes // (60 * 24)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def _shape(inner: SafeString) -> SafeString:
    return format_html('<svg viewBox="0 0 12 12" aria-hidden="true">{}</svg>', inner)


_RING = format_html('<circle cx="6" cy="6" r="{}"/>', "4.6")
DUE_SHAPES = {
    "open": _shape(_RING),
    "soon": _shape(
        format_html('{}<path class="fill" d="{}"/>', _RING, "M6 1.4a4.6 4.6 0 0 1 0 9.2z")
    ),
    "late": _shape(format_html('<circle class="fill" cx="6" cy="6" r="{}"/>', "5.2")),
}


def said_of_each(value: Mapping[str, Any]) -> list[str]:
    """What is said of each of several names: core = 10; numbers as people write them."""
    return [f"{name} = {_words_of(said)}" for name, said in value.items()]


def _words_of(said: Any) -> str:
    """A value, or several with blanks between them."""
    parts = said if isinstance(said, list) else [said]
    return " ".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)
