"""What must be filled in before a record moves on, as data of its record type."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BLANK: tuple[Any, ...] = (None, "", [], ())


@dataclass(frozen=True)
class Need:
    """A field that must be filled in; `only` names another field and the values that ask for it."""

    field: str
    only: tuple[str, tuple[str, ...]] | None = None

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether a record with these values needs it at all."""
        return self.only is None or values.get(self.only[0]) in self.only[1]


@dataclass(frozen=True)
class Advance:
    """A field whose values follow each other, and what each of them asks for.

    A later value asks for everything that the earlier ones ask for. Values outside the order can
    be taken freely; coming back from them into the order is an advance. So is no step backwards.
    What values ask for by a company's own word (`own`) stands in place of the code's.
    """

    field: str
    order: tuple[str, ...]
    needs: Mapping[str, tuple[Need, ...]]
    own: Callable[[], Mapping[str, tuple[Need, ...]]] | None = None

    def present(self) -> Mapping[str, tuple[Need, ...]]:
        """What each value asks for now."""
        return {**self.needs, **self.own()} if self.own else self.needs

    def is_advance(self, old: Any, new: Any) -> bool:
        """Whether the step leads further on."""
        if new not in self.order or old == new:
            return False
        return old not in self.order or self.order.index(new) > self.order.index(old)

    def needed(self, value: Any) -> list[Need]:
        """Everything that a value asks for, the earliest first."""
        reached = self.order[: self.order.index(value) + 1] if value in self.order else ()
        needs = self.present()
        return [need for step in reached for need in needs.get(step, ())]

    def lacking(self, values: Mapping[str, Any], value: Any) -> Sequence[str]:
        """The fields that a record with these values still lacks for a value."""
        return [
            need.field
            for need in self.needed(value)
            if need.applies(values) and values.get(need.field) in BLANK
        ]
