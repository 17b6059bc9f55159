"""A file becomes records: created, changed, left, refused, each with its reason."""

import csv
import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from guanxi.kernel.actor import Channel
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.files import open_stored
from guanxi.kernel.models import Event
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.tests.conftest import SYSTEM, Importing, counted, rows_of
from guanxi.surfaces.models import CustomField, Import, ImportState, SearchDoc
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.search import matching
from guanxi.surfaces.services import archive_record, change_record, create_record

pytestmark = pytest.mark.django_db

CUSTOMERS = """客户名称,外部编号,统一社会信用代码,所属行业,员工人数,成立日期,联系电话,客户等级,备注
华为技术有限公司,E1,91110000600037341L,通信,"190,000",1987年9月15日,010-88888888转801,核心,老客户
张伟,E2,,软件,,2024/1/5,13800138000,潜力,
王小明 👨‍👩‍👧𠮷,E3,,,,45296,+44 20 7946 0018,,=1+1
"""


def customers():
    return rows_of("customers.customer").order_by("pk")


def customers_type():
    return get_record_type("customers.customer")


def errors_of(source: Import) -> list[list[str]]:
    with open_stored(source.errors_file_id) as stream:
        return list(csv.reader(stream.read().decode("utf-8-sig").splitlines()))


def problems_of(source: Import) -> list[tuple[int, str, str, str]]:
    return [
        (report["line"], report["outcome"], column, code)
        for chunk in source.chunks.filter(is_preview=False)
        for report in chunk.problems
        for column, code, _message in report["problems"]
    ]


# Creating -----------------------------------------------------------------------------------------
def test_columns_are_guessed_and_rows_become_customers(importing: Importing) -> None:
    source = importing.whole("customers.customer", CUSTOMERS)
    assert source.counts == counted(created=3)
    first, second, third = customers()
    assert (first.name, first.external_id, first.credit_code) == (
        "华为技术有限公司", "E1", "91110000600037341L",
    )  # fmt: skip
    assert (first.headcount, first.founded_on, first.tier) == (
        190_000, dt.date(1987, 9, 15), "core",
    )  # fmt: skip
    assert first.phone == "+861088888888x801"
    assert second.founded_on == dt.date(2024, 1, 5)
    assert third.founded_on == dt.date(2024, 1, 5)
    assert third.name == "王小明 👨‍👩‍👧𠮷"
    assert third.notes == "=1+1"
    assert first.number.startswith("C")


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8-sig", "utf-16"])
def test_the_encoding_does_not_matter(importing: Importing, encoding: str) -> None:
    content = "客户名称,电话\n华为,13800138000\n".encode(encoding)
    assert importing.whole("customers.customer", content).counts == counted(created=1)
    assert customers().get().name == "华为"


def test_imported_records_are_found_and_told_like_any_other(importing: Importing) -> None:
    source = importing.whole("customers.customer", CUSTOMERS)
    customer = customers().first()
    event = Event.objects.get(
        subject_type="customers.customer", subject_id=str(customer.pk), kind="record.created"
    )
    assert event.channel == Channel.IMPORT.value
    assert event.request_id == str(source.pk)
    assert event.data["changes"]["name"] == [None, "华为技术有限公司"]
    assert "phone" not in event.data["changes"]
    assert event.detail.values["phone"] == [None, "+861088888888x801"]
    docs = SearchDoc.objects.filter(record_key="customers.customer", object_id=customer.pk)
    assert "华为" in docs.get(group="").folded
    assert "88888888" in docs.get(group="contact").folded
    assert list(customers().filter(matching(customers_type(), "hwjs", SYSTEM))) == [customer]
    assert set(Event.objects.filter(subject_id=str(source.pk)).values_list("kind", flat=True)) == {
        "import.started",
        "import.finished",
    }


def test_given_numbers_do_not_meet_the_series_later(importing: Importing) -> None:
    content = "订单号,客户,下单时间,金额\nO00000003,甲,2024-01-05,1\nO00000001,甲,2024-01-05,1\n"
    importing.whole("customers.order", content, create_missing=["customers.customer"])
    values = {"customer": customers().get().pk, "placed_at": timezone.now(), "amount_minor": 1}
    made = create_record(
        get_record_type("customers.order"), values, actor=SYSTEM, at=timezone.now()
    )
    assert made.number == "O00000004"


