"""A customer and its contact in one row, as people keep their lists (handbook form 1)."""

import pytest

from guanxi.surfaces.importing.tests.conftest import Importing, counted, rows_of

pytestmark = pytest.mark.django_db
CONTENT = (
    "客户名称,所属行业,联系人姓名,职位,联系人电话,联系人邮箱\n"
    "甲公司,软件,张伟,经理,13800138001,zw@example.cn\n"
    "乙公司,贸易,李娜,采购,13800138002,\n"
    "甲公司,软件,王芳,财务,13800138003,\n"
    "丙公司,物流,,,,\n"
)


def contacts():
    return rows_of("customers.contact").order_by("pk")


def names() -> list[tuple[str, str]]:
    return list(contacts().values_list("customer__name", "name"))


def test_customers_come_with_their_contacts(importing: Importing) -> None:
    source = importing.whole("customers.customer", CONTENT)
    assert source.mapping["contact.name"] == "联系人姓名"
    assert source.mapping["contact.position"] == "职位"
    assert source.counts == counted(created=3, updated=1)
    assert rows_of("customers.customer").count() == 3
    assert sorted(names()) == [("乙公司", "李娜"), ("甲公司", "张伟"), ("甲公司", "王芳")]
    first = contacts().get(name="张伟")
    assert (first.phone, first.email, first.position) == (
        "+8613800138001", "zw@example.cn", "经理",
    )  # fmt: skip


def test_columns_of_a_contact_without_a_name_are_not_guessed(importing: Importing) -> None:
    source = importing.whole("customers.customer", "客户名称,职位,微信\n甲公司,经理,zw\n")
    assert source.mapping == {"name": "客户名称"}
    assert source.counts == counted(created=1)


def test_a_second_import_changes_nothing(importing: Importing) -> None:
    importing.whole("customers.customer", CONTENT)
    marks = list(contacts().values_list("version", "updated_at"))
    assert importing.whole("customers.customer", CONTENT).counts == counted(unchanged=4)
    assert list(contacts().values_list("version", "updated_at")) == marks


def test_a_contact_of_a_known_customer_is_changed_or_added(importing: Importing) -> None:
    importing.whole("customers.customer", CONTENT)
    source = importing.whole(
        "customers.customer",
        "客户名称,联系人姓名,职位,联系人电话\n甲公司,张伟,总监,13800138001\n乙公司,赵六,,13800138009\n",
    )
    assert source.counts == counted(updated=2)
    assert contacts().get(name="张伟").position == "总监"
    assert ("乙公司", "赵六") in names()


def test_a_bad_contact_costs_its_row_only(importing: Importing) -> None:
    source = importing.whole(
        "customers.customer",
        "客户名称,联系人姓名,联系人电话\n甲公司,张伟,1234\n乙公司,,13800138002\n丙公司,王芳,13800138003\n",
    )
    assert source.counts == counted(created=1, invalid=2)
    assert names() == [("丙公司", "王芳")]
    assert list(rows_of("customers.customer").values_list("name", flat=True)) == ["丙公司"]
    columns = [p[0] for r in source.about["examples"] for p in r["problems"]]
    assert columns == ["联系人电话", "联系人姓名"]


def test_taking_it_back_takes_the_contacts_too(importing: Importing) -> None:
    importing.whole("customers.customer", "客户名称,联系人姓名,职位\n乙公司,李娜,采购\n")
    source = importing.whole(
        "customers.customer", "客户名称,联系人姓名,职位\n甲公司,张伟,经理\n乙公司,李娜,总监\n"
    )
    tally = importing.undo(source).about["undo"]
    assert (tally["restored"], tally["archived"], tally["kept_count"]) == (1, 2, 0)
    assert contacts().get(name="李娜").position == "采购"
    assert contacts().get(name="张伟").archived_at is not None
    assert rows_of("customers.customer").get(name="甲公司").archived_at is not None


def test_who_may_not_keep_contacts_is_not_offered_their_columns(
    importing: Importing, company
) -> None:
    sales = company.actor("sales")
    without = {n: r for n, r in sales.grants.items() if not n.startswith("contacts.")}
    narrow = type(sales)(**{s: getattr(sales, s) for s in sales.__slots__} | {"grants": without})
    source = importing.take("customers.customer", CONTENT, narrow)
    assert not [name for name in source.mapping if name.startswith("contact.")]


def test_sales_bring_contacts_of_their_own_customers(importing: Importing, company) -> None:
    foreign = company.belongings["stranger"].customer
    content = f"客户编号,客户名称,联系人姓名\n{foreign.number},{foreign.name},张伟\n,新公司,李娜\n"
    source = importing.whole("customers.customer", content, company.actor("sales"))
    assert source.counts == counted(created=1, forbidden=1)
    assert not contacts().filter(name="张伟").exists()
    assert contacts().filter(name="李娜", customer__name="新公司").exists()
