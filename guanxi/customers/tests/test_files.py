"""The pages of a customer's files: by year and kind, and filing one (CUS-10)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.customers.models import Attachment
from guanxi.customers.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(company):
    return company.of("sales", "own").customer


@pytest.fixture
def client(company):
    return factories.signed_in(company.users["sales"])


def upload(client, customer, content: bytes = b"%PDF-1.4 paper", name: str = "合同.pdf", **typed):
    values = {"kind": "contract", "year": "2026", "title": "", **typed}
    values["file"] = SimpleUploadedFile(name, content)
    return client.post(f"/customers/{customer.pk}/files/new/", values)


def test_a_file_is_filed_from_the_form(client, mine):
    before = mine.attachments.count()
    answer = upload(client, mine, title="云澜2026年合同", paper_location="3 柜")
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{mine.pk}/")
    filed = Attachment.objects.select_related("file").latest("created_at")
    assert mine.attachments.count() == before + 1
    assert (filed.title, filed.kind, filed.year) == ("云澜2026年合同", "contract", 2026)
    assert filed.file.mime == "application/pdf"


def test_the_form_suggests_company_year_and_kind(client, company):
    customer = factories.customer(company.actor("sales"), short_name="云澜电子")
    page = client.get(f"/customers/{customer.pk}/files/new/").content.decode()
    assert 'data-pattern="云澜电子{year}年{kind}"' in page
    assert "年合同" in page


@pytest.mark.parametrize(
    ("content", "name", "typed"),
    [
        (b"", "空.pdf", {}),
        (b"MZ\x90", "setup.exe", {}),
        (b"%PDF-1.4", "合同.jpg", {}),
        (b"%PDF-1.4", "合同.pdf", {"year": "two"}),
        (b"%PDF-1.4", "合同.pdf", {"year": "1066"}),
        (b"%PDF-1.4", "合同.pdf", {"kind": "nonsense"}),
    ],
)
def test_what_cannot_be_filed_is_refused_at_its_field(client, mine, content, name, typed):
    before = mine.attachments.count()
    answer = upload(client, mine, content, name, **typed)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert mine.attachments.count() == before


def test_without_a_file_the_form_says_so(client, mine):
    answer = client.post(f"/customers/{mine.pk}/files/new/", {"kind": "contract", "year": "2026"})
    assert answer.status_code == 422
    assert "请选择文件" in answer.content.decode()


def test_the_shelf_shows_years_and_narrows_by_kind(client, mine):
    factories.attachment(mine, "甲合同", "contract", year=2024)
    factories.attachment(mine, "乙函", "letter", year=2025)
    everything = client.get(f"/customers/{mine.pk}/files/").content.decode()
    assert everything.index("2025") < everything.index("2024")
    letters = client.get(f"/customers/{mine.pk}/files/?kind=letter").content.decode()
    assert "乙函" in letters
    assert "甲合同" not in letters


def test_closed_kinds_are_neither_listed_nor_offered(client, mine):
    factories.attachment(mine, "对账单", "finance")
    page = client.get(f"/customers/{mine.pk}/files/").content.decode()
    assert "对账单" not in page
    assert "kind=finance" not in page
    assert "对账单" not in client.get(f"/customers/{mine.pk}/").content.decode()
