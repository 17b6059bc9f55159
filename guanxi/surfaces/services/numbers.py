"""The numbers of records: the next of a series, or one that was given by hand."""

from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from guanxi.kernel.numbering import keep_above_given, next_number

if TYPE_CHECKING:
    from guanxi.surfaces.services.records import Write


def is_numbered(write: "Write", instance: Any) -> bool:
    """Whether a record gets the next number, which is looked up when it is taken."""
    return bool(write.type.hooks.number_prefix) and not instance.number


def keep_number(write: "Write", values: dict[str, Any]) -> dict[str, Any]:
    """A record that has a number keeps one: blank changes nothing, a given one moves the series."""
    prefix, number = write.type.hooks.number_prefix, values.get("number")
    if not prefix or number is None:
        return values
    if number == "":
        return {n: v for n, v in values.items() if n != "number"}
    keep_above_given(write.type.key, [number], prefix=prefix)
    return values


def give_number(write: "Write", instance: Any) -> None:
    """The next free number, unless one was given: then the series goes on behind it."""
    prefix = write.type.hooks.number_prefix
    if instance.number:
        keep_above_given(write.type.key, [instance.number], prefix=prefix)
        return
    instance.number = next_number(write.type.key, prefix=prefix)
    while _is_taken(write.type.model, instance.number):
        instance.number = next_number(write.type.key, prefix=prefix)


def _is_taken(model: type[models.Model], number: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_holders(model), [number])
        return cursor.fetchone() is not None


@cache
def _holders(model: type[models.Model]) -> str:
    """The statement for who has a number: everything that is created asks it."""
    rows = model._base_manager.filter(number="-").values_list("pk")[:1]
    return str(rows.query.sql_with_params()[0])
