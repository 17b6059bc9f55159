"""Recurring work is written down once a round and goes with the customer (CUS-7, VIS-7)."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.commitments import recurring, services
from guanxi.commitments.jobs import write_down_recurring_work
from guanxi.commitments.models import Cadence, Commitment
from guanxi.commitments.reactions import follow_owners
from guanxi.commitments.services.recurring import write_down_due
from guanxi.commitments.tests.factories import AT, SYSTEM, promise, todo
from guanxi.customers.services import transfer_customer
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Event
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)  # three in the morning of the 11th


def cadence(company, **values):
    given = {
        "name": "季度核对",
        "title": "核对客户基础信息",
        "condition": {"field": "tier", "op": "is", "value": "core"},
        "is_on": True,
        **values,
    }
    actor = company.actor("administrator")
    return create_record(get_record_type("commitments.cadence"), given, actor=actor, at=AT)


@pytest.fixture
def core(company):
    """The sales person's customer, the only one of this tier."""
    customer = company.of("sales", "own").customer
    type(customer).objects.filter(pk=customer.pk).update(tier="core")
    return customer


def written(made):
    rows = Commitment.objects.filter(cadence=made).order_by("pk")
    return list(rows.values_list("customer_id", "owner_id", "period"))


def test_a_night_writes_it_down_once_however_often_it_begins(company, core):
    made = cadence(company)
    assert write_down_recurring_work(AT) == 0  # by day nothing is written
    assert write_down_recurring_work(NIGHT) == 1
    assert write_down_recurring_work(NIGHT + timedelta(minutes=15)) == 0
    assert written(made) == [(core.pk, company.users["sales"].pk, "2026-01-01")]
    work = Commitment.objects.get(cadence=made)
    assert work.due_at == datetime(2026, 3, 31, 10, 0, tzinfo=UTC)  # 18:00 of the last day
    event = Event.objects.get(subject_type="commitments.commitment", subject_id=str(work.pk))
    assert (event.kind, event.customer_id) == ("record.created", core.pk)


def test_the_next_round_comes_when_the_last_one_is_done(company, core):
    made, sales = cadence(company), company.actor("sales")
    write_down_due(made.pk, actor=SYSTEM, at=NIGHT)
    april = NIGHT + timedelta(days=30)
    assert write_down_due(made.pk, actor=SYSTEM, at=april) == 0  # nobody owes the same twice
    work = Commitment.objects.get(cadence=made)
    services.complete_commitment(work.pk, actor=sales, at=april)
    assert write_down_due(made.pk, actor=SYSTEM, at=april) == 1
    assert [period for _c, _o, period in written(made)] == ["2026-01-01", "2026-04-01"]


def test_the_database_refuses_a_second_one_of_the_same_round(company, core):
    made = cadence(company)
    write_down_due(made.pk, actor=SYSTEM, at=NIGHT)
    Commitment.objects.update(open_until=None, state="closed")
    again = Commitment.objects.get()
    again.pk = None
    with pytest.raises(Exception, match=r"UNIQUE|commitment_once_a_round"):
        again.save(force_insert=True)


def test_one_person_may_do_it_for_all(company, core):
    type(core).objects.filter(pk=core.pk).update(owner=None)
    mine = cadence(company)
    assert write_down_due(mine.pk, actor=SYSTEM, at=NIGHT) == 0  # nobody looks after it
    quality = company.users["quality"].pk
    of_all = cadence(company, name="抽查", owner_rule="person", person=quality)
    assert write_down_due(of_all.pk, actor=SYSTEM, at=NIGHT) == 1
    assert written(of_all)[0][1] == quality


def test_what_is_off_archived_or_means_nobody_writes_nothing(company, core):
    made = cadence(company)
    for change in ({"is_on": False}, {"archived_at": AT}, {"condition": {}},
                   {"condition": {"field": "no_such", "op": "is", "value": 1}}):  # fmt: skip
        Cadence.objects.filter(pk=made.pk).update(is_on=True, archived_at=None)
        Cadence.objects.filter(pk=made.pk).update(**change)
        assert write_down_due(made.pk, actor=SYSTEM, at=NIGHT) == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"condition": {}}, "no_condition"),
        ({"owner_rule": "person"}, "no_person"),
        ({"every": 0}, "bad_every"),
    ],
)
def test_a_cadence_that_makes_no_sense_is_refused(company, values, code):
    with pytest.raises(RuleViolation, match=code):
        cadence(company, **values)


def test_the_preview_shows_what_the_night_would_do(company, core, enter):
    made = cadence(company, is_on=False)
    page = enter("administrator").get(f"/cadences/{made.pk}/").content.decode()
    assert core.name in page
    assert "尚未启用" in page
    assert [c.pk for c in recurring.list_due(made, NIGHT)] == [core.pk]
    assert written(made) == []


def test_open_work_and_promises_go_with_the_customer(company, core):
    sales, to = company.actor("sales"), company.users["colleague"].pk
    made = cadence(company)
    write_down_due(made.pk, actor=SYSTEM, at=NIGHT)
    work = Commitment.objects.get(cadence=made)
    kept, other = promise(sales, core), promise(sales, core, owner=company.users["stranger"].pk)
    note = todo(sales, customer=core.pk)
    head = company.actor("head")
    transfer_customer(core.pk, to_user=to, reason="调岗", version=None, actor=head, at=AT)
    events = Event.objects.filter(kind="customers.transferred")
    for _twice in range(2):
        follow_owners(list(events))
    owners = {c.pk: c.owner_id for c in Commitment.objects.all()}
    assert owners == {
        work.pk: to,
        kept.pk: to,
        other.pk: company.users["stranger"].pk,  # the technical side still owes it
        note.pk: sales.user_id,
    }
    moved = Event.objects.filter(kind="record.changed", subject_type="commitments.commitment")
    assert moved.count() == 2
