"""Pages obey the strict content policy and trust no markup but what one place has made."""

import re

import pytest

from tests.architecture.source import files, name_of

FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>{]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an inline script": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE
    ),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "htmx code in an attribute": re.compile(
        r"hx-on|hx-vals\s*=\s*['\"]\s*js:|hx-trigger=\"[^\"]*\["
    ),
    "unescaped output": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}

#: Who may call a string safe markup, and why.
MAKES_MARKUP = {
    "guanxi/kernel/html.py": "fills values into markup, each of them escaped",
}


def complaints(text: str) -> set[str]:
    """What the text of a template does that it must not."""
    return {what for what, pattern in FORBIDDEN.items() if pattern.search(text)}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<div class="a" style="color:red">', "a style attribute"),
        ('<button type="button" onclick="go()">', "an event attribute"),
        ("<script>go()</script>", "an inline script"),
        ("<style>a{}</style>", "an inline style sheet"),
        ('<a href="javascript:go()">', "a script address"),
        ('<div hx-trigger="click[ctrlKey]">', "htmx code in an attribute"),
        ("{{ note|safe }}", "unescaped output"),
    ],
)
def test_the_patterns_see_what_they_forbid(text, what):
    assert complaints(text) == {what}


def test_the_patterns_let_ordinary_markup_pass():
    page = (
        '<script src="/a.js" defer></script><p class="x" data-on="1" hx-trigger="click">{{ a }}</p>'
    )
    assert complaints(page) == set()


def test_no_template_breaks_the_content_policy():
    templates = [path for path in files(".html", ".txt", ".svg") if "templates" in path.parts]
    found = {name_of(path): complaints(path.read_text("utf-8")) for path in templates}
    assert len(found) > 10
    assert {name: what for name, what in found.items() if what} == {}


def test_only_one_place_calls_a_string_safe():
    callers = {
        name
        for path in files(".py")
        if re.search(r"\bmark_safe\(|\bSafeString\(", path.read_text("utf-8"))
        for name in [name_of(path)]
    }
    assert callers - set(MAKES_MARKUP) == set()
