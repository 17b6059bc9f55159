"""What the page of an import shows at each of its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Run, RunState
from guanxi.surfaces.html.formats import Formatter, in_sentence
from guanxi.surfaces.importing.drafts import Outcome
from guanxi.surfaces.importing.mapping import Choices, Target, is_error_column, targets
from guanxi.surfaces.models import Import, ImportState
from guanxi.surfaces.records import RecordType, get_record_type

FIXED_VALUES: Final = 4
_BUSY: Final = {ImportState.PREVIEWING, ImportState.RUNNING, ImportState.UNDOING}
_REFUSED: Final = (Outcome.DUPLICATE, Outcome.FORBIDDEN, Outcome.INVALID)


def state_of(source: Import, run: Run | None) -> ImportState:
    """Where an import stands; a pass whose worker gave up has failed."""
    state = ImportState(source.state)
    is_dead = run is not None and run.state == RunState.FAILED
    return ImportState.FAILED if state in _BUSY and is_dead else state


def read_choices(posted: Mapping[str, Any], headers: Sequence[str]) -> Choices:
    """The columns, fixed values and missing types of the submitted form."""
    mapping: dict[str, str] = {}
    for place, header in enumerate(headers):
        target = posted.get(f"column-{place}", "")
        if target in mapping:
            raise RuleViolation(
                "twice",
                gettext("“%(one)s” and “%(other)s” cannot both become the same field."),
                one=mapping[target],
                other=header,
            )
        if target:
            mapping[target] = header
    constants = {
        name: posted.get(f"fixed-value-{place}", "")
        for place in range(FIXED_VALUES)
        if (name := posted.get(f"fixed-{place}", ""))
    }
    missing = posted.getlist("missing")  # type: ignore[attr-defined]
    return Choices(mapping, constants, tuple(missing))


@dataclass
class ImportPage:
    """One import as its page shows it."""

    source: Import
    actor: Actor
    at: datetime
    is_choosing: bool = False
    typed: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def type(self) -> RecordType:
        """What is being imported."""
        return get_record_type(self.source.record_key)

    @property
    def title(self) -> str:
        """The heading."""
        return gettext("Import %(label)s") % {"label": in_sentence(self.type.label_plural)}

    @property
    def url(self) -> str:
        """Where the import's page is."""
        return f"/imports/{self.source.pk}/"

    @property
    def list_url(self) -> str:
        """The list into which it goes."""
        return f"/{self.type.plural}/"

    @cached_property
    def run(self) -> Run | None:
        """The work that is being done or was done last."""
        return Run.objects.filter(pk=self.source.run_id).first() if self.source.run_id else None

    @cached_property
    def state(self) -> ImportState:
        """Where the import stands."""
        return state_of(self.source, self.run)

    @property
    def is_busy(self) -> bool:
        """Whether a pass is under way."""
        return self.state in _BUSY

    @property
    def step(self) -> str:
        """Which part the page shows."""
        if self.is_busy:
            return "busy"
        if self.state == ImportState.MAPPING or (
            self.is_choosing and self.state == ImportState.READY
        ):
            return "columns"
        return "preview" if self.state == ImportState.READY else "result"

    @property
    def stages(self) -> list[dict[str, str]]:
        """The process as a line of dots."""
        steps = [gettext("File"), gettext("Columns"), gettext("Check"), gettext("Import")]
        is_checking = self.state == ImportState.PREVIEWING or self.step == "preview"
        now = {"columns": 1}.get(self.step, 2 if is_checking else 3)
        now = 4 if self.step == "result" else now
        return [
            {"label": label, "state": "done" if i < now else "now" if i == now else "next"}
            for i, label in enumerate(steps)
        ]

    # Columns --------------------------------------------------------------------------------------
    @cached_property
    def offered(self) -> dict[str, Target]:
        """What a column may be read into."""
        return targets(self.type, self.actor)

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Each column of the file with samples and what it is read into."""
        chosen = {header: name for name, header in self.source.mapping.items()}
        samples = self.source.about.get("samples", [])
        return [
            {
                "place": place,
                "header": header,
                "samples": [row[place] for row in samples if place < len(row) and row[place]],
                "chosen": self.typed.get(f"column-{place}", chosen.get(header, "")),
            }
            for place, header in enumerate(self.source.about["headers"])
            if not is_error_column(header)
        ]

    @property
    def options(self) -> list[dict[str, str]]:
        """The targets as a select offers them."""
        return [{"value": name, "label": t.label} for name, t in self.offered.items()]

    @property
    def lacking(self) -> list[str]:
        """What every new record needs and nothing is read into yet."""
        given = {*self.source.mapping, *self.source.constants}
        got = {self.offered[name].field.name for name in given if name in self.offered}
        needed = {t.field.name: t.field for t in self.offered.values() if not t.companion}
        return [str(f.label) for name, f in needed.items() if f.required and name not in got]

    @property
    def fixed(self) -> list[dict[str, Any]]:
        """Values that every row gets."""
        kept = list(self.source.constants.items()) + [("", "")] * FIXED_VALUES
        return [
            {
                "place": place,
                "name": self.typed.get(f"fixed-{place}", name),
                "value": self.typed.get(f"fixed-value-{place}", value),
            }
            for place, (name, value) in enumerate(kept[:FIXED_VALUES])
        ]

    @property
    def missing(self) -> list[dict[str, Any]]:
        """Record types that may be created when a row refers to one that does not exist."""
        keys = {t.field.ref for t in self.offered.values() if t.field.type == "ref"}
        found = [get_record_type(key) for key in sorted(keys)]
        return [
            {
                "key": t.key,
                "label": in_sentence(t.label_plural),
                "is_chosen": t.key in self.source.create_missing,
            }
            for t in found
            if t.is_creatable and t.is_importable and self.actor.can(t.allows("create"))
        ]

    @property
    def facts(self) -> list[str]:
        """How the file was read."""
        about = self.source.about
        size = gettext("about %(count)s rows") % {"count": f"{self.source.total_rows:,}"}
        parts = [self.source.filename, about["encoding"].upper(), about["sheet"], size]
        return [part for part in parts if part]

    # Figures --------------------------------------------------------------------------------------
    @property
    def figures(self) -> list[dict[str, Any]]:
        """How many rows are created, changed, left and refused."""
        is_ahead = self.step == "preview"
        words = {
            Outcome.CREATED: gettext("To be created") if is_ahead else gettext("New"),
            Outcome.UPDATED: gettext("To be changed") if is_ahead else gettext("Changed"),
            Outcome.UNCHANGED: gettext("Unchanged"),
            Outcome.DUPLICATE: gettext("Duplicate"),
            Outcome.FORBIDDEN: gettext("Not allowed"),
            Outcome.INVALID: gettext("Invalid"),
        }
        return [
            {
                "label": label,
                "count": self.source.counts.get(outcome.value, 0),
                "shown": f"{self.source.counts.get(outcome.value, 0):,}",
                "is_refused": outcome in _REFUSED,
            }
            for outcome, label in words.items()
        ]

    @property
    def along(self) -> list[str]:
        """How many records of other types the rows bring with them."""
        made: Mapping[str, int] = self.source.about.get("along", {})
        return [
            f"{get_record_type(key).label_plural} {count:,}"
            for key, count in sorted(made.items())
            if count
        ]

    @property
    def refused(self) -> int:
        """How many rows are not taken."""
        return sum(self.source.counts.get(outcome.value, 0) for outcome in _REFUSED)

    @property
    def writable(self) -> int:
        """How many rows would change something."""
        counts = self.source.counts
        return int(counts.get("created", 0)) + int(counts.get("updated", 0))

    @property
    def writable_shown(self) -> str:
        """The same with its thousands apart."""
        return f"{self.writable:,}"

    @property
    def examples(self) -> list[dict[str, Any]]:
        """The first refused rows with their reasons."""
        return list(self.source.about.get("examples", []))

    @property
    def percent(self) -> int:
        """How far the present pass has come."""
        run = self.run
        return (
            int(run.progress_done * 100 / run.progress_total) if run and run.progress_total else 0
        )

    @property
    def progress(self) -> str:
        """How many rows the present pass has behind it; an undo counts parcels, so says percent."""
        if self.state == ImportState.UNDOING:
            return f"{self.percent} %"
        done = self.run.progress_done if self.run else 0
        total = (self.run.progress_total if self.run else 0) or self.source.total_rows
        return f"{done:,} / {total:,}"

    @property
    def when(self) -> str:
        """When the last pass ended."""
        finished = self.source.finished_at
        return Formatter(self.actor, self.at).moment(finished) if finished else ""

    # Undo -----------------------------------------------------------------------------------------
    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        ended = {ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED}
        return self.state in ended and self.source.state in ended and self.writable > 0

    @property
    def undo_told(self) -> str:
        """What taking it back will do, in numbers."""
        along = sum(self.source.about.get("along", {}).values())
        created = int(self.source.counts.get("created", 0)) + along
        updated = int(self.source.counts.get("updated", 0))
        return gettext(
            "Archives %(created)s new records and gives %(updated)s changed ones their earlier "
            "values back; what was edited since stays and is named."
        ) % {"created": f"{created:,}", "updated": f"{updated:,}"}

    @property
    def undo(self) -> Mapping[str, Any]:
        """What an undo restored, archived and kept."""
        tally: Mapping[str, Any] = self.source.about.get("undo", {})
        return {n: f"{v:,}" if isinstance(v, int) else v for n, v in tally.items()}

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The records that an undo left as they are, with the reason."""
        found = []
        for key, pk, line, reason in self.undo.get("kept", []):
            url = f"/{get_record_type(key).plural}/{pk}/"
            found.append({"url": url, "line": line, "reason": reason, "pk": pk})
        return found
