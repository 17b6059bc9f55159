"""The blocks of the desk, each given by the domain that knows what waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from guanxi.kernel.actor import Actor


@dataclass(frozen=True)
class Block:
    """Part of the desk: a template with the context that its query gives (`all_url` leads on).

    One that `hides_empty` is left out while its context has no `rows`: what is rarely so.
    """

    key: str
    label: str | Promise
    template: str
    context: Callable[[Actor, datetime], Mapping[str, Any]]
    permission: str = ""
    order: int = 100
    hides_empty: bool = False


_blocks: dict[str, Block] = {}


def declare_block(block: Block) -> Block:
    """Add a block to everybody's desk who holds its permission."""
    _blocks[block.key] = block
    return block


def blocks(actor: Actor) -> list[Block]:
    """The blocks of this person's desk in order."""
    shown = [b for b in _blocks.values() if not b.permission or actor.can(b.permission)]
    return sorted(shown, key=lambda b: (b.order, b.key))
