"""Who gets what of a book: pure functions on ids and provinces."""

from collections.abc import Iterable, Sequence


def in_turn(pk: int, receivers: Sequence[int]) -> int:
    """Equal shares; the same record always goes to the same receiver, however often one asks."""
    return receivers[pk % len(receivers)]


def by_province(counts: Iterable[tuple[str, int]], receivers: Sequence[int]) -> dict[str, int]:
    """Whole provinces, the largest first, each to whoever has the fewest customers so far."""
    load = dict.fromkeys(receivers, 0)
    given: dict[str, int] = {}
    for province, count in sorted(counts, key=lambda pair: (-pair[1], pair[0])):
        receiver = min(receivers, key=lambda pk: (load[pk], receivers.index(pk)))
        given[province] = receiver
        load[receiver] += count
    return given
