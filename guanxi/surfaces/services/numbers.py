"""The numbers of records: the next of a series, or one that was given by hand."""

from typing import TYPE_CHECKING, Any

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
    rows = write.type.model._base_manager
    instance.number = next_number(write.type.key, prefix=prefix)
    while rows.filter(number=instance.number).exists():
        instance.number = next_number(write.type.key, prefix=prefix)
