"""Bulk change: preview, partial failure, progress, undo that keeps later edits."""

import pytest
from django.utils import timezone

from guanxi.kernel.actor import Actor, Channel, system_actor
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Run, RunState
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record
from guanxi.surfaces.services.bulk import (
    Selection,
    preview_bulk_change,
    start_bulk_change,
    undo_bulk_change,
)

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()


def customers(*names: str) -> list[int]:
    record_type = get_record_type("customers.customer")
    made = [create_record(record_type, {"name": n}, actor=SYSTEM, at=timezone.now()) for n in names]
    return [customer.pk for customer in made]


def finished(run: Run) -> Run:
    assert execute_due(at=timezone.now())
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.error
    return run


def test_preview_counts_and_shows_old_and_new() -> None:
    ids = customers("甲公司", "乙公司")
    record_type = get_record_type("customers.customer")
    found = preview_bulk_change(
        record_type, Selection(tuple(ids)), {"tier": "core"}, actor=SYSTEM, at=timezone.now()
    )
    assert (found.total, found.changeable) == (2, 2)
    assert found.sample[0]["changes"][0]["old"] == "ordinary"


def test_changes_every_selected_record_and_names_the_refused_ones() -> None:
    ids = customers("甲公司", "乙公司", "丙公司")
    record_type = get_record_type("customers.customer")
    run = start_bulk_change(
        record_type,
        Selection(query={"tier": "ordinary"}),
        {"external_id": "X1"},
        actor=SYSTEM,
        at=timezone.now(),
    )
    result = finished(run).result
    assert result["changed"] == 1
    assert result["failed"] == 2
    assert {f["id"] for f in result["failures"]} < set(ids)
    assert "X1" not in result["failures"][0]["reason"]


def test_undo_restores_except_what_was_edited_since() -> None:
    ids = customers("甲公司", "乙公司")
    record_type = get_record_type("customers.customer")
    values = {"tier": "core"}
    run = finished(
        start_bulk_change(
            record_type, Selection(tuple(ids)), values, actor=SYSTEM, at=timezone.now()
        )
    )
    change_record(
        record_type, ids[0], {"tier": "potential"}, version=2, actor=SYSTEM, at=timezone.now()
    )
    undone = finished(undo_bulk_change(run, actor=SYSTEM, at=timezone.now()))
    rows = record_type.model._base_manager.in_bulk(ids)
    assert [rows[pk].tier for pk in ids] == ["potential", "ordinary"]
    assert undone.result["failed"] == 1


def test_bad_values_are_refused_before_anything_starts() -> None:
    record_type = get_record_type("customers.customer")
    with pytest.raises(RuleViolation):
        start_bulk_change(
            record_type, Selection(), {"tier": "gold"}, actor=SYSTEM, at=timezone.now()
        )
    assert not Run.objects.exists()


def test_needs_the_right_to_change() -> None:
    nobody = Actor(user_id=5, label="nobody", channel=Channel.WEB)
    with pytest.raises(Denied):
        start_bulk_change(
            get_record_type("customers.customer"),
            Selection(),
            {"tier": "core"},
            actor=nobody,
            at=timezone.now(),
        )


# What others set meanwhile ------------------------------------------------------------------------
def test_what_somebody_sets_after_the_start_is_kept_and_named() -> None:
    record_type, at = get_record_type("customers.customer"), timezone.now()
    ids = customers("甲公司", "乙公司", "丙公司", "丁公司")
    selection, li = Selection(tuple(ids)), system_actor("李某")
    run = start_bulk_change(record_type, selection, {"tier": "core"}, actor=SYSTEM, at=at)
    for pk, values in zip(
        ids, ({"tier": "potential"}, {"city": "上海"}, {"tier": "core"}), strict=False
    ):
        change_record(record_type, pk, values, version=1, actor=li, at=at)
    result = finished(run).result
    rows = record_type.model._base_manager.in_bulk(ids)
    assert [rows[pk].tier for pk in ids] == ["potential", "core", "core", "core"]
    assert rows[ids[1]].city == "上海"
    assert (result["changed"], result["unchanged"], result["failed"]) == (2, 1, 1)
    (failure,) = result["failures"]
    assert failure["id"] == ids[0]
    assert "李某" in failure["reason"]


def test_what_somebody_sets_after_the_preview_is_kept_too() -> None:
    record_type = get_record_type("customers.customer")
    ids = customers("甲公司", "乙公司")
    seen_at = timezone.now()
    change_record(
        record_type, ids[0], {"tier": "potential"}, version=1, actor=SYSTEM, at=timezone.now()
    )
    for seen, tier in ((seen_at, "potential"), (None, "core")):
        run = start_bulk_change(
            record_type, Selection(tuple(ids)), {"tier": "core"},
            actor=SYSTEM, at=timezone.now(), seen_at=seen,
        )  # fmt: skip
        finished(run)
        rows = record_type.model._base_manager.in_bulk(ids)
        assert [rows[pk].tier for pk in ids] == [tier, "core"]


def test_undo_puts_back_field_by_field() -> None:
    record_type, at = get_record_type("customers.customer"), timezone.now()
    (pk,) = customers("甲公司")
    values = {"tier": "core", "industry": "泵"}
    run = finished(start_bulk_change(record_type, Selection((pk,)), values, actor=SYSTEM, at=at))
    change_record(record_type, pk, {"tier": "potential"}, version=2, actor=SYSTEM, at=at)
    undone = finished(undo_bulk_change(run, actor=SYSTEM, at=timezone.now()))
    row = record_type.model._base_manager.get(pk=pk)
    assert (row.tier, row.industry) == ("potential", "")
    assert undone.result["failed"] == 1
