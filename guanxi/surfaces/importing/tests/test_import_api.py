"""Imports over the API: a program sends a file and follows it."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from guanxi.kernel.jobs import execute_due
from guanxi.surfaces.importing.tests.conftest import counted, rows_of
from guanxi.surfaces.models import Import

pytestmark = pytest.mark.django_db
CONTENT = "name,customer phone,extra\n甲,13800138000,x\n乙,1.38E+10,y\n"


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path


def work() -> None:
    while execute_due(at=timezone.now()):
        pass


def send(caller, content: str | bytes = CONTENT, name: str = "a.csv", **fields: str):
    raw = content if isinstance(content, bytes) else content.encode()
    values = {"type": "customers", "file": SimpleUploadedFile(name, raw), **fields}
    headers = caller.headers
    return caller.client.post("/api/v1/imports/", values, headers=headers)


def test_a_program_imports_and_takes_back(callers) -> None:
    caller = callers("sales")
    answer = send(caller)
    assert answer.status_code == 201
    found = answer.json()
    assert found["mapping"] == {"name": "name"}
    assert found["columns"] == ["name", "customer phone", "extra"]
    path = answer["Location"].removeprefix("http://testserver/api/v1/")

    changed = caller.patch(path, {"mapping": {"name": "name", "phone": "customer phone"}})
    assert changed.status_code == 200
    assert caller.post(f"{path}preview/").status_code == 202
    work()
    checked = caller.get(path).json()
    assert checked["state"] == "ready"
    assert checked["counts"] == counted(created=1, invalid=1)
    assert checked["problems"][0]["line"] == 3
    errors = caller.get(f"{path}errors/")
    assert "乙" in b"".join(errors.streaming_content).decode("utf-8-sig")

    assert caller.post(f"{path}start/", once="k1").status_code == 202
    assert caller.post(f"{path}start/", once="k1")["Idempotency-Replayed"] == "true"
    work()
    assert rows_of("customers.customer").get(name="甲").phone == "+8613800138000"
    assert caller.post(f"{path}undo/").status_code == 202
    work()
    assert caller.get(path).json()["undo"]["archived"] == 1
    assert caller.get("imports/").json()["results"][0]["id"] == found["id"]


def test_the_columns_can_come_with_the_file(callers) -> None:
    mapping = json.dumps({"name": "name", "phone": "customer phone"})
    answer = send(callers("sales"), mapping=mapping, constants='{"tier": "core"}')
    assert answer.status_code == 201
    assert answer.json()["mapping"]["phone"] == "customer phone"


def test_another_persons_import_is_not_there(callers) -> None:
    pk = send(callers("sales")).json()["id"]
    other = callers("head")
    for method, part in (("GET", ""), ("GET", "errors/"), ("POST", "start/"), ("POST", "undo/")):
        missing = other.send(method, f"imports/{uuid.uuid4()}/{part}")
        foreign = other.send(method, f"imports/{pk}/{part}")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json() == missing.json()
    assert other.get("imports/").json()["results"] == []


@pytest.mark.parametrize(
    ("name", "status"), [("auditor", 403), ("junior_agent", 403), ("sales", 201)]
)
def test_the_right_is_needed(callers, name: str, status: int) -> None:
    assert send(callers(name)).status_code == status


def test_a_token_that_only_reads_imports_nothing(callers) -> None:
    assert send(callers("sales", {"*": "read"})).status_code == 403
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("fields", "content", "name", "field"),
    [
        ({"type": "moons"}, CONTENT, "a.csv", "type"),
        ({"type": "roles"}, CONTENT, "a.csv", "type"),
        ({}, b"%PDF-1.7", "a.csv", "file"),
        ({}, b"", "a.csv", "file"),
        ({}, b"a,a\n", "a.csv", "file"),
        ({"mapping": "["}, CONTENT, "a.csv", "mapping"),
        ({"mapping": "[]"}, CONTENT, "a.csv", "mapping"),
        ({"mapping": '{"name": 1}'}, CONTENT, "a.csv", "mapping"),
        ({"create_missing": '"x"'}, CONTENT, "a.csv", "create_missing"),
        ({"surprise": "x"}, CONTENT, "a.csv", "surprise"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(callers, fields, content, name, field) -> None:
    answer = send(callers("sales"), content, name, **fields)
    assert answer.status_code == 400
    assert field in json.dumps(answer.json())


def test_a_file_that_is_too_large_is_not_read(callers, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    caller = callers("sales")
    assert send(caller, b"name\n" + b"x\n" * (1 << 20)).status_code == 413
    assert send(caller, b"name\n" + b"x\n" * 1000).status_code == 400