def test_our_own_numbers_find_a_customer_but_are_never_given(importing: Importing) -> None:
    importing.whole("customers.customer", "客户名称\n甲\n")
    number = customers().get().number
    content = f"客户编号,客户名称\n{number},甲公司\nC99999999,乙\n,丙\n"
    source = importing.whole("customers.customer", content)
    assert source.counts == counted(updated=1, created=1, invalid=1)
    assert [c.name for c in customers()] == ["甲公司", "丙"]
    assert problems_of(source) == [(3, "invalid", "客户编号", "unknown_key")]


def test_custom_fields_are_columns_like_any_other(importing: Importing) -> None:
    CustomField.objects.create(
        record_key="customers.customer", slug="rating", name="信用评级", kind="choice",
        choices=[{"value": "a", "label": "甲级"}, {"value": "b", "label": "乙级"}],
        created_at=timezone.now(), updated_at=timezone.now(),
    )  # fmt: skip
    source = importing.whole("customers.customer", "客户名称,信用评级\n甲,甲级\n乙,丁级\n")
    assert source.counts == counted(created=1, invalid=1)
    assert customers().get().custom == {"rating": "a"}
    assert problems_of(source) == [(3, "invalid", "信用评级", "not_a_choice")]


def test_references_are_found_by_name_number_or_key(importing: Importing, company) -> None:
    own = company.belongings["sales"].customer
    content = (
        "订单号,客户,下单时间,金额,负责\n"
        f"A1,{own.number},2009-12-01 07:45,\"¥1,234.50\",x\n"
        f"A2,{own.name},2024年1月5日 14时30分,1.2万,x\n"
        "A3,没有的客户,2024-01-05,1,x\n"
        "A4,,2024-01-05,1,x\n"
    )  # fmt: skip
    source = importing.whole("customers.order", content)
    assert source.mapping["amount"] == "金额"
    assert source.counts == counted(created=2, invalid=2)
    first, second = rows_of("customers.order").filter(number__startswith="A").order_by("number")
    assert (first.customer_id, first.amount_minor) == (own.pk, 123_450)
    assert first.placed_at == dt.datetime(2009, 11, 30, 23, 45, tzinfo=dt.UTC)
    assert (second.amount_minor, second.placed_at.astimezone().minute) == (1_200_000, 30)
    assert problems_of(source) == [
        (4, "invalid", "客户", "no_such_record"),
        (5, "invalid", "客户", "required"),
    ]


def test_tags_and_people_are_referred_to_by_name(importing: Importing, company) -> None:
    for name in ("价格敏感", "注重售后"):
        create_record(
            get_record_type("customers.tag"), {"name": name}, actor=SYSTEM, at=timezone.now()
        )
    content = "客户名称,标签,负责人\n甲,价格敏感、注重售后,Person sales\n乙,没有的标签,sales\n"
    source = importing.whole("customers.customer", content)
    assert source.counts == counted(created=1, invalid=1)
    made = customers().get(name="甲")
    assert set(made.tags.values_list("name", flat=True)) == {"价格敏感", "注重售后"}
    assert made.owner_id == company.users["sales"].pk
    assert made.department_id == company.departments["east"].pk


def test_missing_customers_are_created_along_the_way(importing: Importing) -> None:
    content = "invoice,customer_id,ts,pence\n1,K7,2020-01-01,100\n2,K7,2020-01-02,-50\n3,K8,x,1\n"
    mapping = {
        "number": "invoice", "customer.external_id": "customer_id",
        "placed_at": "ts", "amount_minor": "pence",
    }  # fmt: skip
    source = importing.whole(
        "customers.order", content, mapping=mapping, constants={"currency": "gbp"},
        create_missing=["customers.customer"],
    )  # fmt: skip
    assert source.counts == counted(created=2, invalid=1)
    assert [c.external_id for c in customers()] == ["K7"]
    assert list(rows_of("customers.order").order_by("number").values_list("kind", "currency")) == [
        ("sale", "GBP"), ("return", "GBP"),
    ]  # fmt: skip


def test_an_amount_beyond_all_numbers_is_one_wrong_row(importing: Importing) -> None:
    content = "客户名称,年营收\n甲,1e9999999\n乙,1e999999万\n丙,3万\n"
    source = importing.whole("customers.customer", content)
    assert source.counts == counted(created=1, invalid=2)
    assert customers().get(name="丙").revenue_minor == 3_000_000


