"""An import is taken back: earlier values return, later edits are kept and named."""

import pytest
from django.utils import timezone

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Event
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.services import applying
from guanxi.surfaces.importing.tests.conftest import SYSTEM, Importing, counted, rows_of
from guanxi.surfaces.models import ImportState
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record

pytestmark = pytest.mark.django_db
HEADER = "外部编号,客户名称,员工人数,客户等级,联系电话\n"
FIRST = HEADER + "E1,甲,1,普通,13800138001\nE2,乙,2,普通,13800138002\n"
SECOND = HEADER + "E1,甲,11,核心,13900139001\nE2,乙,22,核心,\nE3,丙,3,潜力,\n"


def customers():
    return rows_of("customers.customer").order_by("pk")


def change(customer, **values):
    customer.refresh_from_db()
    record_type = get_record_type("customers.customer")
    change_record(
        record_type, customer.pk, values, version=customer.version, actor=SYSTEM, at=timezone.now()
    )


def test_values_return_and_new_records_are_archived(importing: Importing) -> None:
    importing.whole("customers.customer", FIRST)
    source = importing.whole("customers.customer", SECOND)
    assert source.counts == counted(created=1, updated=2)
    undone = importing.undo(source)
    assert undone.state == ImportState.UNDONE
    assert undone.about["undo"] == {"restored": 2, "archived": 1, "kept_count": 0, "kept": []}
    assert list(customers().values_list("headcount", "tier", "phone")) == [
        (1, "ordinary", "+8613800138001"), (2, "ordinary", "+8613800138002"), (3, "potential", ""),
    ]  # fmt: skip
    assert [c.archived_at is not None for c in customers()] == [False, False, True]
    event = Event.objects.get(kind="import.undone")
    assert event.data["restored"] == 2


def test_what_was_edited_since_stays_and_is_named(importing: Importing) -> None:
    importing.whole("customers.customer", FIRST)
    source = importing.whole("customers.customer", SECOND)
    first, _second, third = customers()
    change(first, headcount=99)
    change(third, notes="gepflegt")
    undone = importing.undo(source)
    tally = undone.about["undo"]
    assert (tally["restored"], tally["archived"], tally["kept_count"]) == (2, 0, 2)
    reasons = {pk: reason for _key, pk, _line, reason in tally["kept"]}
    assert "员工人数" in reasons[first.pk]
    assert third.pk in reasons
    first.refresh_from_db()
    assert (first.headcount, first.tier) == (99, "ordinary")
    third.refresh_from_db()
    assert third.archived_at is None


def test_records_that_others_belong_to_are_kept(importing: Importing) -> None:
    source = importing.whole("customers.customer", FIRST)
    first = customers().first()
    values = {"customer": first.pk, "name": "王"}
    create_record(get_record_type("customers.contact"), values, actor=SYSTEM, at=timezone.now())
    tally = importing.undo(source).about["undo"]
    assert (tally["archived"], tally["kept_count"]) == (1, 1)
    assert tally["kept"][0][1] == first.pk


def test_customers_created_along_the_way_go_with_their_orders(importing: Importing) -> None:
    content = "订单号,客户,下单时间,金额\n" + "".join(
        f"N{i},K{i % 3},2024-01-05,1\n" for i in range(9)
    )
    source = importing.whole("customers.order", content, create_missing=["customers.customer"])
    assert (customers().count(), rows_of("customers.order").count()) == (3, 9)
    tally = importing.undo(source).about["undo"]
    assert (tally["archived"], tally["kept_count"]) == (12, 0)
    again = importing.whole("customers.order", content, create_missing=["customers.customer"])
    assert again.counts == counted(updated=9)
    assert rows_of("customers.order").filter(archived_at=None).count() == 9


def test_an_undo_that_was_interrupted_goes_on(importing: Importing, monkeypatch) -> None:
    monkeypatch.setattr(applying, "CHUNK", 2)
    content = "外部编号,客户名称\n" + "".join(f"E{i},客户{i}\n" for i in range(7))
    source = importing.whole("customers.customer", content)
    services.start_undo(source.pk, actor=SYSTEM, at=timezone.now())

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    source.refresh_from_db()
    with pytest.raises(KeyboardInterrupt):
        services.run_undo(source, actor=SYSTEM, progress=stop, clock=timezone.now)
    assert customers().filter(archived_at=None).count() == 4
    undone = importing.work(source)
    assert undone.about["undo"]["archived"] == 7
    assert Event.objects.filter(kind="record.archived").count() == 7


def test_nothing_done_is_nothing_to_undo(importing: Importing) -> None:
    source = importing.check(importing.take("customers.customer", FIRST))
    with pytest.raises(RuleViolation) as caught:
        services.start_undo(source.pk, actor=SYSTEM, at=timezone.now())
    assert caught.value.code == "import_state"


def test_sales_undo_their_own_import(importing: Importing, company) -> None:
    sales = company.actor("sales")
    source = importing.whole("customers.customer", "客户名称\n甲\n乙\n", sales)
    made = customers().get(name="乙")
    rows_of("customers.customer").filter(pk=made.pk).update(
        owner_id=company.users["stranger"].pk, version=2
    )
    tally = importing.undo(source, sales).about["undo"]
    assert (tally["archived"], tally["kept_count"]) == (1, 1)


def test_what_was_taken_back_comes_again_with_what_it_refers_to(importing: Importing) -> None:
    content = "订单号,客户外部编号,金额,下单时间\nA1,E1,10,2026-01-01\nA2,E2,20,2026-01-02\n"
    choices = {
        "mapping": {
            "number": "订单号", "customer.external_id": "客户外部编号", "amount": "金额",
            "placed_at": "下单时间",
        },
        "create_missing": ["customers.customer"],
    }  # fmt: skip
    first = importing.whole("customers.order", content, **choices)
    importing.undo(first)
    customers = rows_of("customers.customer").filter(external_id__in=["E1", "E2"])
    assert customers.exclude(archived_at=None).count() == 2
    again = importing.whole("customers.order", content, **choices)
    assert again.counts == counted(updated=2)
    assert customers.filter(archived_at=None).count() == 2
    assert rows_of("customers.order").filter(archived_at=None).count() == 2
    importing.undo(again)
    assert customers.exclude(archived_at=None).count() == 2
    assert not rows_of("customers.order").filter(archived_at=None, number__in=["A1", "A2"]).exists()
