"""Template tags of the pages: icons, keys of forms, and nothing that decides anything."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString

from guanxi.kernel.html import format_html
from guanxi.surfaces.html.formats import in_sentence
from guanxi.surfaces.html.once import NAME, new_key

register = template.Library()


@cache
def icon_markup(name: str, classes: str = "") -> SafeString:
    """One icon of the sprite; always beside a word or inside a labelled control."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        classes,
        static("vendor/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Draw an icon by its name in tools/icons.txt."""
    return icon_markup(name or "circle", classes)


register.filter("in_sentence", in_sentence)


@register.simple_tag
def once() -> SafeString:
    """The key by which a form that is sent twice makes one record (G02)."""
    return format_html('<input type="hidden" name="{}" value="{}">', NAME, new_key())
