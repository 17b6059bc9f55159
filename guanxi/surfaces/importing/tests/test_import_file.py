"""The importer without a browser: `manage.py import_file`."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from guanxi.surfaces.importing.tests.conftest import counted, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.FILES_DIR, settings.DATA_DIR = tmp_path / "files", tmp_path
    return tmp_path


def run(*arguments: object, **options: object) -> dict:
    out = StringIO()
    call_command("import_file", *map(str, arguments), "--json", stdout=out, **options)
    return json.loads(out.getvalue())


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_columns_are_guessed_without_map(folder: Path) -> None:
    answer = run("customers", written(folder, "name,客户等级\n甲,core\n"))
    assert answer == counted(created=1) | {"errors_file": None}
    assert rows_of("customers.customer").get().tier == "core"


def test_map_set_and_create_missing(folder: Path) -> None:
    path = written(folder, "cid,inv,ts,pence,quantity\nK1,1,2020-01-01 10:00,100,3\n")
    answer = run(
        "orders", path, "--map", "customer.external_id=cid", "number=inv", "placed_at=ts",
        "amount_minor=pence", "--set", "currency=GBP", "--create-missing", "customer",
    )  # fmt: skip
    assert answer["created"] == 1
    order = rows_of("customers.order").get()
    assert (order.currency, order.amount_minor, order.quantity) == ("GBP", 100, 3)
    assert order.customer.external_id == "K1"


def test_wrong_rows_are_counted_and_written_down(folder: Path) -> None:
    answer = run("customers", written(folder, "name,电话\n甲,1.38E+10\n乙,\n"))
    assert {k: v for k, v in answer.items() if k != "errors_file"} == counted(created=1, invalid=1)
    with Path(answer["errors_file"]).open(encoding="utf-8-sig") as stream:
        header, row = csv.reader(stream)
    assert header[:2] == ["name", "电话"]
    assert row[:2] == ["甲", "1.38E+10"]


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    path = written(folder, "name\n甲\n")
    assert run("customers", path, "--dry-run")["created"] == 1
    assert not rows_of("customers.customer").exists()


def test_in_the_name_of_somebody(folder: Path, company) -> None:
    foreign = company.belongings["stranger"].customer
    path = written(folder, f"客户编号,客户名称\n{foreign.number},改名\n,新\n")
    answer = run("customers", path, "--as", "sales")
    assert (answer["created"], answer["forbidden"]) == (1, 1)
    assert rows_of("customers.customer").get(name="新").owner_id == company.users["sales"].pk


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing", "a.csv"], "nothing"),
        (["customers", "missing.csv"], "missing.csv"),
        (["customers", "a.csv", "--map", "name"], "--map"),
        (["customers", "a.csv", "--map", "name=没有"], "没有"),
        (["customers", "a.csv", "--map", "nope=name"], "nope"),
        (["customers", "a.csv", "--create-missing", "moon"], "moon"),
        (["customers", "a.csv", "--as", "nobody"], "nobody"),
        (["customers", "a.csv", "--as", "auditor"], "auditor"),
        (["customers", "empty.csv"], "空"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, company, arguments, said) -> None:
    written(folder, "name\n甲\n")
    written(folder, "", "empty.csv")
    placed = [str(folder / a) if a.endswith(".csv") else a for a in arguments]
    with pytest.raises(CommandError, match=said):
        run(*placed)
    assert not rows_of("customers.customer").filter(name="甲").exists()
