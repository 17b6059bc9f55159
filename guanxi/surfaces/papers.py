"""What is printed for somebody outside: a domain says the words, templates kept as data the text.

A template names words in braces. Nothing in it is evaluated, and a word that its paper does not
have is refused when it is written. A paragraph all of whose words are blank is left out, and with
it a heading right above.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Message, RuleViolation
from guanxi.surfaces.models import DocumentTemplate

_WORD: Final = re.compile(r"\{([^{}\n]*)\}")
_HEADING: Final = "# "


@dataclass(frozen=True)
class Paper:
    """A kind of paper, and the words that its templates may name."""

    key: str
    label: Message
    words: Mapping[str, Message]


@dataclass(frozen=True)
class Piece:
    """A heading or a paragraph as it is printed; plain text, which pages escape."""

    text: str
    is_heading: bool = False


_papers: dict[str, Paper] = {}


def declare_paper(paper: Paper) -> Paper:
    """Let templates say how a paper reads; declaring it twice is a mistake."""
    if paper.key in _papers:
        raise ValueError(f"the paper {paper.key} is declared twice")
    _papers[paper.key] = paper
    return paper


def paper_names() -> Mapping[str, str]:
    """Every paper by its key, for a choice."""
    return {key: str(paper.label) for key, paper in _papers.items()}


def check_template(values: dict[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Every word in braces is one of the paper's."""
    key, body = (values.get(n, current.get(n)) or "" for n in ("paper", "body"))
    paper = _papers.get(key)
    if paper is None:
        raise RuleViolation("no_such_paper", _("There is no such paper."), "paper")
    for word in _WORD.findall(body):
        if word not in paper.words:
            message = _("There is no word “{%(word)s}” on this paper; there are %(words)s.")
            words = ", ".join(f"{{{name}}}" for name in paper.words)
            raise RuleViolation("no_such_word", message, "body", word=word[:40], words=words)
    return values


def list_templates(paper: Paper) -> Sequence[DocumentTemplate]:
    """The templates of a paper that are in use, by name."""
    rows = DocumentTemplate.objects.filter(paper=paper.key, archived_at=None)
    return list(rows.order_by("name", "pk"))


def fill(body: str, words: Mapping[str, str]) -> list[Piece]:
    """A template with its words: headings, and the paragraphs that say anything."""
    pieces: list[Piece] = []
    for block in re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n")):
        for part in _parts(block.strip()):
            is_heading, named = part.startswith(_HEADING), _WORD.findall(part)
            is_blank = bool(named) and not any(words.get(word) for word in named)
            if (is_heading or is_blank) and pieces and pieces[-1].is_heading:
                pieces.pop()  # it stands over nothing
            if part and not is_blank:
                text = _WORD.sub(lambda found: words.get(found[1], ""), part)
                pieces.append(Piece(text.removeprefix(_HEADING).strip(), is_heading))
    return pieces[:-1] if pieces and pieces[-1].is_heading else pieces


def _parts(block: str) -> Sequence[str]:
    """A heading stands by itself, also with its paragraph right below."""
    first, _line, rest = block.partition("\n")
    return (first, rest.strip()) if first.startswith(_HEADING) else (block,)


def words_of(actor: Actor, template: Model, at: datetime) -> Mapping[str, Any]:
    """The words that a template may name, and how it reads with them standing for themselves."""
    del actor, at
    assert isinstance(template, DocumentTemplate)  # noqa: S101
    paper = _papers.get(template.paper)
    words = paper.words if paper else {}
    return {
        "words": [(f"{{{name}}}", label) for name, label in words.items()],
        "pieces": fill(template.body, {name: f"【{label}】" for name, label in words.items()}),
    }
