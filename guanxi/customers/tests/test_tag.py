"""Putting tags on and taking them off."""

import pytest

from guanxi.customers import services
from guanxi.customers.tests import factories
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.models import Event

pytestmark = pytest.mark.django_db


def test_adding_and_removing_change_tags_and_say_so(company):
    customer, actor = company.of("sales", "own").customer, company.actor("sales")
    tag = factories.tag("价格敏感")
    services.add_tag(customer.pk, tag_id=tag.pk, actor=actor, at=factories.AT)
    assert list(customer.tags.all()) == [tag]
    assert factories.last_event().data["changes"]["tags"] == [[], [tag.pk]]
    services.remove_tag(customer.pk, tag_id=tag.pk, actor=actor, at=factories.AT)
    assert not customer.tags.exists()
    assert factories.last_event().data["changes"]["tags"] == [[tag.pk], []]


def test_the_same_again_changes_and_records_nothing(company):
    customer, actor = company.of("sales", "own").customer, company.actor("sales")
    tag = factories.tag("价格敏感")
    services.add_tag(customer.pk, tag_id=tag.pk, actor=actor, at=factories.AT)
    before = Event.objects.count()
    services.add_tag(customer.pk, tag_id=tag.pk, actor=actor, at=factories.AT)
    assert Event.objects.count() == before
    customer.refresh_from_db()
    assert customer.version == 2


def test_a_tag_that_does_not_exist_is_refused(company):
    customer = company.of("sales", "own").customer
    with pytest.raises(RuleViolation) as refused:
        services.add_tag(customer.pk, tag_id=999, actor=company.actor("sales"), at=factories.AT)
    assert refused.value.code == "no_such_record"
    assert not customer.tags.exists()


@pytest.mark.parametrize(
    ("by", "ownership", "refusal"),
    [("sales", "foreign", NotFound), ("analyst", "own", Denied)],
)
def test_only_on_customers_that_one_may_change(company, by, ownership, refusal):
    customer = company.of(by, ownership).customer
    tag = factories.tag("价格敏感")
    with pytest.raises(refusal):
        services.add_tag(customer.pk, tag_id=tag.pk, actor=company.actor(by), at=factories.AT)
    assert not customer.tags.exists()
