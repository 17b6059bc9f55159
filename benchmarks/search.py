"""Finding by two characters and by a piece of a phone number: the palette, and the list."""

from urllib.parse import quote

from benchmarks.figures import Bench, Measured, cpu_per_operation
from benchmarks.site import ask

BOUND = 20.0
PARTS = {"HX_Request": "true", "HX_Target": "palette-found"}


def measure(bench: Bench) -> list[Measured]:
    """As the palette asks at each keystroke; the list for comparison."""
    visitor, chance = bench.site.sign_in("head"), bench.chance

    def palette(query: str) -> object:
        return ask(visitor, f"/palette/?q={quote(query)}", **PARTS)

    def piece_of_phone() -> str:
        phone = chance.choice(bench.phones)
        length = chance.choice((4, 7, 11))
        start = chance.randrange(len(phone) - length + 1) if length < len(phone) else 0
        return phone[start : start + length]

    def in_list(query: str) -> object:
        return ask(visitor, f"/customers/?q={quote(query)}&sort=-updated_at")

    return [
        cpu_per_operation(
            bench,
            "two-character search (palette)",
            BOUND,
            lambda: palette(chance.choice(bench.words)),
        ),
        cpu_per_operation(
            bench, "phone search (palette)", BOUND, lambda: palette(piece_of_phone())
        ),
        cpu_per_operation(
            bench,
            "two-character search (list page)",
            None,
            lambda: in_list(chance.choice(bench.words)),
        ),
        cpu_per_operation(
            bench, "phone search (list page)", None, lambda: in_list(piece_of_phone())
        ),
    ]
