"""The customer on paper: masks kept, marked with who and when, logged (M02)."""

import pytest

from guanxi.customers import services
from guanxi.customers.tests import factories
from guanxi.kernel.errors import NotFound
from guanxi.kernel.models import AccessEntry

pytestmark = pytest.mark.django_db


def test_it_is_marked_with_the_reader_and_logged_as_print(company):
    customer = company.of("sales", "own").customer
    client = factories.signed_in(company.users["sales"])
    answer = client.get(f"/customers/{customer.pk}/print/")
    assert answer.content.decode().count("Person sales 20") >= 2
    assert answer["Cache-Control"] == "private, no-store"
    line = AccessEntry.objects.get()
    assert (line.action, line.subject_id) == ("print", str(customer.pk))


def test_masks_stay_on_paper(company):
    mine = company.of("senior_agent", "own")
    client = factories.signed_in(company.users["senior_agent"])
    page = client.get(f"/customers/{mine.customer.pk}/print/").content.decode()
    assert mine.contact.phone[3:] not in page
    assert mine.contact.email not in page
    assert "technical senior_agent" not in page


def test_nothing_is_logged_for_what_one_may_not_see(company):
    with pytest.raises(NotFound):
        services.note_printed(
            company.of("sales", "foreign").customer.pk,
            actor=company.actor("sales"),
            at=factories.AT,
        )
    assert not AccessEntry.objects.exists()
