"""Applying a pack: everything or nothing, and never over what was edited here."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import require
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import record
from guanxi.kernel.packs import sections
from guanxi.packs import queries
from guanxi.packs.access import APPLY_PACKS
from guanxi.packs.events import PackApplied
from guanxi.packs.models import Pack, PackObject
from guanxi.packs.planning import State, Step, unknown_names
from guanxi.packs.reading import PackFiles


@transaction.atomic
def apply_pack(
    files: PackFiles,
    *,
    take: Collection[str] = (),
    is_additions_only: bool = False,
    only: Collection[str] | None = None,
    actor: Actor,
    at: datetime,
) -> list[Step]:
    """Write what a pack wants where nobody edited it here, and remember what it wrote.

    `take` names objects whose edits here are given up, `only` the sections that are applied at
    all. Additions only: what is here stays.
    """
    require(actor, APPLY_PACKS)
    if files.faults:
        message = _("The pack has faults: %(first)s")
        raise RuleViolation("pack_fault", message, first=files.faults[0])
    steps = queries.plan_pack(files, take=take, is_additions_only=is_additions_only)
    is_whole = only is None or {step.section for step in steps} <= set(only)
    steps = [step for step in steps if only is None or step.section in only]
    unknown = unknown_names(steps, take)
    if unknown:
        message = _("The pack has nothing called %(names)s.")
        raise RuleViolation("not_in_pack", message, names=", ".join(unknown))
    for section in sections().values():
        wanted = {
            step.name: dict(step.values or {})
            for step in steps
            if step.section == section.name and step.writes
        }
        if wanted:
            require(actor, section.permission)
            section.write(wanted, actor, at)
    pack, _made = Pack.objects.update_or_create(
        name=files.name,
        defaults={
            "digest": files.digest if is_whole else "",
            "applied_at": at,
            "applied_by": actor.label[:150],
        },
    )
    _remember(pack, steps)
    record(_told(steps), subject=pack, actor=actor, at=at)
    return steps


def _remember(pack: Pack, steps: Sequence[Step]) -> None:
    rows = [
        PackObject(pack=pack, section=step.section, name=step.name, values=step.remembered or {})
        for step in steps
    ]
    PackObject.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["pack", "section", "name"],
        update_fields=["values"],
    )


def _told(steps: Sequence[Step]) -> PackApplied:
    states = [step.state for step in steps]
    return PackApplied(
        made=states.count(State.NEW),
        changed=states.count(State.CHANGED),
        kept=sum(1 for step in steps if step.kept),
    )
