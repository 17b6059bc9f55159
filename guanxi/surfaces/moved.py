"""Records that another one stands for now: their old addresses lead there for ever (CUS-12)."""

from typing import Any

from django.http import HttpRequest

from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import RecordType, get_record_type_by_plural


def successor_in_scope(record_type: RecordType, pk: Any, actor: Actor) -> int | None:
    """The record that stands for this one now, if the actor may see it."""
    if record_type.successor is None or not str(pk).isdigit():
        return None
    found = record_type.successor(int(pk))
    if found is None or not record_type.in_scope(actor).filter(pk=found).exists():
        return None
    return found


def moved_to(request: HttpRequest, actor: Actor) -> str | None:
    """The address of the same page of the record that stands for the one asked for."""
    match = request.resolver_match
    pk = match.kwargs.get("pk") if match else None
    plural = request.path.split("/")[1]
    record_type = get_record_type_by_plural(plural) if pk is not None else None
    if record_type is None:
        return None
    found = successor_in_scope(record_type, pk, actor)
    old = f"/{plural}/{pk}/"
    if found is None or not request.path.startswith(old):
        return None
    return request.get_full_path().replace(old, f"/{plural}/{found}/", 1)
