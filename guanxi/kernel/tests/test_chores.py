"""Regular work is done once in its while, by one worker, and a failure stops nobody."""

import datetime as dt

import pytest
from django.db import connection

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


def test_between_two_steps_of_a_long_run_only_what_is_urgent_is_done(done) -> None:
    urgent: list[dt.datetime] = []
    chores.chore("urgent", every=HOUR, is_urgent=True)(urgent.append)
    assert chores.do_due(at=AT, is_urgent=True) == ["urgent"]
    assert (done, urgent) == ([], [AT])
    assert chores.do_due(at=AT) == ["note"]


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


def test_sqlite_is_told_how_many_rows_its_indexes_hold(django_assert_num_queries) -> None:
    Heartbeat.objects.bulk_create(Heartbeat(name=f"n{i}", at=AT) for i in range(50))
    if connection.vendor != "sqlite":  # It counts by itself.
        with django_assert_num_queries(0):
            chores.keep_plans_apt(AT)
        return
    chores.keep_plans_apt(AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'kernel_heartbeat'")
        assert int(cursor.fetchone()[0].split()[0]) >= 50
