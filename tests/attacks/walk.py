"""Every address of the product with its parts filled in, for whoever walks them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PART = re.compile(r"<(?:(\w+):)?(\w+)>")
NO_UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OWNED = ("customers", "contacts", "orders", "payments", "interactions", "attachments")
FILLED = {
    "name": "name",
    "key": "customers.customer",
    "plural": "customers",
    "panel_key": "commitments",
    "uidb36": "zz-zz",
}


@dataclass(frozen=True)
class Address:
    """One route of the product."""

    route: str
    name: str

    @property
    def plural(self) -> str:
        """The first part of the path."""
        return self.route.split("/")[0]

    @property
    def is_of_a_record(self) -> bool:
        """Whether the path names one record of a kind that somebody owns."""
        return self.plural in OWNED and re.match(r"\w+/<\w+:pk>/", self.route) is not None

    def path(self, pk: Any = 999_999_999) -> str:
        """The path for one record; every other part gets something that fits its form."""

        def fill(found: re.Match[str]) -> str:
            kind, part = found.groups()
            if part == "pk" and kind != "uuid":
                return str(pk)
            if kind == "uuid" or part.endswith("_id"):
                return str(pk) if part == "pk" and "-" in str(pk) else self._missing(kind)
            return FILLED.get(part, "x")

        return "/" + PART.sub(fill, self.route)

    def _missing(self, kind: str | None) -> str:
        return "999999999" if kind == "int" else NO_UUID


def addresses(prefix: str = "", patterns: Any = None) -> Iterator[Address]:
    """Every route but those of regular expressions (the API walks its own) and static files."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        written = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(prefix + written, pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and not written.startswith("^"):
            yield Address(prefix + written, pattern.name or "")
