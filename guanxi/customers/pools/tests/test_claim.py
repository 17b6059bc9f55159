"""Claiming, assigning, releasing, protecting and locking customers of a pool (CUS-14)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers import services as customers
from guanxi.customers.models import Customer
from guanxi.customers.pools import services
from guanxi.customers.pools.models import Pool, PoolQuota, PoolStay
from guanxi.customers.pools.tests import factories as made
from guanxi.customers.tests import factories
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion, TooMany
from guanxi.kernel.models import Event
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record
from tests.concurrency.crowd import answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled(company):
    """Sales' customer in a pool that sales and the stranger may claim from."""
    return made.put(company.of("sales", "own").customer, made.opened(company))


def claim(company, customer, who: str = "stranger", at=None) -> Customer:
    return services.claim_customer(customer.pk, actor=company.actor(who), at=at or timezone.now())


def test_who_claims_owns(company, pooled):
    pool = pooled.pool
    claim(company, pooled)
    pooled.refresh_from_db()
    assert (pooled.owner, pooled.pool) == (company.users["stranger"], None)
    assert pooled.department == company.departments["south"]
    assert pooled.protected_until > timezone.now() + timedelta(days=29)
    event = factories.last_event("customers.claimed")
    assert (event.customer_id, event.data["pool_label"]) == (pooled.pk, pool.name)
    assert event.data["changes"]["owner"] == [None, company.users["stranger"].pk]
    stay = PoolStay.objects.get()
    assert (stay.from_user, stay.to_user) == (company.users["sales"], company.users["stranger"])


def test_the_second_is_told_that_another_was_quicker(company, pooled):
    claim(company, pooled)
    with pytest.raises(RuleViolation) as refused:
        claim(company, pooled, "colleague")
    assert refused.value.code == "claimed_already"
    client = factories.signed_in(company.users["colleague"])
    answer = client.post(f"/customers/{pooled.pk}/claim/")
    assert answer.status_code == 422
    assert str(refused.value.text) in answer.content.decode()


def test_whoever_does_not_see_the_pool_learns_nothing(company, pooled):
    with pytest.raises(NotFound):
        claim(company, pooled, "below")
    claim(company, pooled)
    with pytest.raises(NotFound):
        claim(company, pooled, "below")


def test_seeing_a_pool_is_not_claiming_from_it(company):
    pooled = made.put(company.of("sales", "own").customer, made.opened(company, may_claim=False))
    with pytest.raises(Denied):
        claim(company, pooled)


def test_the_last_owner_waits(company, pooled):
    with pytest.raises(RuleViolation) as refused:
        claim(company, pooled, "sales")
    assert refused.value.code == "cooling_down"
    claim(company, pooled, "sales", at=timezone.now() + timedelta(days=31))


def test_a_locked_customer_stays_where_it_is(company, pooled):
    until = timezone.now() + timedelta(days=2)
    services.lock_customer(
        pooled.pk, until=until, reason="有争议", actor=company.actor("head"), at=timezone.now()
    )
    for act in (claim, assign):
        with pytest.raises(RuleViolation) as refused:
            act(company, pooled)
        assert refused.value.code == "locked"
    claim(company, pooled, at=until + timedelta(seconds=1))


def assign(company, customer, to: str = "colleague", by: str = "head") -> Customer:
    return services.assign_customer(
        customer.pk, to_user=company.users[to].pk, reason="熟悉行业",
        actor=company.actor(by), at=timezone.now(),
    )  # fmt: skip


def test_a_head_assigns(company, pooled):
    assert assign(company, pooled).owner == company.users["colleague"]
    event = factories.last_event("customers.assigned")
    assert (event.data["to_label"], event.data["reason"]) == ("Person colleague", "熟悉行业")
    assert not PoolQuota.objects.exclude(claims=0).exists()