# The same file again, other values, doubles -------------------------------------------------------
def test_a_second_import_changes_nothing(importing: Importing) -> None:
    importing.whole("customers.customer", CUSTOMERS)
    events = Event.objects.exclude(kind__startswith="import.").count()
    versions = list(customers().values_list("version", "updated_at"))
    source = importing.whole("customers.customer", CUSTOMERS)
    assert source.counts == counted(unchanged=3)
    assert list(customers().values_list("version", "updated_at")) == versions
    assert Event.objects.exclude(kind__startswith="import.").count() == events


def test_records_without_a_key_are_not_doubled_either(importing: Importing, company) -> None:
    name = company.belongings["sales"].customer.name
    content = (
        f"客户,沟通时间,沟通内容\n{name},2024-01-05 10:00,第一次\n{name},2024-01-05 10:00,第二次\n"
    )
    before = rows_of("customers.interaction").count()
    assert importing.whole("customers.interaction", content).counts["created"] >= 1
    again = importing.whole("customers.interaction", content)
    assert again.counts["created"] == 0
    assert rows_of("customers.interaction").count() - before <= 2


def test_only_what_differs_is_changed(importing: Importing) -> None:
    importing.whole("customers.customer", CUSTOMERS)
    source = importing.whole(
        "customers.customer",
        "外部编号,客户名称,员工人数,备注\nE1,华为技术有限公司,,新备注\nE2,张伟,30,\n",
    )
    assert source.counts == counted(updated=2)
    first, second, _third = customers()
    assert (first.headcount, first.notes) == (190_000, "新备注")
    assert second.headcount == 30
    event = Event.objects.get(subject_id=str(second.pk), kind="record.changed")
    assert event.data["changes"] == {"headcount": [None, 30]}


def test_a_key_that_comes_twice_is_a_double(importing: Importing) -> None:
    content = "外部编号,客户名称\nE1,甲\nE1,乙\nE2,丙\n"
    source = importing.whole("customers.customer", content)
    assert source.counts == counted(created=2, duplicates=1)
    assert problems_of(source) == [(3, "duplicates", "外部编号", "duplicate")]
    assert customers().get(external_id="E1").name == "甲"


def test_look_alikes_are_doubles(importing: Importing) -> None:
    importing.whole("customers.customer", "客户名称\n华为技术有限公司\nＡＢＣ贸易\n")
    content = "客户名称\n華為技術有限公司\nABC 贸易\n甲公司\n甲公 司\n华为技术有限公司\n"
    source = importing.whole("customers.customer", content)
    assert source.counts == counted(created=1, unchanged=1, duplicates=3)
    assert {code for _l, _o, _c, code in problems_of(source)} == {"alike"}


def test_an_archived_record_comes_back(importing: Importing) -> None:
    importing.whole("customers.customer", CUSTOMERS)
    first = customers().first()
    archive_record(
        get_record_type("customers.customer"), first.pk, version=first.version,
        actor=SYSTEM, at=timezone.now(),
    )  # fmt: skip
    source = importing.whole("customers.customer", CUSTOMERS)
    assert source.counts == counted(updated=1, unchanged=2)
    first.refresh_from_db()
    assert first.archived_at is None
    assert Event.objects.filter(subject_id=str(first.pk), kind="record.restored").exists()


# Refusals -----------------------------------------------------------------------------------------
def test_every_bad_cell_is_named_and_costs_only_its_row(importing: Importing) -> None:
    content = (
        "客户名称,统一社会信用代码,电话,员工人数,成立日期,邮箱\n"
        "甲,91110000600037341X,1.38E+10,-5,2024-13-01,x\n"
        "乙,,13800138000,5,2024-01-01,a@b.cn\n"
        ",,,,,a@b.cn\n"
        "丙,,\n"
    )
    source = importing.whole("customers.customer", content)
    assert source.counts == counted(created=1, invalid=3)
    assert [c.name for c in customers()] == ["乙"]
    assert problems_of(source) == [
        (2, "invalid", "电话", "scientific"),
        (2, "invalid", "成立日期", "no_such_date"),
        (2, "invalid", "邮箱", "not_email"),
        (4, "invalid", "客户名称", "required"),
        (5, "invalid", "", "ragged"),
    ]


