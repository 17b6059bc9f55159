"""`manage.py pack check|diff|apply`: the company's standards as files."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone, translation

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.errors import GuanxiError, RuleViolation
from guanxi.kernel.management.base import DataCommand
from guanxi.packs import queries, services
from guanxi.packs.planning import MISSING, Change, State, Step
from guanxi.packs.reading import STANDARD, PackFiles, read_pack

SAID = {
    State.NEW: "new",
    State.CHANGED: "changed",
    State.KEPT: "edited here: kept",
    State.ARCHIVED: "archived here: kept so",
    State.REMOVED: "removed here: not made again",
    State.WITHDRAWN: "no longer in the pack: kept",
}


class Command(DataCommand):
    """Checks a pack, shows what it would change here, or applies it."""

    help = "Check a pack of YAML files, show what it would change here, or apply it."

    def add_arguments(self, parser: CommandParser) -> None:
        """The act, the folder, and what may be overwritten."""
        parser.add_argument("act", choices=["check", "diff", "apply"])
        parser.add_argument("folder", nargs="?", type=Path, default=STANDARD)
        parser.add_argument("--json", action="store_true", help="answer for programs")
        parser.add_argument(
            "--take", action="append", default=[], metavar="SECTION/NAME",
            help="give up what was edited here in this object",
        )  # fmt: skip
        parser.add_argument(
            "--additions", action="store_true", help="only what is new: an upgrade's own way"
        )

        parser.add_argument(
            "--if-new", action="store_true", help="not when just these files were applied before"
        )

    def handle(self, *, act: str, folder: Path, **options: Any) -> None:
        """Speak as all commands do, in English."""
        with translation.override("en"):
            self._act(act, folder, options)

    def _act(self, act: str, folder: Path, options: dict[str, Any]) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        if options["if_new"] and queries.is_applied(folder.resolve()):
            return
        files = read_pack(folder.resolve())
        if files.faults:
            self._tell_faults(files, is_json=options["json"])
        elif act == "check":
            self._tell([], is_json=options["json"], end=f"{len(files.entries)} entries are sound.")
        elif act == "diff":
            steps = queries.plan_pack(files, **_how(options))
            self._tell(steps, is_json=options["json"], end=_summary(steps))
        else:
            self._apply(files, options)

    def _tell_faults(self, files: PackFiles, *, is_json: bool) -> None:
        if is_json:
            rows = [
                {"file": fault.place.file, "line": fault.place.line, "message": fault.text}
                for fault in files.faults
            ]
            self.stdout.write(json.dumps({"faults": rows}, ensure_ascii=False, indent=1))
        else:
            for fault in files.faults:
                self.stdout.write(str(fault))
        raise CommandError(f"{len(files.faults)} faults; nothing was changed.")

    def _apply(self, files: PackFiles, options: dict[str, Any]) -> None:
        actor = system_actor(f"pack {files.name}", channel=Channel.COMMAND)
        try:
            steps = services.apply_pack(files, **_how(options), actor=actor, at=timezone.now())
        except RuleViolation as refused:
            raise CommandError(refused.text) from refused
        except GuanxiError as refused:
            raise CommandError(str(refused)) from refused
        self._tell(steps, is_json=options["json"], end=_summary(steps))

    def _tell(self, steps: Iterable[Step], *, is_json: bool, end: str) -> None:
        told = [step for step in steps if step.state is not State.SAME]
        if is_json:
            rows = [as_json(step) for step in told]
            self.stdout.write(json.dumps({"objects": rows}, ensure_ascii=False, indent=1))
            return
        for step in told:
            self.stdout.write(f"{step.key}: {SAID[step.state]}")
            if step.state is not State.NEW:
                for change in step.changes:
                    self.stdout.write(f"    {_words(change)}")
            for change in step.kept:
                self.stdout.write(f"    edited here, kept: {_words(change)}")
        self.stdout.write(end)


def _how(options: dict[str, Any]) -> dict[str, Any]:
    return {"take": options["take"], "is_additions_only": options["additions"]}


def _summary(steps: list[Step]) -> str:
    states = [step.state for step in steps]
    kept = sum(1 for step in steps if step.kept)
    new, changed = states.count(State.NEW), states.count(State.CHANGED)
    return f"{new} new, {changed} changed, {kept} edited here and kept, of {len(steps)}."


def _words(change: Change) -> str:
    return f"{'.'.join(change.path)}: {_value(change.here)} → {_value(change.wanted)}"


def _value(value: Any) -> str:
    return "–" if value == MISSING else json.dumps(value, ensure_ascii=False)


def as_json(step: Step) -> dict[str, Any]:
    """An object of a pack for programs."""

    def pairs(changes: Iterable[Change]) -> list[dict[str, Any]]:
        return [
            {
                "path": list(change.path),
                "here": None if change.here == MISSING else change.here,
                "wanted": None if change.wanted == MISSING else change.wanted,
            }
            for change in changes
        ]

    return {
        "section": step.section,
        "name": step.name,
        "state": step.state.value,
        "place": step.place,
        "changes": pairs(step.changes),
        "kept": pairs(step.kept),
    }
