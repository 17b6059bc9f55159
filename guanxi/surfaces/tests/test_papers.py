"""Templates of papers: words in braces stand for values, and nothing else happens (STD-1)."""

import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.papers import Piece, check_template, fill

PAPER = "complaints.letter"


@pytest.mark.parametrize(
    ("body", "pieces"),
    [
        ("{who}，您好\n\n再见", [("王总，您好", False), ("再见", False)]),
        ("# 结果\n{findings}\n\n{today}", [("{handler}", False)]),  # a value is no template
        ("# 结果\n\n{who}", [("结果", True), ("王总", False)]),
        ("{findings}{who}", [("王总", False)]),
        ("# 空\n{findings}\n\n# 末", []),
        ("a\r\n\r\nb", [("a", False), ("b", False)]),
        ("<b>{who}</b>", [("<b>王总</b>", False)]),  # pages escape it
        ("", []),
    ],
)
def test_a_template_is_filled(body, pieces):
    words = {"who": "王总", "findings": "", "today": "{handler}"}
    assert fill(body, words) == [Piece(text, is_heading) for text, is_heading in pieces]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"paper": PAPER, "body": "{who.__class__}"}, "no_such_word"),
        ({"paper": PAPER, "body": "{0}"}, "no_such_word"),
        ({"paper": PAPER, "body": "{}"}, "no_such_word"),
        ({"paper": PAPER, "body": "{grounds}"}, "no_such_word"),
        ({"paper": "tests.none", "body": "x"}, "no_such_paper"),
    ],
)
def test_what_a_paper_does_not_have_is_refused(values, code):
    with pytest.raises(RuleViolation) as refused:
        check_template(values, {})
    assert refused.value.code == code
    sound = {"paper": PAPER, "body": "{who} {today} %(who)s {{ x"}
    assert check_template(sound, {}) == sound
