"""A list's query string and how a person keeps the list: what is in the address and what is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict

from guanxi.surfaces.fields import Field
from guanxi.surfaces.html.requests import actor_of
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import ListSetting
from guanxi.surfaces.records import RecordType

CURSORS = ("after", "before")
EXTRA = frozenset({"stay", "from"})
"""Parameters of the pages that are no filter."""
KEPT_LENGTH = 1800
KEPT_SECONDS = 30 * 24 * 3600


MOST_FROZEN = 5
"""So many leading columns stay at most; more would leave no room for the others."""


def parameters(given: QueryDict) -> dict[str, str]:
    """The parameters of an address, each once (the last counts)."""
    return {name: str(given[name]) for name in given}


@dataclass(frozen=True)
class Query:
    """The parameters of one list, to be changed one at a time."""

    record_type: RecordType
    params: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest, record_type: RecordType) -> "Query":
        """The query of a request."""
        return cls(record_type, parameters(request.GET))

    def url(self, **changes: Any) -> str:
        """The list with some parameters changed; None takes one away, and paging starts anew."""
        return self.under("", **changes)

    def under(self, part: str, **changes: Any) -> str:
        """The same under another address of the list, such as its filter or column page."""
        params = {k: v for k, v in self.params.items() if k not in CURSORS}
        params.update({k: str(v) for k, v in changes.items() if v is not None})
        for name, value in changes.items():
            if value is None:
                params.pop(name, None)
        query = urlencode(params)
        return f"/{self.record_type.plural}/{part}" + (f"?{query}" if query else "")

    @property
    def text(self) -> str:
        """The parameters as they stand, without the page mark."""
        return urlencode({k: v for k, v in self.params.items() if k not in CURSORS})

    @property
    def here(self) -> str:
        """This very page of the list."""
        query = urlencode(self.params)
        return f"/{self.record_type.plural}/" + (f"?{query}" if query else "")


# Kept per person ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Kept:
    """How a person keeps one list."""

    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] | None = None
    frozen: str = ""
    pinned: tuple[str, ...] = ()
    default_view: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Kept":
        """Read what is stored; what cannot be read is as if it were not there."""
        widths = settings.get("widths")
        return cls(
            columns=tuple(str(c) for c in settings.get("columns") or ()),
            widths=widths if isinstance(widths, dict) else {},
            frozen=str(settings.get("frozen") or ""),
            pinned=tuple(str(p) for p in settings.get("pinned") or ()),
            default_view=str(settings.get("default_view") or ""),
        )


def as_kept(listing: Listing, asked: ListRequest, kept: Kept) -> ListRequest:
    """The request as the reader sees it: the view's and then the person's own ways of showing.

    The address decides; then the view, where one is open; then what the person keeps.
    """
    view = listing.view(asked.view) if asked.view else None
    columns, frozen = asked.columns, asked.frozen or (view.frozen if view else "")
    if view is not None and not columns:
        columns = tuple(c for c in view.columns if c in listing.fields)
    elif not columns:
        columns = tuple(c for c in kept.columns if c in listing.fields)
    if not frozen and not (view and view.columns) and kept.frozen in listing.fields:
        frozen = kept.frozen
    return replace(asked, columns=columns, frozen=frozen)


def frozen_count(columns: Sequence[Field], frozen: str) -> int:
    """How many leading columns stay: up to the named one, and always the first."""
    names = [c.name for c in columns]
    place = names.index(frozen) if frozen in names else 0
    return min(place + 1, MOST_FROZEN)


def read_settings(request: HttpRequest, record_type: RecordType) -> dict[str, Any]:
    """What the reader keeps of this list."""
    user_id = actor_of(request).user_id or 0
    row = ListSetting.objects.filter(user_id=user_id, record_key=record_type.key).first()
    return dict(row.settings) if row else {}


# The last query, so that coming back finds the same list ------------------------------------------
def _cookie(record_type: RecordType) -> str:
    return f"gx_list_{record_type.plural.replace('-', '_')}"


def remember(response: HttpResponse, request: HttpRequest, query: Query) -> None:
    """Keep the query for the way back, for this person on this device."""
    text = f"{actor_of(request).user_id}:{query.text}"
    if len(text) > KEPT_LENGTH or not text.isascii():
        return
    if request.COOKIES.get(_cookie(query.record_type)) != text:
        response.set_cookie(
            _cookie(query.record_type), text, max_age=KEPT_SECONDS, httponly=True,
            samesite="Lax", secure=request.is_secure(), path=f"/{query.record_type.plural}/",
        )  # fmt: skip


def remembered(request: HttpRequest, record_type: RecordType) -> str:
    """The query that this person last used, or nothing."""
    owner, _colon, text = request.COOKIES.get(_cookie(record_type), "").partition(":")
    return text if owner == str(actor_of(request).user_id) else ""
