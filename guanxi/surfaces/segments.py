"""Saved views and segments as parts of other conditions."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.conditions import NOTHING, Context, compile_condition
from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces.models import SavedView, Visibility

if TYPE_CHECKING:
    from guanxi.surfaces.listing import Listing

MAX_NESTING = 4


def visible_views(actor: Actor, record_key: str) -> QuerySet[SavedView]:
    """The saved views of one list that a reader may use: own, shared, and the department's."""
    return _usable(actor).filter(record_key=record_key)


def list_views(actor: Actor, record_keys: Iterable[str]) -> QuerySet[SavedView]:
    """The saved views of several lists that a reader may use, by list and name."""
    keys = list(record_keys)
    return _usable(actor).filter(record_key__in=keys).order_by("record_key", "name", "pk")


def _usable(actor: Actor) -> QuerySet[SavedView]:
    usable = Q(owner_id=actor.user_id) | Q(visibility=Visibility.SHARED)
    if actor.department_id:
        usable |= Q(visibility=Visibility.DEPARTMENT, department_id=actor.department_id)
    if actor.is_system:
        usable = Q()
    return SavedView.objects.filter(usable, archived_at=None)


def get_view(view_id: str, record_key: str, actor: Actor) -> SavedView:
    """A saved view of one list by id, or NotFound when it is not the reader's to use."""
    view = read_view(actor, view_id)
    if view.record_key != record_key:
        raise NotFound
    return view


def read_view(actor: Actor, view_id: str) -> SavedView:
    """A saved view of any list by id, or NotFound when it is not the reader's to use."""
    try:
        wanted = uuid.UUID(str(view_id))
    except ValueError as error:
        raise NotFound from error
    found = _usable(actor).filter(pk=wanted).first()
    if found is None:
        raise NotFound
    return found


class SegmentField:
    """The field `segment` of the condition language: membership in a saved group."""

    def __init__(self, listing: "Listing", depth: int = 0) -> None:
        self.listing, self.depth = listing, depth

    def condition(self, op: str, value: Any, context: Context) -> Q:
        """`segment is|is_not <view id>`; a segment may name others, four levels deep."""
        if op not in {"is", "is_not"} or self.depth >= MAX_NESTING:
            raise BadRequest("bad_segment", _("The segment cannot be used here."))
        saved = get_view(str(value), self.listing.type.key, context.actor)
        if not saved.condition:
            return NOTHING if op == "is" else ~NOTHING
        fields: dict[str, Any] = dict(self.listing.every_field)
        fields["segment"] = SegmentField(self.listing, self.depth + 1)
        inner = compile_condition(saved.condition, fields, actor=context.actor, at=context.at)
        return inner if op == "is" else ~inner
