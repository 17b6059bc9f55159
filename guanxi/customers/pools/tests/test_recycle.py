"""Rules that warn owners and release customers by night, and taking a night back (CUS-14)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers.models import Customer
from guanxi.customers.pools import candidates, services
from guanxi.customers.pools.models import PoolStay, ReleaseBatch
from guanxi.customers.pools.services import releasing
from guanxi.customers.pools.tests import factories as made
from guanxi.customers.tests import factories
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Event, Run
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

pytestmark = pytest.mark.django_db
ALL = {"all": [{"field": "tier", "op": "in", "value": ["core", "potential", "ordinary"]}]}
NOW = timezone.now()


@pytest.fixture
def pool(company):
    """A pool; every customer of the company was owned for a hundred days without a word."""
    Customer.objects.update(
        owned_since=NOW - timedelta(days=100), last_contact_at=NOW - timedelta(days=100)
    )
    return made.opened(company)


def rule(pool, **values):
    given = {"condition": ALL, "days": 30, "warn_days": 0, "is_on": True, **values}
    return made.rule(pool, **given)


def night(at) -> ReleaseBatch:
    """One night's run, executed by a worker."""
    batch = releasing.begin_night(at.date(), actor=factories.SYSTEM, at=at)
    assert batch is not None
    releasing.recycle(batch, lambda _n: None, actor=factories.SYSTEM, at=at)
    batch.refresh_from_db()
    return batch


def test_a_rule_without_a_condition_matches_nobody(pool):
    for values in ({}, {"all": []}, {"any": []}):
        found = made.rule(pool, condition=values, is_on=False)
        assert not candidates.matching(found, NOW).exists()
    with pytest.raises(RuleViolation) as refused:
        rule(pool, condition={})
    assert refused.value.code == "needs_condition"


def test_a_view_that_is_gone_means_nobody(pool):
    found = made.rule(pool, audience="0f8fad5b-d9cb-469f-a165-70867728950e", is_on=True)
    assert not candidates.matching(found, NOW).exists()


def test_owners_are_warned_days_before(company, pool):
    rule(pool, warn_days=3)
    first = night(NOW)
    assert (first.released, first.warned) == (0, Customer.objects.count())
    mine = company.of("sales", "own").customer
    mine.refresh_from_db()
    assert mine.recycle_on == NOW.date() + timedelta(days=3)
    event = factories.last_event("customers.warned")
    assert event.data["on"] == mine.recycle_on.isoformat()
    desk = factories.signed_in(company.users["sales"]).get("/").content.decode()
    assert mine.recycle_on.isoformat() in desk
    assert night(NOW + timedelta(days=2)).released == 0
    assert night(NOW + timedelta(days=3, minutes=1)).released == Customer.objects.count()
    mine.refresh_from_db()
    assert (mine.pool, mine.owner, mine.recycle_on) == (pool, None, None)


def test_whoever_is_followed_up_stays(company, pool):
    rule(pool, warn_days=3)
    night(NOW)
    mine = company.of("sales", "own").customer
    factories.talk(mine, occurred_at=NOW + timedelta(hours=1), at=NOW + timedelta(hours=1))
    mine.refresh_from_db()
    assert mine.recycle_on is None
    night(NOW + timedelta(days=3, minutes=1))
    mine.refresh_from_db()
    assert mine.owner == company.users["sales"]


def test_protected_and_locked_customers_stay(company, pool):
    rule(pool)
    head, until = company.actor("head"), NOW + timedelta(days=5)
    kept = [company.of("sales", o).customer for o in ("own", "team")]
    for act, customer in zip(
        (services.protect_customer, services.lock_customer), kept, strict=True
    ):
        act(customer.pk, until=until, reason="谈判中", actor=head, at=NOW)
    night(NOW)
    assert not Customer.objects.filter(pk__in=[c.pk for c in kept], owner=None).exists()
    assert Customer.objects.filter(owner=None).count() == Customer.objects.count() - 2