def test_the_wrong_rows_can_be_mended_and_imported(importing: Importing) -> None:
    content = "客户名称,电话,没用的\n甲,1.38E+10,=x\n乙,13800138000,y\n丙,无,z\n"
    source = importing.whole("customers.customer", content)
    assert source.counts == counted(created=1, invalid=2)
    header, *rows = errors_of(source)
    assert header[:3] == ["客户名称", "电话", "没用的"]
    assert [row[0] for row in rows] == ["甲", "丙"]
    assert "电话" in rows[0][3]
    rows[0][1] = "13900139000"
    mended = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [header, *rows])
    again = importing.whole("customers.customer", mended)
    assert again.counts == counted(created=1, invalid=1)
    assert errors_of(again)[0] == header
    assert customers().get(name="甲").phone == "+8613900139000"


def test_values_that_are_taken_are_refused(importing: Importing) -> None:
    importing.whole("customers.customer", "外部编号,信用代码,客户名称\nE1,91110000600037341L,甲\n")
    source = importing.whole(
        "customers.customer",
        "外部编号,信用代码,客户名称\nE2,91110000600037341L,乙\nE3,,丙\nE4,,丁\n",
    )
    assert source.counts == counted(created=2, invalid=1)
    assert {code for _l, _o, _c, code in problems_of(source)} == {"taken"}
    assert "甲" not in str([chunk.problems for chunk in source.chunks.all()])


# Rights -------------------------------------------------------------------------------------------
def test_sales_import_only_into_what_is_theirs(importing: Importing, company) -> None:
    sales = company.actor("sales")
    foreign = company.belongings["stranger"].customer
    own = company.belongings["sales"].customer
    content = (
        "客户编号,客户名称,员工人数\n"
        f"{foreign.number},{foreign.name},5\n"
        f"{own.number},{own.name},6\n"
        ",新客户,7\n"
    )
    source = importing.whole("customers.customer", content, sales)
    assert source.counts == counted(created=1, updated=1, forbidden=1)
    foreign.refresh_from_db()
    assert foreign.headcount is None
    made = customers().get(name="新客户")
    assert (made.owner_id, made.department_id) == (sales.user_id, sales.department_id)
    assert foreign.name not in str([c.problems for c in source.chunks.all()])


def test_nobody_gives_a_new_customer_away_by_import(importing: Importing, company) -> None:
    sales = company.actor("sales")
    content = "客户名称,负责人\n甲,stranger\n乙,sales\n"
    source = importing.whole("customers.customer", content, sales)
    assert source.counts == counted(created=1, forbidden=1)
    assert not customers().filter(name="甲").exists()


def test_a_foreign_customer_cannot_be_referred_to(importing: Importing, company) -> None:
    foreign = company.belongings["stranger"].customer
    content = f"订单号,客户,下单时间,金额\nA1,{foreign.number},2024-01-05,1\n"
    source = importing.whole("customers.order", content, company.actor("sales"))
    assert source.counts == counted(invalid=1)
    assert not rows_of("customers.order").filter(number="A1").exists()


def test_fields_that_are_not_clear_cannot_be_filled(importing: Importing, company) -> None:
    head = company.actor("head")
    masked = type(head)(**{**{s: getattr(head, s) for s in head.__slots__}, "levels": {}})
    source = importing.take("customers.customer", "客户名称,电话\n甲,13800138000\n", masked)
    assert "phone" not in source.mapping
    with pytest.raises(RuleViolation) as caught:
        importing.choose(source, masked, mapping={"name": "客户名称", "phone": "电话"})
    assert caught.value.violations[0].code == "unknown_target"


def test_without_the_right_nothing_begins(importing: Importing, company) -> None:
    for name in ("junior_agent", "quality", "auditor"):
        with pytest.raises(Denied):
            importing.take("customers.customer", "客户名称\n甲\n", company.actor(name))
    assert not Import.objects.exists()


def test_another_persons_import_does_not_exist(importing: Importing, company) -> None:
    source = importing.take("customers.customer", "客户名称\n甲\n", company.actor("sales"))
    for step in (services.start_preview, services.start_import, services.start_undo,
                 services.cancel_import):  # fmt: skip
        with pytest.raises(NotFound):
            step(source.pk, actor=company.actor("head"), at=timezone.now())


