"""What can be deleted: each domain says which of its records, and which files lie behind them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from guanxi.kernel.models import StoredFile

#: The column of a record that lies in the bin; its domain's scope leaves such records out.
FLAG: Final = "is_binned"


@dataclass(frozen=True)
class Disposal:
    """A kind of record that can be deleted: its model has the column FLAG."""

    record_key: str
    files: Callable[[Any], Iterable[StoredFile]]


_disposals: dict[str, Disposal] = {}


def declare_disposal(disposal: Disposal) -> Disposal:
    """Let records of a type be deleted; declaring it twice is a mistake."""
    if disposal.record_key in _disposals:
        raise ValueError(f"deletion of {disposal.record_key} is declared twice")
    _disposals[disposal.record_key] = disposal
    return disposal


def get_disposal(record_key: str) -> Disposal:
    """How records of a type are deleted; KeyError when they are not."""
    return _disposals[record_key]


def disposals() -> Mapping[str, Disposal]:
    """Everything that can be deleted."""
    return dict(_disposals)
