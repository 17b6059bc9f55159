"""Records that come along with an import are counted; an undo says what it will do."""

import pytest
from django.apps import apps
from django.utils import timezone

from guanxi.surfaces.html.import_pages import ImportPage
from guanxi.surfaces.importing.services import applying
from guanxi.surfaces.importing.tests.conftest import SYSTEM, Importing, counted
from guanxi.surfaces.models import Import, SearchDoc

pytestmark = pytest.mark.django_db
Customer, Contact, Order, MatchKey = (
    apps.get_model("customers", name) for name in ("Customer", "Contact", "Order", "MatchKey")
)
ORDERS = "invoice,customer_id,ts,pence\n" + "".join(
    f"{n},K{n % 7},2020-01-01,100\n" for n in range(30)
)
MAPPING = {
    "number": "invoice", "customer.external_id": "customer_id",
    "placed_at": "ts", "amount_minor": "pence",
}  # fmt: skip
BESIDE = "客户名称,联系人姓名\n甲,张三\n甲,李四\n乙,王五\n"


def page_of(source: Import) -> ImportPage:
    return ImportPage(source, SYSTEM, timezone.now())


def checked(importing: Importing, key: str, content: str, **choices) -> Import:
    source = importing.take(key, content)
    if choices:
        importing.choose(source, **choices)
    return importing.check(source)


@pytest.mark.parametrize("chunk", [500, 4])
def test_missing_customers_are_foretold_and_counted_once(importing, monkeypatch, chunk) -> None:
    monkeypatch.setattr(applying, "CHUNK", chunk)
    source = checked(
        importing, "customers.order", ORDERS, mapping=MAPPING,
        create_missing=["customers.customer"],
    )  # fmt: skip
    assert page_of(source).along == ["客户 7"]
    done = importing.start(source)
    assert done.counts == counted(created=30)
    page = page_of(done)
    assert page.along == ["客户 7"]
    assert "37" in page.undo_told  # thirty orders and seven customers
    again = importing.whole(
        "customers.order", ORDERS, mapping=MAPPING, create_missing=["customers.customer"]
    )
    assert page_of(again).along == []


def test_contacts_beside_their_customers_are_counted(importing) -> None:
    source = checked(importing, "customers.customer", BESIDE)
    assert page_of(source).along == ["联系人 3"]
    done = importing.start(source)
    assert page_of(done).along == ["联系人 3"]
    assert done.about["along"] == {"customers.contact": 3}


def test_the_same_amount_in_two_currencies_is_read_in_each(importing) -> None:
    mapping = {
        "number": "number", "customer.external_id": "customer", "placed_at": "day",
        "amount": "amount", "currency": "currency",
    }  # fmt: skip
    rows = "".join(f"A{n},K1,2020-01-01,12,{'JPY' if n % 2 else 'CNY'}\n" for n in range(6))
    done = importing.whole(
        "customers.order", "number,customer,day,amount,currency\n" + rows, mapping=mapping,
        create_missing=["customers.customer"],
    )  # fmt: skip
    assert done.counts == counted(created=6)
    read = set(Order.objects.values_list("currency", "amount_minor"))
    assert read == {("CNY", 1200), ("JPY", 12)}


def test_a_check_leaves_nothing_behind_and_foretells_what_the_import_does(importing) -> None:
    source = checked(importing, "customers.customer", BESIDE)
    left = [model.objects.count() for model in (Customer, Contact, SearchDoc, MatchKey)]
    assert left == [0, 0, 0, 0]
    foretold = dict(source.counts)
    assert importing.start(source).counts == foretold
    assert MatchKey.objects.filter(customer__name="甲").exists()
    assert SearchDoc.objects.filter(title="张三").exists()