@pytest.mark.parametrize(
    ("measure", "more"),
    [("no_contact", {}), ("no_visit", {}), ("no_order", {}),
     ("past_date", {"date_field": "first_cooperated_on"})],
)  # fmt: skip
def test_what_counts(company, pool, measure, more):
    found = rule(pool, measure=measure, **more)
    mine, other = company.of("sales", "own").customer, company.of("sales", "team").customer
    past = NOW - timedelta(days=50)
    Customer.objects.update(last_order_on=past.date(), first_cooperated_on=NOW.date())
    Customer.objects.filter(pk=other.pk).update(first_cooperated_on=past.date())
    Customer.objects.filter(pk=mine.pk).update(
        last_contact_at=NOW - timedelta(days=2), last_order_on=NOW.date()
    )
    create_record(
        get_record_type("customers.interaction"),
        {"customer": mine.pk, "content": "拜访", "channel": "face", "occurred_at": NOW},
        actor=factories.SYSTEM, at=NOW,
    )  # fmt: skip
    meant = set(candidates.matching(found, NOW).values_list("pk", flat=True))
    assert mine.pk not in meant
    assert other.pk in meant


def test_a_new_owner_has_all_the_days(company, pool):
    found = rule(pool)
    mine = company.of("sales", "own").customer
    Customer.objects.filter(pk=mine.pk).update(owned_since=NOW - timedelta(days=1))
    assert mine.pk not in set(candidates.matching(found, NOW).values_list("pk", flat=True))


def test_a_night_that_was_cut_short_goes_on(company, pool, monkeypatch):
    rule(pool)
    monkeypatch.setattr(releasing, "STEP", 2)
    count = Customer.objects.count()
    batch = releasing.begin_night(NOW.date(), actor=factories.SYSTEM, at=NOW)

    def killed(done: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        releasing.recycle(batch, killed, actor=factories.SYSTEM, at=NOW)
    assert 0 < PoolStay.objects.count() < count
    releasing.recycle(batch, lambda _n: None, actor=factories.SYSTEM, at=NOW)
    batch.refresh_from_db()
    assert (batch.released, batch.state) == (count, "done")
    assert PoolStay.objects.count() == count
    assert Event.objects.filter(kind="customers.released").count() == count
    assert releasing.begin_night(NOW.date(), actor=factories.SYSTEM, at=timezone.now()) is None


def test_the_preview_says_who_and_why_within_sight(company, pool):
    found = rule(pool)
    mine, foreign = (company.of("head", o).customer for o in ("own", "foreign"))
    client = factories.signed_in(company.users["head"])
    for path in (f"/pool-rules/{found.pk}/", f"/pool-rules/{found.pk}/tonight/"):
        shown = client.get(path).content.decode()
        assert mine.name in shown
        assert foreign.name not in shown
        assert "久未跟进" in shown
    assert not PoolStay.objects.exists()


def test_a_night_is_taken_back_but_for_those_claimed_since(company, pool):
    rule(pool)
    batch = night(NOW)
    claimed = company.of("sales", "own").customer
    services.claim_customer(claimed.pk, actor=company.actor("stranger"), at=timezone.now())
    with pytest.raises(Denied):
        services.undo_batch(batch.pk, actor=company.actor("head"), at=timezone.now())
    run = services.undo_batch(batch.pk, actor=company.actor("administrator"), at=timezone.now())
    Run.objects.filter(kind="pools.recycle").delete()
    while execute_due(at=timezone.now()):
        pass
    run.refresh_from_db()
    assert run.state == "done", run.error
    assert [each["id"] for each in run.result["failures"]] == [claimed.pk]
    claimed.refresh_from_db()
    assert claimed.owner == company.users["stranger"]
    others = Customer.objects.exclude(pk=claimed.pk)
    assert not others.filter(owner=None).exists()
    assert run.result["changed"] == others.count()
    back = company.of("sales", "team").customer
    event = Event.objects.filter(kind="customers.returned", customer_id=back.pk).get()
    assert event.data["to_label"] == "Person colleague"
    page = factories.signed_in(company.users["administrator"]).get(f"/runs/{run.pk}/")
    assert claimed.name in page.content.decode()
    with pytest.raises(RuleViolation):
        services.undo_batch(batch.pk, actor=company.actor("administrator"), at=timezone.now())
