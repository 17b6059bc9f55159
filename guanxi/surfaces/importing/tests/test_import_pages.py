"""The pages of an import, step by step, as a browser without scripts uses them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanxi.kernel.jobs import execute_due
from guanxi.surfaces.importing.tests.conftest import rows_of
from guanxi.surfaces.models import Import, ImportState
from tests.fixtures.company import PASSWORD

pytestmark = pytest.mark.django_db
CONTENT = "客户名称,电话,没用的\n甲,13800138000,x\n乙,1.38E+10,y\n".encode("gbk")


@pytest.fixture
def signed_in(company, settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path

    def client(name: str) -> Client:
        browser = Client()
        answer = browser.post("/accounts/login/", {"login": name, "password": PASSWORD})
        assert answer.status_code == 302
        return browser

    return client


def work() -> None:
    while execute_due(at=timezone.now()):
        pass


def upload(browser: Client, content: bytes = CONTENT, name: str = "客户.csv"):
    file = SimpleUploadedFile(name, content)
    return browser.post("/imports/new/", {"type": "customers.customer", "file": file})


def brought(browser: Client) -> Import:
    response = upload(browser)
    assert response.status_code == 302
    return Import.objects.get(pk=response["Location"].split("/")[2])


def test_from_the_file_to_the_records_and_back(signed_in) -> None:
    browser = signed_in("sales")
    assert "客户" in browser.get("/imports/new/?type=customers.customer").content.decode()
    source = brought(browser)
    page = browser.get(f"/imports/{source.pk}/").content.decode()
    assert "没用的" in page
    assert "13800138000" in page
    assert 'value="phone" selected' in page

    sent = {"column-0": "name", "column-1": "phone", "column-2": "", "fixed-0": "tier",
            "fixed-value-0": "core"}  # fmt: skip
    assert browser.post(f"/imports/{source.pk}/columns/", sent).status_code == 302
    busy = browser.get(f"/imports/{source.pk}/").content.decode()
    assert "<progress" in busy
    # A page that asks by itself is no use of the session: whoever walks away is signed out.
    assert 'hx-headers=\'{"X-Guanxi-Background": "1"}\'' in busy
    work()
    preview = browser.get(f"/imports/{source.pk}/").content.decode()
    assert "1.38E+10" in preview
    assert "将新建" in preview
    assert not rows_of("customers.customer").filter(name="甲").exists()
    errors = browser.get(f"/imports/{source.pk}/errors/")
    assert "attachment" in errors["Content-Disposition"]
    assert "乙" in b"".join(errors.streaming_content).decode("utf-8-sig")

    assert browser.post(f"/imports/{source.pk}/start/").status_code == 302
    work()
    made = rows_of("customers.customer").get(name="甲")
    assert (made.tier, made.phone) == ("core", "+8613800138000")
    result = browser.get(f"/imports/{source.pk}/").content.decode()
    assert f"/imports/{source.pk}/undo/" in result

    browser.post(f"/imports/{source.pk}/undo/")
    work()
    made.refresh_from_db()
    assert made.archived_at is not None
    source.refresh_from_db()
    assert source.state == ImportState.UNDONE
    assert browser.get(f"/imports/{source.pk}/").status_code == 200
    assert str(source.pk) in browser.get("/imports/").content.decode()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.csv", "空"),
        (b"%PDF-1.7", "a.pdf", "pdf"),
        (b"%PDF-1.7", "a.csv", "csv"),
        (b"MZ\x90", "a.csv", "程序"),
        (b"<html><table>", "a.xls", "xls"),
        (b"a,a\n1,2\n", "a.csv", "a"),
        (b"PK\x03\x04nonsense", "a.xlsx", "损坏"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    signed_in, content, name, said
) -> None:
    response = upload(signed_in("sales"), content, name)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Import.objects.exists()


def test_what_every_record_needs_is_asked_for_when_no_column_is_called_so(signed_in) -> None:
    browser = signed_in("sales")
    lacking = upload(browser, "电话,公司全名字\n13800138000,甲\n".encode())["Location"]
    assert "没有对应的列：客户名称" in browser.get(lacking).content.decode()
    whole = upload(browser)["Location"]
    assert "没有对应的列" not in browser.get(whole).content.decode()


def test_two_columns_for_one_field_are_refused(signed_in) -> None:
    browser = signed_in("sales")
    source = brought(browser)
    sent = {"column-0": "name", "column-1": "name"}
    response = browser.post(f"/imports/{source.pk}/columns/", sent)
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    source.refresh_from_db()
    assert source.state == ImportState.MAPPING


def test_another_persons_import_is_not_there(signed_in) -> None:
    source = brought(signed_in("sales"))
    other = signed_in("head")
    for part in ("", "errors/"):
        assert other.get(f"/imports/{source.pk}/{part}").status_code == 404
    for part in ("columns/", "start/", "cancel/", "undo/"):
        assert other.post(f"/imports/{source.pk}/{part}").status_code == 404
    assert str(source.pk) not in other.get("/imports/").content.decode()


@pytest.mark.parametrize("verb", ["columns", "start", "cancel", "undo"])
def test_nothing_happens_by_looking(signed_in, verb) -> None:
    browser = signed_in("sales")
    source = brought(browser)
    assert browser.get(f"/imports/{source.pk}/{verb}/").status_code == 405


def test_a_step_out_of_turn_is_refused_in_words(signed_in) -> None:
    browser = signed_in("sales")
    source = brought(browser)
    response = browser.post(f"/imports/{source.pk}/undo/", follow=True)
    assert response.status_code == 200
    source.refresh_from_db()
    assert source.state == ImportState.MAPPING


def test_who_may_import_nothing_finds_no_page(signed_in) -> None:
    browser = signed_in("auditor")
    assert browser.get("/imports/new/").status_code in {403, 404}
    assert upload(browser).status_code in {403, 404}


def test_empty_sheets_and_forms(signed_in) -> None:
    browser = signed_in("sales")
    for path in (
        reverse("import-sheet", args=["customers"]), reverse("import-form", args=["visit"]),
    ):  # fmt: skip
        response = browser.get(path)
        assert response.status_code == 200
        assert response.content.startswith(b"PK")
        assert response["X-Content-Type-Options"] == "nosniff"
    assert browser.get("/imports/sheets/payments.xlsx").status_code == 404
    assert browser.get("/imports/forms/moon.xlsx").status_code == 404
    assert Client().get("/imports/sheets/customers.xlsx").status_code == 302
