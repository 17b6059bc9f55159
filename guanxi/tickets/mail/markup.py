"""A letter's HTML as text: nothing of it is shown as markup, nothing in it is fetched (C02)."""

from html.parser import HTMLParser
from typing import Final

#: More than so much markup is not read.
LONGEST: Final = 500_000
_LEFT_OUT: Final = frozenset(
    {
        *("script", "style", "head", "title", "template", "svg", "math"),
        *("object", "iframe", "noscript", "select", "textarea"),
    }
)
_BREAKS: Final = frozenset(
    {
        *("p", "div", "br", "hr", "pre", "table", "tr", "ul", "ol", "li", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer"),
    }
)
_LINKS: Final = ("http://", "https://", "mailto:")


def text_of_html(markup: str) -> str:
    """What a reader of the letter would read; quotations as lines that begin with “>”."""
    reader = _Reader()
    reader.feed(_plain_tags(markup[:LONGEST]))
    reader.close()
    return reader.text()


def _plain_tags(markup: str) -> str:
    """Only opening and closing tags are left; every other “<” is a sign of the text."""
    kept = []
    for number, piece in enumerate(markup.split("<")):
        if number == 0:
            kept.append(piece)
        elif ">" in piece and (piece[0].isalpha() or (piece[0] == "/" and piece[1:2].isalpha())):
            kept.append("<" + piece)
        elif piece.startswith(("!", "?")):
            kept.append(piece.partition(">")[2])
        else:
            kept.append("&lt;" + piece)
    return "".join(kept)


class _Reader(HTMLParser):
    """Collects lines, each with how deep it is quoted."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[int, str]] = []
        self._line: list[str] = []
        self._quoted = 0
        self._left_out: list[str] = []
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a quotation, a link, or what is left out."""
        if tag == "body":
            self._left_out.clear()
        if tag in _LEFT_OUT:
            self._left_out.append(tag)
        if tag in _BREAKS:
            self._end_line()
        given = dict(attrs)
        if tag == "blockquote":
            self._end_line()
            self._quoted += 1
        elif tag == "a":
            self._link = (given.get("href") or "").strip()
        elif tag == "img" and given.get("alt"):
            self._line.append(f"[{given['alt']}]")
        elif tag in {"td", "th"}:
            self._line.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End what began."""
        if tag in self._left_out:
            while self._left_out and self._left_out.pop() != tag:
                pass
        if tag in _BREAKS:
            self._end_line()
        elif tag == "blockquote":
            self._end_line()
            self._quoted = max(self._quoted - 1, 0)
        elif tag == "a":
            self._tell_link()

    def handle_data(self, data: str) -> None:
        """Text, unless it is left out."""
        if not self._left_out:
            self._line.append(data)

    def _tell_link(self) -> None:
        """Where a link leads, unless its own words say so."""
        link, self._link = self._link, ""
        bare = link.removeprefix("mailto:")
        said = "".join(self._line[-3:])
        if link.lower().startswith(_LINKS) and bare not in said and not self._left_out:
            self._line.append(f" ({link})")

    def _end_line(self) -> None:
        line = " ".join("".join(self._line).split())
        self._line.clear()
        if line or (self._lines and self._lines[-1][1]):
            self._lines.append((self._quoted, line))

    def text(self) -> str:
        """Everything that was read."""
        self._end_line()
        return "\n".join(f"{'>' * deep} {line}".strip() for deep, line in self._lines).strip()
