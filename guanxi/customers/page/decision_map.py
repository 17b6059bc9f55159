"""The decision-chain map (CUS-2): who reports to whom, plays which part, stands where.

An indented tree of full-width cards: it needs no sideways scrolling in a narrow column or on
a phone, and reads from top to bottom like the list that stands beside it for screen readers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from guanxi.customers.queries import ContactRow as Person

WIDTH: Final = 300
CARD: Final = 54
GAP: Final = 10
INDENT: Final = 18
DEEPEST: Final = 5
PAD: Final = 12
DOT: Final = 9

#: Which colour and shape an attitude has; the words are the choice's own.
MOODS: Final[Mapping[str, str]] = {
    "supporter": "for",
    "opponent": "against",
    "neutral": "neutral",
    "unknown": "open",
}


@dataclass(frozen=True)
class Card:
    """One person on the map, placed."""

    person: Person
    depth: int
    x: int
    y: int
    width: int
    mood: str
    superior: str

    @property
    def dots(self) -> list[tuple[int, bool]]:
        """Influence as five dots by their place, filled up to the contact's weight."""
        start = self.width - PAD - 4 * DOT
        return [(start + number * DOT, number < self.person.influence) for number in range(5)]

    @property
    def end(self) -> int:
        """Where words that end at the right edge end."""
        return self.width - PAD


@dataclass(frozen=True)
class Wire:
    """A reporting line: down from the superior, then across to the card."""

    path: str


@dataclass
class Map:
    """The whole drawing."""

    width: int = WIDTH
    height: int = 0
    cards: list[Card] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)


def draw(people: Iterable[Person], *, width: int = WIDTH) -> Map:
    """Place everybody who plays a part, superiors above their people, the weightiest first."""
    everyone = list(people)
    shown = _with_superiors(everyone)
    below = _below(shown)
    drawing = Map(width=width)
    for person in below.get(None, []):
        _place(person, None, 0, below, drawing)
    drawing.height = max(0, len(drawing.cards) * (CARD + GAP) - GAP) + 2
    return drawing


def plays_a_part(person: Person) -> bool:
    """Whether anything is known that belongs on the map."""
    return bool(person.decision_role) or person.attitude in {"supporter", "opponent", "neutral"}


def _with_superiors(everyone: Sequence[Person]) -> list[Person]:
    """Those who play a part, with everyone above them, whatever they are."""
    by_id = {person.pk: person for person in everyone}
    shown: dict[int, Person] = {}
    for person in everyone:
        current: Person | None = person if plays_a_part(person) or person.reports_to_id else None
        while current is not None and current.pk not in shown:
            shown[current.pk] = current
            current = by_id.get(current.reports_to_id or 0)
    return [person for person in everyone if person.pk in shown]


def _below(people: Sequence[Person]) -> dict[int | None, list[Person]]:
    """People by superior; a superior who is not shown, or a loop, makes a root of them."""
    known = {person.pk: person for person in people}
    below: dict[int | None, list[Person]] = {}
    for person in people:
        superior = person.reports_to_id if person.reports_to_id in known else None
        if superior is not None and _is_looped(person, known):
            superior = None
        below.setdefault(superior, []).append(person)
    for group in below.values():
        group.sort(key=lambda one: (-one.influence, one.pk))
    return below


def _is_looped(person: Person, known: Mapping[int, Person]) -> bool:
    """Whether the chain of superiors comes back on itself, as two edits at once can leave it."""
    seen = {person.pk}
    current = known.get(person.reports_to_id or 0)
    while current is not None:
        if current.pk in seen:
            return True
        seen.add(current.pk)
        current = known.get(current.reports_to_id or 0)
    return False


def _place(
    person: Person,
    superior: Card | None,
    depth: int,
    below: Mapping[int | None, list[Person]],
    drawing: Map,
) -> None:
    x = min(depth, DEEPEST) * INDENT
    y = len(drawing.cards) * (CARD + GAP) + 1
    card = Card(
        person,
        depth,
        x,
        y,
        drawing.width - x - 1,
        MOODS.get(person.attitude, "open"),
        superior.person.name if superior else "",
    )
    drawing.cards.append(card)
    if superior is not None:
        drawing.wires.append(_wire(superior, card))
    for one in below.get(person.pk, []):
        _place(one, card, depth + 1, below, drawing)


def _wire(superior: Card, card: Card) -> Wire:
    start_x, start_y = superior.x + INDENT // 2, superior.y + CARD
    if card.x <= superior.x:
        return Wire(f"M{start_x} {start_y}V{card.y}")
    end_y = card.y + CARD // 2
    return Wire(f"M{start_x} {start_y}V{end_y - 6}q0 6 6 6H{card.x}")


# Words that fit -----------------------------------------------------------------------------------
def fit(text: str, room: float, size: float) -> str:
    """As much of a text as fits into a width at a type size; Chinese is square, Latin narrower."""
    used = 0.0
    for number, character in enumerate(text):
        used += size if ord(character) > 0x2E7F else size * 0.56
        if used > room:
            return text[: max(0, number - 1)] + "…"
    return text
