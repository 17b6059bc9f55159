"""Filling values into markup escapes exactly what Django's own function escapes (C01)."""

import pytest
from django.utils import html as theirs
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel import html as ours


class Markup:
    def __html__(self) -> str:
        return "<i>made elsewhere</i>"


VALUES = [
    "plain",
    "<script>alert(1)</script>",
    "\"'&<>",
    "&amp;",
    "",
    "关系 🙂 𠮷",
    mark_safe("<b>safe</b>"),
    gettext_lazy("Name"),
    gettext_lazy("<b>%s</b>"),
    17,
    -1.5,
    None,
    True,
    ["<", ">"],
    {"<": ">"},
    b"<bytes>",
    Markup(),
]


@pytest.mark.parametrize("value", VALUES)
def test_each_value_is_escaped_as_django_does(value):
    made = ours.format_html('<a title="{}" class="{more}">', value, more=value)
    assert made == theirs.format_html('<a title="{}" class="{more}">', value, more=value)
    assert isinstance(made, SafeString)


@given(st.text())
def test_any_text_is_escaped_as_django_does(text):
    assert ours.format_html("<p>{}</p>", text) == theirs.format_html("<p>{}</p>", text)


def test_a_string_of_another_class_is_no_way_around():
    class Sly(str):
        """A text that says nothing about being markup."""

        __slots__ = ()

    assert ours.escaped(Sly("<script>")) == "&lt;script&gt;"


@pytest.mark.parametrize("between", ["", ", ", "<br>", mark_safe("<br>")])
@pytest.mark.parametrize("markup", ["{}", "<li>{}</li>"])
def test_rows_are_joined_as_django_does(between, markup):
    rows = [(value,) for value in VALUES]
    assert ours.format_html_join(between, markup, rows) == theirs.format_html_join(
        between, markup, rows
    )
