"""The customers' list as a page: the first page, filtered, sorted, the next page."""

import html
import re

from benchmarks.figures import Bench, Measured, cpu_per_operation
from benchmarks.site import ask

BOUND = 30.0
WAYS = (
    "/customers/?sort=-updated_at",
    "/customers/?tier=core",
    "/customers/?sort=name",
    "/customers/?stage=mature&sort=-updated_at",
)
_NEXT = re.compile(r'href="(\?[^"]*after=[^"]+|/customers/\?[^"]*after=[^"]+)"')


def measure(bench: Bench) -> list[Measured]:
    """As the head of a department, through the browser's session."""
    visitor = bench.site.sign_in("head")
    found = _NEXT.search(ask(visitor, WAYS[0]).text)
    ways = [*WAYS, *([html.unescape(found[1])] if found else [])]
    ways = [w if w.startswith("/") else f"/customers/{w}" for w in ways]
    turn = iter(range(10**9))

    def open_page() -> object:
        return ask(visitor, ways[next(turn) % len(ways)])

    def count() -> object:
        _list, _slash, query = ways[next(turn) % len(ways)].rpartition("/")
        return ask(visitor, f"/customers/tabs/{query}")

    measured = cpu_per_operation(bench, "list page (HTML, 50 rows)", BOUND, open_page)
    measured.details["ways"] = len(ways)
    return [measured, cpu_per_operation(bench, "… its counts, which arrive later", None, count)]
