"""Handing out files: only to those they belong to, never to be run, logged (A10, B15, M02)."""

import pytest

from guanxi.customers import services
from guanxi.customers.tests import factories
from guanxi.kernel.errors import NotFound
from guanxi.kernel.models import AccessEntry
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record

pytestmark = pytest.mark.django_db


def url(attachment) -> str:
    return f"/attachments/{attachment.pk}/download/"


def test_the_owner_gets_the_bytes_as_a_download(company):
    attachment = factories.attachment(company.of("sales", "own").customer, "云澜 合同")
    answer = factories.signed_in(company.users["sales"]).get(url(attachment))
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"words")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "%E4%BA%91%E6%BE%9C" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Type"] == "application/octet-stream"


def test_the_access_log_says_who_took_what(company):
    attachment = factories.attachment(company.of("sales", "own").customer, "合同")
    services.download_attachment(attachment.pk, actor=company.actor("sales"), at=factories.AT)
    line = AccessEntry.objects.get(action="download")
    assert (line.subject_id, line.customer_id) == (str(attachment.pk), attachment.customer_id)
    assert line.actor_user_id == company.users["sales"].pk


@pytest.mark.parametrize(("kind", "reader"), [("finance", "sales"), ("technical", "senior_agent")])
def test_a_kind_beyond_ones_level_does_not_exist(company, kind, reader):
    attachment = factories.attachment(company.of(reader, "own").customer, kind=kind)
    with pytest.raises(NotFound):
        services.download_attachment(attachment.pk, actor=company.actor(reader), at=factories.AT)
    assert services.download_attachment(
        attachment.pk, actor=company.actor("administrator"), at=factories.AT
    )


@pytest.mark.parametrize("ownership", ["team", "branch", "foreign"])
def test_other_peoples_files_look_like_missing_ones(company, ownership):
    client = factories.signed_in(company.users["sales"])
    theirs = client.get(url(company.of("sales", ownership).attachment))
    missing = client.get("/attachments/00000000-0000-4000-8000-000000000000/download/")
    assert theirs.status_code == missing.status_code == 404
    assert theirs.content == missing.content
    assert not AccessEntry.objects.filter(action="download").exists()


def test_without_a_session_one_is_asked_to_sign_in(client, company):
    answer = client.get(url(company.of("sales", "own").attachment))
    assert (answer.status_code, answer["Location"][:16]) == (302, "/accounts/login/")


def test_an_archived_file_is_not_handed_out(company):
    attachment = factories.attachment(company.of("sales", "own").customer)
    archive_record(
        get_record_type("customers.attachment"),
        attachment.pk,
        version=1,
        actor=factories.SYSTEM,
        at=factories.AT,
    )
    with pytest.raises(NotFound):
        services.download_attachment(attachment.pk, actor=company.actor("sales"), at=factories.AT)


def test_seeing_the_list_is_not_the_right_to_download(company):
    attachment = factories.attachment(company.of("quality", "own").customer)
    client = factories.signed_in(company.users["quality"])
    assert client.get(url(attachment)).status_code == 404
