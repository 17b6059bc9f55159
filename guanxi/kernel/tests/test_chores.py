"""Regular work is done once in its while, by one worker, and a failure stops nobody."""

import datetime as dt

import pytest

from guanxi.kernel import chores
from guanxi.kernel.models import Heartbeat

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 11, 2, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def done(monkeypatch) -> list[dt.datetime]:
    times: list[dt.datetime] = []
    monkeypatch.setattr(chores, "_chores", {})
    chores.chore("note", every=HOUR)(times.append)
    return times


def test_a_chore_is_done_once_in_its_while(done) -> None:
    for minutes in (0, 1, 59, 60, 61, 119, 121):
        chores.do_due(at=AT + dt.timedelta(minutes=minutes))
    assert done == [AT, AT + HOUR, AT + dt.timedelta(minutes=121)]


def test_another_worker_was_faster(done) -> None:
    Heartbeat.objects.create(name="chore note", at=AT)
    assert chores.do_due(at=AT + dt.timedelta(minutes=5)) == []
    assert done == []


def test_a_failing_chore_stops_nobody(done) -> None:
    def fail(_at: dt.datetime) -> None:
        raise OSError("the disk is full")

    chores.chore("fail", every=HOUR)(fail)
    assert chores.do_due(at=AT) == ["note", "fail"]
    assert done == [AT]


def test_lost_files_are_among_the_chores() -> None:
    assert "orphans" in chores._chores