def test_rights_lost_after_the_start_stop_the_import(importing: Importing, company) -> None:
    sales = company.actor("sales")
    source = importing.check(importing.take("customers.customer", "客户名称\n甲\n", sales), sales)
    services.start_import(source.pk, actor=sales, at=timezone.now())
    rows_of("people.user").filter(pk=sales.user_id).update(is_active=False)
    source = importing.work(source)
    assert source.state == ImportState.FAILED
    assert not customers().filter(name="甲").exists()


# Between preview and start ------------------------------------------------------------------------
def test_a_preview_writes_nothing(importing: Importing) -> None:
    source = importing.check(importing.take("customers.customer", CUSTOMERS))
    assert source.state == ImportState.READY
    assert source.counts == counted(created=3)
    assert not customers().exists()
    assert not Event.objects.exists()
    assert not SearchDoc.objects.exists()


def test_what_somebody_changed_meanwhile_is_not_overwritten(importing: Importing) -> None:
    importing.whole("customers.customer", CUSTOMERS)
    source = importing.check(
        importing.take("customers.customer", "外部编号,员工人数\nE1,5\nE2,6\n")
    )
    assert source.counts == counted(updated=2)
    first = customers().first()
    change_record(
        get_record_type("customers.customer"), first.pk, {"headcount": 7},
        version=first.version, actor=SYSTEM, at=timezone.now(),
    )  # fmt: skip
    done = importing.start(source)
    assert done.counts == counted(updated=1, invalid=1)
    assert problems_of(done)[0][2:] == ("员工人数", "changed_meanwhile")
    assert list(customers().values_list("headcount", flat=True)[:2]) == [7, 6]


def test_what_somebody_changed_meanwhile_in_other_fields_stays_beside_the_files(
    importing: Importing,
) -> None:
    importing.whole("customers.customer", CUSTOMERS)
    content = "外部编号,员工人数,所属行业\nE1,5,泵\nE2,6,阀\n"
    source = importing.check(importing.take("customers.customer", content))
    first, second, _third = customers()
    for row, values in ((first, {"city": "上海", "headcount": 5}), (second, {"industry": "阀"})):
        change_record(
            get_record_type("customers.customer"), row.pk, values,
            version=row.version, actor=SYSTEM, at=timezone.now(),
        )  # fmt: skip
    assert importing.start(source).counts == counted(updated=2)
    seen = customers().values_list("headcount", "industry", "city")
    assert list(seen)[:2] == [(5, "泵", "上海"), (6, "阀", second.city)]


def test_a_record_that_somebody_made_meanwhile_is_not_overwritten(importing: Importing) -> None:
    source = importing.check(
        importing.take("customers.customer", "外部编号,客户名称,员工人数\nE9,甲,5\n")
    )
    create_record(
        get_record_type("customers.customer"),
        {"external_id": "E9", "name": "甲", "headcount": 7}, actor=SYSTEM, at=timezone.now(),
    )  # fmt: skip
    assert importing.start(source).counts == counted(invalid=1)
    assert customers().get(external_id="E9").headcount == 7


def test_columns_are_remembered_for_the_next_file(importing: Importing, company) -> None:
    sales = company.actor("sales")
    source = importing.take("customers.customer", "公司,甲列,乙列\n甲,1,2\n", sales)
    importing.choose(
        source, sales, mapping={"name": "公司", "external_id": "乙列"}, constants={"tier": "core"}
    )
    again = importing.take("customers.customer", "乙列,公司,甲列\n2,甲,1\n", sales)
    assert again.mapping == {"name": "公司", "external_id": "乙列"}
    assert again.constants == {"tier": "core"}
    other = importing.take("customers.customer", "公司,甲列,乙列\n甲,1,2\n", company.actor("head"))
    assert "external_id" not in other.mapping


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("505.30", 50530), ("¥1,234.50", 123450), ("-3", -300), ("(2.50)", -250),
        ("1.2万", 1200000), ("￥0.01", 1), ("１２．５", 1250),
    ],
)  # fmt: skip
def test_amounts_in_units(importing: Importing, written: str, minor: int) -> None:
    content = f'订单号,客户,下单时间,金额\nA1,甲,2024-01-05,"{written}"\n'
    importing.whole("customers.order", content, create_missing=["customers.customer"])
    assert rows_of("customers.order").get().amount_minor == minor
    assert Decimal(minor) / 100
