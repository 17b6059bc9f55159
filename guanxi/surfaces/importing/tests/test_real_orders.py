"""44 866 real invoices go through the product's own importer, to the penny."""

import csv
import gzip
import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command

from guanxi.surfaces.importing.tests.conftest import counted, rows_of

FOLDER = Path(os.environ.get("GUANXI_REAL_DATA", project.BASE_DIR.parent / "shared" / "data"))
ORDERS = FOLDER / "online_retail_ii_orders.csv.gz"
COLUMNS = [
    "customer.external_id=customer_id", "number=invoice", "placed_at=ts",
    "amount_minor=amount_pence",
]  # fmt: skip

pytestmark = [
    pytest.mark.django_db(transaction=True),  # a planner without statistics would crawl
    pytest.mark.slow,
    pytest.mark.skipif(not ORDERS.exists(), reason=f"the real orders are not in {FOLDER}"),
]


def imported(**options: object) -> dict[str, object]:
    out = StringIO()
    call_command(
        "import_file", "orders", ORDERS, map=COLUMNS, set=["currency=GBP"],
        create_missing=["customer"], json=True, stdout=out, **options,
    )  # fmt: skip
    return json.loads(out.getvalue())


def test_the_real_orders_arrive_to_the_penny(settings, tmp_path: Path) -> None:
    settings.FILES_DIR, settings.DATA_DIR = tmp_path / "files", tmp_path
    with gzip.open(ORDERS, "rt") as stream:
        expected = {row["invoice"]: int(row["amount_pence"]) for row in csv.DictReader(stream)}
    assert imported() == counted(created=44_866) | {"errors_file": None}

    orders = rows_of("customers.order")
    assert dict(orders.values_list("number", "amount_minor")) == expected
    assert sum(expected.values()) == 1_634_365_102
    assert orders.filter(kind="return").count() == 7_897
    assert not orders.filter(kind="return", amount_minor__gte=0).exists()
    assert not orders.exclude(currency="GBP").exists()
    customers = rows_of("customers.customer")
    assert customers.count() == customers.exclude(external_id=None).count() == 5_939

    marks = list(orders.order_by("pk").values_list("pk", "version", "updated_at"))
    assert imported() == counted(unchanged=44_866) | {"errors_file": None}
    assert list(orders.order_by("pk").values_list("pk", "version", "updated_at")) == marks
