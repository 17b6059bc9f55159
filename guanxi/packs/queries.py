"""What a pack would do here."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from guanxi.kernel.packs import Section, sections
from guanxi.packs.models import Pack, PackObject
from guanxi.packs.planning import Known, State, Step, plan
from guanxi.packs.reading import Entry, PackFiles, by_name, digest_of

Written = Mapping[tuple[str, str], Mapping[str, Any]]


def plan_pack(
    files: PackFiles, *, take: Collection[str] = (), is_additions_only: bool = False
) -> list[Step]:
    """Return what becomes of every object of a pack, in the order of the sections."""
    written = list_written(files.name)
    steps: list[Step] = []
    for section in sections().values():
        entries = [e for (name, _key), e in by_name(files).items() if name == section.name]
        if entries:
            steps += _plan_section(section, entries, written, take, is_additions_only)
    return steps


def _plan_section(
    section: Section,
    entries: list[Entry],
    written: Written,
    take: Collection[str],
    is_additions_only: bool,
) -> Iterator[Step]:
    here = section.current()
    origin = section.origin() if section.origin else {}
    for entry in entries:
        known = Known(
            here=here.get(entry.name),
            is_here=entry.name in here,
            written=written.get((section.name, entry.name), origin.get(entry.name)),
            merged=section.merged,
            is_taken=f"{section.name}/{entry.name}" in take,
            is_additions_only=is_additions_only,
        )
        yield plan(section.name, entry.name, entry.values, known, str(entry.place))
    names = {entry.name for entry in entries}
    for (kind, name), values in sorted(written.items()):
        if kind == section.name and name not in names and name in here:
            yield Step(kind, name, State.WITHDRAWN, remembered=values)


def list_written(pack: str) -> Written:
    """Return what a pack wrote last, by section and name."""
    rows = PackObject.objects.filter(pack__name=pack)
    return {(row.section, row.name): row.values for row in rows}


def is_applied(folder: Path) -> bool:
    """Return whether just these files of a folder were applied before, every section of them."""
    return Pack.objects.filter(name=folder.name, digest=digest_of(folder)).exists()
