"""One person acts for another from a day until a day; both are named (A09)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers.models import Contact, Customer
from guanxi.customers.tests import factories
from guanxi.kernel.access import explain_access, visible
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.models import Substitution
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record, create_record

pytestmark = pytest.mark.django_db
KEY = "kernel.substitution"


def stand_in(company, by: str = "sales", **changes) -> Substitution:
    """The stranger stands in for sales."""
    now = timezone.now()
    values = {
        "person": company.users["sales"].pk,
        "substitute": company.users["stranger"].pk,
        "starts_at": now - timedelta(hours=1),
        "until": now + timedelta(days=3),
        "reason": "休假",
        **changes,
    }
    return create_record(get_record_type(KEY), values, actor=company.actor(by), at=now)


def seen(company) -> set[int]:
    rows = visible(company.actor("stranger"), "customers.view", Customer.objects.all())
    return set(rows.values_list("pk", flat=True))


def test_the_substitute_sees_everything_of_the_person(company):
    theirs = company.of("sales", "own")
    assert theirs.customer.pk not in seen(company)
    stand_in(company)
    assert theirs.customer.pk in seen(company)
    contacts = visible(company.actor("stranger"), "contacts.view", Contact.objects.all())
    assert theirs.contact in contacts
    steps = explain_access(company.actor("stranger"), "customers.change", theirs.customer)
    assert {"step": "stands_for", "ok": True, "detail": ""} in steps


def test_it_begins_and_ends_by_itself(company):
    theirs = company.of("sales", "own").customer.pk
    now = timezone.now()
    made = stand_in(company, starts_at=now + timedelta(hours=1))
    assert theirs not in seen(company)
    Substitution.objects.filter(pk=made.pk).update(starts_at=now - timedelta(seconds=1))
    assert theirs in seen(company)
    Substitution.objects.filter(pk=made.pk).update(until=now)
    assert theirs not in seen(company)


def test_archiving_it_ends_it(company):
    made = stand_in(company)
    archive_record(
        get_record_type(KEY), made.pk, version=1, actor=company.actor("sales"), at=timezone.now()
    )
    assert company.of("sales", "own").customer.pk not in seen(company)


def test_both_are_named_in_the_audit(company):
    customer = company.of("sales", "own").customer
    stand_in(company)
    change_record(
        get_record_type("customers.customer"), customer.pk, {"city": "苏州"}, version=1,
        actor=company.actor("stranger"), at=timezone.now(),
    )  # fmt: skip
    event = factories.last_event("record.changed")
    assert event.actor_user_id == company.users["stranger"].pk
    assert "Person stranger" in event.actor_label
    assert "Person sales" in event.actor_label
    assert event.data["stands_for"] == {
        "id": company.users["sales"].pk,
        "label": "Person sales",
    }


def test_a_substitute_does_not_archive(company):
    customer = company.of("sales", "own").customer
    stand_in(company)
    with pytest.raises(Denied):
        archive_record(
            get_record_type("customers.customer"), customer.pk, version=1,
            actor=company.actor("stranger"), at=timezone.now(),
        )  # fmt: skip


def test_nobody_gives_themselves_somebody_elses_book(company):
    with pytest.raises(Denied):
        stand_in(company, by="stranger")
    assert company.of("sales", "own").customer.pk not in seen(company)


@pytest.mark.parametrize(
    ("changes", "code"), [({"substitute": "sales"}, "not_oneself"), ({"until": 0}, "ends_first")]
)
def test_what_is_refused(company, changes, code):
    if "substitute" in changes:
        changes = {"substitute": company.users["sales"].pk}
    else:
        changes = {"until": timezone.now() - timedelta(days=9)}
    with pytest.raises(RuleViolation) as refused:
        stand_in(company, **changes)
    assert refused.value.code == code
