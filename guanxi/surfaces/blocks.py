"""The blocks of the desk, each given by the domain that knows what waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from guanxi.kernel.actor import Actor, Reach

Context = Callable[[Actor, datetime], Mapping[str, Any]]


@dataclass(frozen=True)
class Block:
    """Part of the desk: a template with the context that its query gives.

    In the context `all_url` leads on and `late` says how many are overdue. One that `hides_empty`
    is left out while its context has no `rows`: what is rarely so. `department` gives the same for
    all whom the reader is responsible for; a block without one is personal on either desk.
    """

    key: str
    label: str | Promise
    template: str
    context: Context
    permission: str = ""
    order: int = 100
    hides_empty: bool = False
    department: Context | None = None


_blocks: dict[str, Block] = {}


def declare_block(block: Block) -> Block:
    """Add a block to everybody's desk who holds its permission."""
    _blocks[block.key] = block
    return block


def blocks(actor: Actor) -> list[Block]:
    """The blocks of this person's desk in order."""
    shown = [b for b in _blocks.values() if not b.permission or actor.can(b.permission)]
    return sorted(shown, key=lambda b: (b.order, b.key))


def oversees(actor: Actor) -> bool:
    """Whether the person answers for what others have to do as well."""
    return any(
        b.department and (actor.reach(b.permission) or Reach.OWN) >= Reach.BRANCH
        for b in blocks(actor)
    )
