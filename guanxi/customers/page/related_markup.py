"""People, decision chain and trade as markup, beside the timeline."""

from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.kernel.html import format_html, format_html_join
from guanxi.surfaces.templatetags.gx import icon_markup

if TYPE_CHECKING:
    from guanxi.customers.page.related import Deal, Node, Person, Way

_NOTHING = format_html("{}", "")
_SMALL = "icon-s"


# People -------------------------------------------------------------------------------------------
class PeopleWriter:
    """Writes the contacts of a customer for one reader."""

    def __init__(self) -> None:
        self._main = format_html('<span class="chip chip-jade">{}</span>', gettext("Main"))
        self._edit = gettext("Edit %(name)s")
        self._copy = gettext("Copy %(field)s of %(name)s")
        self._reveal = gettext("Show %(field)s of %(name)s in clear")
        self._pencil, self._eye = icon_markup("pencil", _SMALL), icon_markup("eye", _SMALL)
        self._twice, self._ban = icon_markup("copy", _SMALL), icon_markup("ban", _SMALL)

    def write(self, person: "Person") -> SafeString:
        """One contact with the ways to reach them."""
        ways = format_html_join("", "{}", ((self._way(person, way),) for way in person.ways))
        sub = format_html('<span class="sub">{}</span>', person.line) if person.line else _NOTHING
        return format_html(
            '<li><span class="face" aria-hidden="true">{}</span><div class="grow">'
            '<div class="line"><a href="/contacts/{}/" data-card>{}</a>{}{}{}</div>{}{}</div></li>',
            person.name[:1], person.id, person.name, self._main if person.is_primary else _NOTHING,
            self._quiet(person), self._editor(person), sub, ways,
        )  # fmt: skip

    def _quiet(self, person: "Person") -> SafeString:
        if not person.disturb_rule:
            return _NOTHING
        return format_html(
            '<span class="quiet-mark" title="{0}">{1}'
            '<span class="visually-hidden">{0}</span></span>',
            person.disturb_rule, self._ban,
        )  # fmt: skip

    def _editor(self, person: "Person") -> SafeString:
        if not person.edit_url:
            return _NOTHING
        return format_html(
            '<a class="btn btn-s btn-quiet btn-icon act" href="{}" aria-label="{}">{}</a>',
            person.edit_url, self._edit % {"name": person.name}, self._pencil,
        )  # fmt: skip

    def _way(self, person: "Person", way: "Way") -> SafeString:
        named = {"field": way.label, "name": person.name}
        act = _NOTHING
        if way.copy:
            act = format_html(
                '<button class="btn btn-s btn-quiet btn-icon act" type="button" data-copy="{}" '
                'aria-label="{}">{}</button>',
                way.copy, self._copy % named, self._twice,
            )  # fmt: skip
        elif way.reveal_url:
            act = format_html(
                '<a class="btn btn-s btn-quiet btn-icon act" href="{}" data-dialog '
                'aria-label="{}">{}</a>',
                way.reveal_url, self._reveal % named, self._eye,
            )  # fmt: skip
        return format_html(
            '<span class="way">{}<span class="visually-hidden">{} </span>{}{}</span>',
            icon_markup(way.icon, _SMALL), way.label, _reach(way), act,
        )  # fmt: skip


def _reach(way: "Way") -> SafeString:
    if way.url:
        return format_html('<a href="{}">{}</a>', way.url, way.text)
    classes = "" if way.copy else "masked"
    return format_html('<span class="{}">{}</span>', classes, way.text)


# The decision chain -------------------------------------------------------------------------------
#: An attitude is told by shape and word, never by colour alone.
_MOOD_SHAPES = {
    "for": format_html('<circle class="{}" cx="18" cy="38.5" r="4.5"/>', "mood"),
    "against": format_html('<path class="{}" d="M18 33l5.5 5.5-5.5 5.5-5.5-5.5z"/>', "mood"),
    "neutral": format_html('<circle class="{}" cx="18" cy="38.5" r="4"/>', "mood ring"),
    "open": format_html(
        '<circle class="{}" cx="18" cy="38.5" r="4" stroke-dasharray="2 2"/>', "mood ring"
    ),
}
_CARD = (
    '<a class="{mood}" href="/contacts/{pk}/">'
    '<g transform="translate({x} {y})"><title>{spoken}</title>'
    '<rect class="card-box" width="{width}" height="54" rx="6"/>'
    '<path class="edge" d="M0 6a6 6 0 0 1 4-5.6v53.2A6 6 0 0 1 0 48z"/>'
    '<text class="who" x="14" y="22">{name}</text>{shape}'
    '<text class="mood-word" x="28" y="42.5">{attitude}'
    '<tspan class="post" dx="8">{post}</tspan></text>'
    '<text class="part" x="{end}" y="22" text-anchor="end">{role}</text>{dots}</g></a>\n'
)


def card(node: "Node") -> SafeString:
    """One person on the map, leading to their page."""
    placed = node.card
    marked = ((" on" if is_on else "", place) for place, is_on in placed.dots)
    dots = format_html_join("", '<circle class="bar{}" cx="{}" cy="38.5" r="2.5"/>', marked)
    return format_html(
        _CARD, mood=placed.mood, pk=placed.person.pk, spoken=node.spoken, x=placed.x, y=placed.y,
        width=placed.width, name=node.name, shape=_MOOD_SHAPES[placed.mood], end=placed.end,
        attitude=node.attitude, post=node.post, role=node.role, dots=dots,
    )  # fmt: skip


# Trade --------------------------------------------------------------------------------------------
class DealWriter:
    """Writes orders or payments for one reader."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._back = format_html(' <span class="chip chip-amber">{}</span>', gettext("Return"))
        self._void = format_html(' <span class="chip">{}</span>', gettext("Cancelled"))

    def write(self, deal: "Deal") -> SafeString:
        """One order or payment."""
        return format_html(
            '<li class="{}"><div class="grow"><a href="/{}/{}/">{}</a>{}{}'
            '<span class="sub cut">{}</span></div><span class="end">{}</span></li>',
            "void" if deal.is_void else "", self.key, deal.id, deal.number,
            self._back if deal.is_back else _NOTHING, self._void if deal.is_void else _NOTHING,
            deal.sub, deal.amount,
        )  # fmt: skip