def test_sales_do_not_assign(company, pooled):
    with pytest.raises(Denied):
        assign(company, pooled, by="sales")


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"cap": 1}, "book_full"),
        ({"tier_caps": {"ordinary": 0, "core": 0, "potential": 0}}, "tier_full"),
        ({"daily_claims": 0}, "no_claims_left"),
    ],
)
def test_caps_and_quotas(company, limits, code):
    pooled = made.put(company.of("sales", "own").customer, made.opened(company, **limits))
    with pytest.raises(RuleViolation) as refused:
        claim(company, pooled)
    assert refused.value.code == code
    pooled.refresh_from_db()
    assert pooled.owner is None
    assert not PoolQuota.objects.exclude(claims=0).exists()


def test_who_lets_go_says_why(company):
    pool, customer = made.opened(company), company.of("sales", "own").customer
    services.release_customer(
        customer.pk, pool=pool.pk, reason="客户搬迁", actor=company.actor("sales"),
        at=timezone.now(),
    )  # fmt: skip
    event = factories.last_event("customers.released")
    assert event.data["reason"] == "客户搬迁"
    assert event.data["from_label"] == "Person sales"


def test_nobody_releases_a_colleagues_customer(company):
    pool = made.opened(company)
    with pytest.raises(NotFound):
        services.release_customer(
            company.of("sales", "team").customer.pk, pool=pool.pk, reason="x",
            actor=company.actor("sales"), at=timezone.now(),
        )  # fmt: skip


def test_an_owner_is_given_by_claim_or_assignment_alone(company, pooled):
    head, kind = company.actor("head"), get_record_type("customers.customer")
    values = {"owner": company.users["colleague"].pk}
    with pytest.raises(RuleViolation) as refused:
        change_record(
            kind, pooled.pk, values, version=pooled.version, actor=head, at=timezone.now()
        )
    assert refused.value.code == "of_a_pool"
    with pytest.raises(RuleViolation):
        customers.transfer_customer(
            pooled.pk, to_user=company.users["colleague"].pk, reason="x", version=None,
            actor=head, at=timezone.now(),
        )  # fmt: skip


def test_the_list_shows_pools_only_when_asked(company, pooled):
    listing = Listing(
        get_record_type("customers.customer"), company.actor("stranger"), at=timezone.now()
    )
    every = {row.pk for row in listing.page(ListRequest()).rows}
    asked = ListRequest(filters={"pool": str(pooled.pool_id)})
    assert pooled.pk not in every
    assert {row.pk for row in listing.page(asked).rows} == {pooled.pk}
    assert listing.count(asked)[0] == 1


def test_so_many_are_opened_a_day_and_no_more(company):
    pool = made.opened(company, daily_views=1)
    first = made.put(company.of("sales", "own").customer, pool)
    second = made.put(company.of("sales", "team").customer, pool)
    client = factories.signed_in(company.users["stranger"])
    for _ in range(3):
        assert client.get(f"/customers/{first.pk}/").status_code == 200
    assert client.get(f"/customers/{second.pk}/").status_code == 429
    assert PoolQuota.objects.get().views == 1
    assert (
        factories.signed_in(company.users["head"]).get(f"/customers/{second.pk}/").status_code
        == 200
    )


# At the same moment -------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_parallel_claims_one_wins(company):
    pooled = made.put(company.of("sales", "own").customer, made.opened(company))
    actors = [company.actor(n) for n in ("stranger", "colleague", "head", "administrator")]
    found: list = []
    for _ in range(10):
        found += answers(20, lambda n: services.claim_customer(
            pooled.pk, actor=actors[n % 4], at=timezone.now()
        ))  # fmt: skip
    won = [each for each in found if isinstance(each, Customer)]
    lost = [each for each in found if isinstance(each, RuleViolation)]
    assert (len(won), len(lost)) == (1, 199), [
        e for e in found if not isinstance(e, Customer | RuleViolation)
    ]
    assert {each.code for each in lost} <= {"claimed_already", "in_no_pool"}
    assert Event.objects.filter(kind="customers.claimed").count() == 1
    pooled.refresh_from_db()
    assert pooled.owner == won[0].owner
    assert PoolQuota.objects.filter(claims__gt=0).count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["daily_claims", "cap"])
