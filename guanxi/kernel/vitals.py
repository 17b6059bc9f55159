"""How the installation is, in figures: for the page, the banner, the metrics and `doctor`."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Count

from guanxi.kernel.models import Backup, BackupState, Delivery, Heartbeat, Run, RunState, Seal
from guanxi.kernel.outbound import queues

SILENCE: Final = timedelta(minutes=2)
BACKLOG: Final = timedelta(minutes=10)
BACKUP_AGE: Final = timedelta(hours=26)
SEAL_AGE: Final = timedelta(minutes=30)
FREE_BYTES: Final = 1024**3
_KEPT_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Vitals:
    """What can be seen of the installation at one instant."""

    at: datetime
    worker_at: datetime | None
    deliveries: Mapping[str, int]
    runs: Mapping[str, int]
    late: int
    seal: Seal | None
    chore_at: datetime | None
    backup: Backup | None
    failed_backup: Backup | None
    is_backup_wanted: bool
    free_bytes: int
    queues: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def is_worker_silent(self) -> bool:
        """Whether nobody delivers events and executes runs (H16)."""
        return self.worker_at is None or self.at - self.worker_at > SILENCE

    @property
    def is_backup_late(self) -> bool:
        """Whether the last good backup is too old, where backups are set up at all."""
        if not self.is_backup_wanted:
            return False
        return self.backup is None or self.at - self.backup.started_at > BACKUP_AGE

    @property
    def is_sealing_late(self) -> bool:
        """Whether the trail was not sealed for a while though a worker lives."""
        return self.chore_at is not None and self.at - self.chore_at > SEAL_AGE

    @property
    def is_disk_short(self) -> bool:
        """Whether the disk of the data folder is nearly full."""
        return self.free_bytes < FREE_BYTES

    @property
    def held(self) -> int:
        """How much work waits for a person's word after a restore."""
        queued = sum(queue.get("held", 0) for queue in self.queues.values())
        return self.deliveries.get("held", 0) + self.runs.get(RunState.HELD, 0) + queued

    @property
    def parked(self) -> int:
        """How many reactions failed for good."""
        return self.deliveries.get("parked", 0)

    @property
    def alarms(self) -> tuple[str, ...]:
        """What somebody must look at now, by short names."""
        found = {
            "worker": self.is_worker_silent,
            "backup": self.is_backup_late,
            "disk": self.is_disk_short,
            "sealing": self.is_sealing_late,
            "held": self.held > 0,
        }
        return tuple(name for name, is_so in found.items() if is_so)


def read_vitals(at: datetime) -> Vitals:
    """Look at heartbeat, queues, seals, backups and disk: small indexed reads only."""
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    done = Backup.objects.filter(state=BackupState.DONE).order_by("-started_at")
    failed = Backup.objects.filter(state=BackupState.FAILED).order_by("-started_at").first()
    last = done.first()
    if failed and last and failed.started_at < last.started_at:
        failed = None
    waiting = ["due", "leased", "parked", "held"]
    deliveries = Delivery.objects.filter(state__in=waiting).order_by()
    open_runs = [RunState.QUEUED, RunState.RUNNING, RunState.HELD]
    runs = Run.objects.filter(state__in=open_runs).order_by()
    return Vitals(
        at=at,
        worker_at=beats.get("worker"),
        deliveries=dict(deliveries.values_list("state").annotate(n=Count("id"))),
        runs=dict(runs.values_list("state").annotate(n=Count("pk"))),
        late=Delivery.objects.filter(state="due", due_at__lt=at - BACKLOG).count(),
        seal=Seal.objects.order_by("-number").first(),
        chore_at=beats.get("chore seal"),
        backup=last,
        failed_backup=failed,
        is_backup_wanted=bool(settings.BACKUP_DIR),
        free_bytes=_free_bytes(),
        queues={queue.name: _states(queue.model, waiting) for queue in queues()},
    )


def _states(model: type[models.Model], wanted: list[str]) -> dict[str, int]:
    """How many rows of a queue are in each of these states."""
    rows = model._base_manager.filter(state__in=wanted).order_by()
    return dict(rows.values_list("state").annotate(n=Count("pk")))


def _free_bytes() -> int:
    """Room in the data folder; none where there is no folder."""
    try:
        return shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return 0


_last: list[tuple[float, tuple[str, ...]]] = []


def recent_alarms(at: datetime) -> tuple[str, ...]:
    """The alarms of a few seconds ago, for a banner that stands on every page."""
    now = time.monotonic()
    if not _last or now - _last[0][0] > _KEPT_SECONDS:
        _last[:] = [(now, read_vitals(at).alarms)]
    return _last[0][1]


def forget_alarms() -> None:
    """Look anew at the next page."""
    _last.clear()
