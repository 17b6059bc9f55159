"""Filing a document with a customer, under year and kind (CUS-10)."""

import io

import pytest

from guanxi.customers import services
from guanxi.customers.models import Attachment
from guanxi.customers.tests import factories
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.files import accept_upload, open_stored
from guanxi.kernel.models import Event

pytestmark = pytest.mark.django_db


def file(customer, actor, kind: str = "contract", year: int = 2026, title: str = "") -> Attachment:
    accepted = accept_upload(io.BytesIO(b"paper"), "合同.txt", max_bytes=100)
    filing = services.Filing(kind, year, title, "3 柜 12 夹")
    return services.add_attachment(
        customer.pk, accepted=accepted, filing=filing, actor=actor, at=factories.AT
    )


def test_it_is_filed_and_its_bytes_are_kept(company):
    customer = company.of("sales", "own").customer
    filed = file(customer, company.actor("sales"), title="云澜2026年合同")
    filed = Attachment.objects.select_related("file").get(pk=filed.pk)
    assert (filed.title, filed.kind, filed.year) == ("云澜2026年合同", "contract", 2026)
    assert (filed.paper_location, filed.file.name) == ("3 柜 12 夹", "合同.txt")
    with open_stored(filed.file.pk) as stream:
        assert stream.read() == b"paper"


def test_without_a_title_the_files_name_is_the_title(company):
    filed = file(company.of("sales", "own").customer, company.actor("sales"))
    assert filed.title == "合同.txt"


def test_the_event_is_on_the_customers_timeline(company):
    customer = company.of("sales", "own").customer
    filed = file(customer, company.actor("sales"), title="合同")
    event = factories.last_event()
    assert (event.kind, event.customer_id) == ("customers.file_added", customer.pk)
    assert event.subject_id == str(filed.pk)
    assert event.data["kind_of_file"] == "contract"
    assert event.data["sha256"] == filed.file.sha256


@pytest.mark.parametrize(
    ("kind", "year"), [("nonsense", 2026), ("contract", 1066), ("contract", 0)]
)
def test_kind_and_year_must_be_such(company, kind, year):
    customer = company.of("sales", "own").customer
    before = customer.attachments.count()
    with pytest.raises(RuleViolation):
        file(customer, company.actor("sales"), kind, year)
    assert customer.attachments.count() == before


def test_a_kind_beyond_ones_level_is_refused_whole(company):
    customer = company.of("sales", "own").customer
    with pytest.raises(Denied):
        file(customer, company.actor("sales"), "finance")
    assert not Event.objects.filter(kind="customers.file_added").exists()


@pytest.mark.parametrize(
    ("by", "ownership", "refusal"), [("sales", "foreign", NotFound), ("quality", "own", Denied)]
)
def test_only_with_the_right_and_in_scope(company, by, ownership, refusal):
    customer = company.of(by, ownership).customer
    before = customer.attachments.count()
    with pytest.raises(refusal):
        file(customer, company.actor(by))
    assert customer.attachments.count() == before
