"""Small regular work of the worker: each chore is done by one worker, once in its while."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from guanxi.kernel import jobs, outbox
from guanxi.kernel.db.statistics import renew_statistics
from guanxi.kernel.files import collect_orphans
from guanxi.kernel.models import Heartbeat
from guanxi.kernel.watchdog import show_life

Work = Callable[[datetime], object]
#: The hours in the company's zone in which long work disturbs nobody.
NIGHT_BEGINS: Final = 2
NIGHT_ENDS: Final = 6
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chore:
    """What is done how often; an urgent one also between two steps of a long run."""

    name: str
    every: timedelta
    work: Work
    is_urgent: bool = False


#: How far the clocks of two hosts may be apart without anybody noticing.
SKEW = timedelta(minutes=5)
_chores: dict[str, Chore] = {}


def chore(name: str, *, every: timedelta, is_urgent: bool = False) -> Callable[[Work], Work]:
    """Register regular work; it may be cut short at any point and does no harm twice."""

    def register(work: Work) -> Work:
        _chores[name] = Chore(name, every, work, is_urgent)
        return work

    return register


def is_night(at: datetime) -> bool:
    """Whether it is night where the company works."""
    return NIGHT_BEGINS <= at.astimezone(ZoneInfo(settings.TIME_ZONE)).hour < NIGHT_ENDS


def do_due(*, at: datetime, is_urgent: bool = False) -> list[str]:
    """Do the chores whose time has come and that no other worker has taken; returns their names.

    All of them, or the urgent ones alone.
    """
    done = []
    for each in _chores.values():
        if is_urgent <= each.is_urgent and _take(each, at):
            show_life()
            try:
                each.work(at)
            except Exception:
                log.exception("the chore %s failed", each.name)
            done.append(each.name)
    return done


def _take(each: Chore, at: datetime) -> bool:
    """One conditional update decides which worker does it."""
    name = f"chore {each.name}"
    marks = Heartbeat.objects.filter(pk=name)
    # A mark far ahead was made by a clock that has been put back since (H13).
    is_time = Q(at__lte=at - each.every) | Q(at__gt=at + SKEW)
    if not marks.filter(is_time).exists() and marks.exists():
        return False
    if marks.filter(is_time).update(at=at):
        return True
    try:
        with transaction.atomic():
            Heartbeat.objects.create(name=name, at=at)
    except IntegrityError:
        return False
    return True


@chore("orphans", every=timedelta(hours=6))
def collect_lost_files(at: datetime) -> int:
    """Remove bytes that a crash left without a row (H06)."""
    return collect_orphans(at=at)


@chore("statistics", every=timedelta(minutes=15))
def keep_plans_apt(at: datetime) -> None:
    """After an import the tables are others than those the plans were made for."""
    del at
    renew_statistics()


@chore("clock", every=timedelta(minutes=5))
def pull_back(at: datetime) -> int:
    """Bring near what a clock that ran ahead has put off into the far future (H13)."""
    return outbox.pull_back(at=at) + jobs.pull_back(at=at)
