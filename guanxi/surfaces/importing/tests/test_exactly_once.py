"""Whatever interrupts an import, each row is applied once and the report is right (H02, H08)."""

import pytest
from django.utils import timezone

from guanxi.kernel.jobs import LeaseLost
from guanxi.kernel.models import Event
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.services import applying
from guanxi.surfaces.importing.tests.conftest import SYSTEM, Importing, counted, rows_of
from guanxi.surfaces.models import Import, ImportState

pytestmark = pytest.mark.django_db
ROWS = 23
CONTENT = "外部编号,客户名称,员工人数\n" + "".join(
    f"E{i if i != 15 else 3},客户{i},{i if i != 8 else 'x'}\n" for i in range(ROWS)
)
EXPECTED = counted(created=ROWS - 2, duplicates=1, invalid=1)


class Killed(BaseException):
    """Stands for the signal that no code can catch."""


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch) -> None:
    monkeypatch.setattr(applying, "CHUNK", 4)


def ready(importing: Importing) -> Import:
    source = importing.check(importing.take("customers.customer", CONTENT))
    assert source.counts == EXPECTED
    services.start_import(source.pk, actor=SYSTEM, at=timezone.now())
    return Import.objects.select_related("file").get(pk=source.pk)


def killer(at_row: int):
    def progress(done: int, _total: int) -> None:
        if done >= at_row:
            raise Killed

    return progress


@pytest.mark.parametrize("at_row", [0, 4, 8, 12, 16, 20, 23])
def test_a_killed_import_goes_on_where_it_was(importing: Importing, at_row: int) -> None:
    source = ready(importing)
    with pytest.raises(Killed):
        services.run_import(source, actor=SYSTEM, progress=killer(at_row), clock=timezone.now)
    done = importing.work(Import.objects.get(pk=source.pk))
    assert done.counts == EXPECTED
    names = sorted(rows_of("customers.customer").values_list("external_id", flat=True))
    assert len(names) == len(set(names)) == ROWS - 2
    assert Event.objects.filter(kind="record.created").count() == ROWS - 2
    assert Event.objects.filter(kind="import.started").count() == 1
    assert Event.objects.filter(kind="import.finished").count() == 1
    chunks = done.chunks.filter(is_preview=False).order_by("position")
    assert list(chunks.values_list("position", flat=True)) == [0, 4, 8, 12, 16, 20]


def test_of_two_workers_one_stops(importing: Importing) -> None:
    source, others = ready(importing), []

    def overtake(done: int, _total: int) -> None:
        if done == 8 and not others:
            others.append(Import.objects.select_related("file").get(pk=source.pk))
            services.run_import(
                others[0], actor=SYSTEM, progress=lambda *_: None, clock=timezone.now
            )

    with pytest.raises(LeaseLost):
        services.run_import(source, actor=SYSTEM, progress=overtake, clock=timezone.now)
    assert rows_of("customers.customer").count() == ROWS - 2


def test_cancelling_keeps_what_is_done_and_can_be_undone(importing: Importing) -> None:
    source = ready(importing)

    def cancel(done: int, _total: int) -> None:
        if done == 8:
            services.cancel_import(source.pk, actor=SYSTEM, at=timezone.now())
            raise Killed

    with pytest.raises(Killed):
        services.run_import(source, actor=SYSTEM, progress=cancel, clock=timezone.now)
    source.refresh_from_db()
    assert source.state == ImportState.CANCELLED
    assert rows_of("customers.customer").count() == 8
    undone = importing.undo(source)
    assert undone.about["undo"]["archived"] == 8


def test_importing_the_rest_after_a_cancel_completes_the_file(importing: Importing) -> None:
    source = ready(importing)
    with pytest.raises(Killed):
        services.run_import(source, actor=SYSTEM, progress=killer(8), clock=timezone.now)
    services.cancel_import(source.pk, actor=SYSTEM, at=timezone.now())
    again = importing.whole("customers.customer", CONTENT)
    assert again.counts == counted(created=ROWS - 10, unchanged=8, duplicates=1, invalid=1)
    assert rows_of("customers.customer").count() == ROWS - 2
