"""Keys in step with every write, and candidates read by the index alone."""

import pytest
from django.db import connection

from guanxi.customers.demo.services import book
from guanxi.customers.duplicates import queries
from guanxi.customers.duplicates.models import MatchKey
from guanxi.customers.duplicates.services import keys
from guanxi.customers.models import Contact, Customer
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT, SYSTEM
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record

pytestmark = pytest.mark.django_db
PHONE, OTHER = "+8613800138000", "+8613900139000"


def stored() -> set[tuple[int, int, int]]:
    return set(MatchKey.objects.values_list("value", "customer_id", "source_id"))


def changed(row, values):
    key = "contact" if isinstance(row, Contact) else "customer"
    return change_record(
        get_record_type(f"customers.{key}"),
        row.pk,
        values,
        version=row.version,
        actor=SYSTEM,
        at=AT,
    )


def alike(name: str, **typed: str) -> list[int]:
    profile = queries.typed_profile({"name": name, **typed})
    return [found.customer_id for found in queries.find_alike(profile)]


def test_a_change_of_name_changes_the_keys():
    customer = factories.customer(SYSTEM, "上海云澜精密电子有限公司")
    assert alike("云澜精密电子") == [customer.pk]
    changed(customer, {"name": "上海恒泰物流有限公司"})
    assert alike("云澜精密电子") == []
    assert alike("恒泰物流") == [customer.pk]


def test_a_contacts_numbers_are_keys_of_its_customer_and_move_with_it():
    one = factories.customer(SYSTEM, "上海云澜精密电子有限公司")
    two = factories.customer(SYSTEM, "上海云澜光电有限公司")
    contact = factories.contact(one, phone=PHONE, email="li@yunlan.cn")
    assert alike("上海云海精密电子", phone=PHONE) == [one.pk]
    contact = changed(contact, {"phone": OTHER})
    assert alike("上海云海精密电子", phone=PHONE) == []
    changed(contact, {"customer": two.pk})
    assert set(MatchKey.objects.filter(source_id=contact.pk).values_list("customer_id")) == {
        (two.pk,)
    }


def test_a_change_of_something_else_writes_no_keys(django_assert_max_num_queries):
    customer = factories.customer(SYSTEM)
    before = stored()
    with django_assert_max_num_queries(30) as asked:
        changed(customer, {"industry": "电子"})
    assert not [q for q in asked if "matchkey" in q["sql"]]
    assert stored() == before


def test_keys_made_anew_are_those_that_were_kept_in_step():
    customer = factories.customer(SYSTEM, short_name="云澜", phone=PHONE, email="a@yunlan.cn")
    factories.contact(customer, phone=OTHER)
    before = stored()
    keys.rebuild_keys(list(Customer.objects.values_list("pk", flat=True)))
    assert stored() == before
    assert len(before) > 8


def test_an_archived_customer_is_not_found():
    customer = factories.customer(SYSTEM)
    Customer.objects.filter(pk=customer.pk).update(archived_at=AT)
    assert alike(customer.name) == []


def test_a_key_that_everybody_has_brings_nobody_together():
    many = queries.FREQUENT + 1
    Customer.objects.bulk_create(
        Customer(number=f"F{n}", name=f"云澜{chr(0x5200 + n)}", created_at=AT, updated_at=AT)
        for n in range(many)
    )
    keys.write_keys(Customer.objects.all(), [])
    frequent = queries.matching.keys_of_customer(queries.Profile("云澜"))
    values = {value for _kind, value in frequent}
    assert max(len(ids) for ids in queries.read_keys(values).values()) > queries.FREQUENT
    assert queries.list_candidates(values) == set()


@pytest.mark.usefixtures("company")
def test_candidates_are_read_by_the_index():
    sql = queries.candidates_sql(3)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}", [1, 2, 3])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Seq Scan" not in plan
        assert plan.count("Index") >= 3
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", [1, 2, 3])
        plan = "\n".join(row[3] for row in cursor.fetchall())
    assert "SCAN customers_matchkey" not in plan
    assert plan.count("SEARCH customers_matchkey") == 3


def test_the_demo_writes_keys_for_what_it_stores():
    assert book.write_keys is keys.write_keys