def test_caps_hold_when_one_person_claims_many_at_once(company, limit):
    mine = Customer.objects.filter(owner=company.users["stranger"]).count()
    pool = made.opened(company, **{limit: 2 + (mine if limit == "cap" else 0)})
    pks = [made.put(b.customer, pool).pk for n, b in company.belongings.items() if n != "stranger"]
    actor = company.actor("stranger")
    found = answers(8, lambda n: services.claim_customer(pks[n], actor=actor, at=timezone.now()))
    assert sum(isinstance(each, Customer) for each in found) == 2
    assert Customer.objects.filter(owner=company.users["stranger"]).count() == mine + 2


def test_the_days_views_are_counted_at_once(company):
    with pytest.raises(TooMany):
        services.ownership.take_quota(
            1, "views", 0, actor=company.actor("sales"), at=timezone.now()
        )


# The board ----------------------------------------------------------------------------------------
def test_the_board_claims_several_and_says_which_were_refused(company):
    pool = made.opened(company)
    one, two = (made.put(company.of("sales", o).customer, pool) for o in ("own", "team"))
    until = timezone.now() + timedelta(days=2)
    services.lock_customer(two.pk, until=until, actor=company.actor("head"), at=timezone.now())
    client = factories.signed_in(company.users["stranger"])
    shown = client.get(f"/pools/{pool.pk}/board/").content.decode()
    assert one.name in shown
    answer = client.post(f"/pools/{pool.pk}/take/", {"id": [one.pk, two.pk], "verb": "claim"})
    told = answer.content.decode()
    assert answer.status_code == 200
    assert two.name in told
    assert until.date().isoformat() in told
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.owner, two.owner) == (company.users["stranger"], None)
    again = client.post(f"/pools/{pool.pk}/take/", {"one": one.pk})
    assert again.status_code == 422


def test_a_head_assigns_several_from_the_board(company):
    pool = made.opened(company)
    pks = [made.put(company.of("sales", o).customer, pool).pk for o in ("own", "team")]
    client = factories.signed_in(company.users["administrator"])
    posted = {"id": pks, "verb": "assign", "to_user": company.users["below"].pk}
    assert client.post(f"/pools/{pool.pk}/take/", posted).status_code == 302
    owners = Customer.objects.filter(pk__in=pks).values_list("owner", flat=True)
    assert set(owners) == {company.users["below"].pk}
    assert client.post(f"/pools/{pool.pk}/take/", {"verb": "claim"}).status_code == 302


def test_nobody_takes_from_a_pool_out_of_sight(company):
    pool = made.opened(company)
    pk = made.put(company.of("sales", "own").customer, pool).pk
    client = factories.signed_in(company.users["below"])
    for answer in (
        client.get(f"/pools/{pool.pk}/board/"),
        client.post(f"/pools/{pool.pk}/take/", {"one": pk}),
    ):
        assert answer.status_code == 404


@pytest.mark.parametrize("act", [services.protect_customer, services.lock_customer])
def test_an_old_version_is_neither_protected_nor_locked(company, act):
    customer, at = company.of("sales", "own").customer, timezone.now()
    until, head = at + timedelta(days=1), company.actor("head")
    with pytest.raises(StaleVersion):
        act(customer.pk, until=until, version=7, actor=head, at=at)
    assert act(customer.pk, until=until, version=1, actor=head, at=at).version == 2


def test_caps_per_tier_are_typed_one_per_line(company, enter):
    client = enter("administrator")
    given = {"name": "公海", "tier_caps": "core = 2\nordinary = 20"}
    assert client.post("/pools/new/", given).status_code == 302
    pool = Pool.objects.get()
    assert pool.tier_caps == {"core": 2, "ordinary": 20}
    assert "core = 2\nordinary = 20" in client.get(f"/pools/{pool.pk}/edit/").content.decode()
