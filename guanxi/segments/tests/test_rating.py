"""A rating from the first order to the tier in effect: computed, compared, approved, applied."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from guanxi.approvals.models import Flow, FlowStep, Request
from guanxi.approvals.services import approve_request, reject_request
from guanxi.customers.models import Customer
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.jobs import cancel_run
from guanxi.kernel.models import Event, Run
from guanxi.segments import services
from guanxi.segments.jobs import begin_the_month
from guanxi.segments.models import Indicator, Rating, Standing, ValueModel
from guanxi.segments.services import applying, computing
from guanxi.segments.tests.factories import (
    AT,
    MONTH_END,
    make_customer,
    make_model,
    rate,
    sell,
    work_off,
)
from tests.fixtures.company import model, stamps

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()


@pytest.fixture
def shop():
    """Ten customers, each buying more than the one before; and a model."""
    customers = [make_customer(f"客户{n}") for n in range(10)]
    for n, customer in enumerate(customers):
        for month in range(1, 4):
            sell(customer, date(2026, 7 + month, 10), 10_000 * n)
    return customers


def tiers() -> dict[str, str]:
    rows = Customer.objects.filter(name__startswith="客户").order_by("pk")
    return dict(rows.values_list("name", "tier"))


def approve(rating: Rating, company, name: str = "head", *, is_yes: bool = True) -> None:
    """By the flow of ratings, as the standard pack has it."""
    flow = Flow.objects.create(
        name="分级审批", record_key="segments.rating", is_for_all=True, **stamps(AT)
    )
    step = FlowStep.objects.create(flow=flow, place=1, name="审核", **stamps(AT))
    step.people.add(company.users[name])
    analyst = company.actor("analyst")
    services.submit_rating(rating.pk, reason="十月分级", actor=analyst, at=AT)
    request = Request.objects.get(subject_type="segments.rating", subject_id=rating.pk)
    verb = approve_request if is_yes else reject_request
    verb(request.pk, seen=request.seen, comment="同意", actor=company.actor(name), at=AT)
    work_off()
    rating.refresh_from_db()


def test_the_best_fifth_is_core_only_once_it_is_approved(shop, company):
    rating = rate(make_model())
    assert rating.state == "computed"
    found = {s.customer.name: s.tier for s in rating.standings.select_related("customer")}
    assert {name for name, tier in found.items() if tier == "core"} >= {"客户9", "客户8"}
    assert set(tiers().values()) == {"ordinary"}

    approve(rating, company)
    assert rating.state == "in_effect"
    assert tiers()["客户9"] == "core"
    event = Event.objects.get(kind="segments.tier_moved", subject_id=str(shop[9].pk))
    assert event.data["changes"] == {"tier": ["ordinary", "core"]}
    assert event.customer_id == shop[9].pk
    assert Customer.objects.get(pk=shop[9].pk).version == 2


def test_a_rejected_rating_changes_nothing_and_the_day_can_be_rated_again(shop, company):
    rating = rate(make_model())
    approve(rating, company, is_yes=False)
    assert rating.state == "rejected"
    assert set(tiers().values()) == {"ordinary"}
    assert rate(rating.value_model).state == "computed"


def test_whoever_submits_cannot_approve(shop, company):
    rating = rate(make_model())
    with pytest.raises(Denied):  # the seat is somebody else's from the start
        approve(rating, company, "analyst")
    assert set(tiers().values()) == {"ordinary"}


def test_a_tier_that_somebody_set_meanwhile_is_kept(shop, company):
    rating = rate(make_model())
    Customer.objects.filter(pk=shop[9].pk).update(tier="low")
    approve(rating, company)
    assert tiers()["客户9"] == "low"
    assert tiers()["客户8"] == "core"
    assert Run.objects.get(pk=rating.run_id).result["failed"] == 1


def test_applying_again_after_a_kill_moves_nobody_twice(shop, company, monkeypatch):
    rating = rate(make_model())
    Rating.objects.filter(pk=rating.pk).update(state="applying")
    rating.refresh_from_db()
    monkeypatch.setattr(applying, "STEP", 2)

    def killed(_passed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        applying.put_in_effect(rating, killed, actor=SYSTEM, at=AT)
    steps = []
    applying.put_in_effect(rating, steps.append, actor=SYSTEM, at=AT)
    again = applying.put_in_effect(rating, steps.append, actor=SYSTEM, at=AT)
    assert again["changed"] == 0
    moved = Standing.objects.filter(rating=rating, is_move=True).count()
    assert Event.objects.filter(kind="segments.tier_moved").count() == moved


def test_a_computation_that_was_killed_is_right_the_next_time(shop, monkeypatch):
    monkeypatch.setattr(computing, "STEP", 3)
    rating = services.begin_rating(make_model().pk, as_of=MONTH_END, actor=SYSTEM, at=AT)

    def killed(*_done):
        if rating.standings.count() == 6:  # the second step is about to be committed
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        computing.compute(rating, killed, actor=SYSTEM, at=AT)
    assert rating.standings.count() == 3
    work_off()
    rating.refresh_from_db()
    assert rating.state == "computed"
    assert rating.standings.count() == 10
    clean = rating.result_hash
    services.discard_rating(rating.pk, actor=SYSTEM, at=AT)
    assert rate(rating.value_model).result_hash == clean


def test_of_two_ratings_of_a_day_one_is(shop):
    value_model = make_model()
    services.begin_rating(value_model.pk, as_of=MONTH_END, actor=SYSTEM, at=AT)
    with pytest.raises(RuleViolation) as refused:
        services.begin_rating(value_model.pk, as_of=MONTH_END, actor=SYSTEM, at=AT)
    assert refused.value.code == "rated_already"


def test_a_rating_can_be_stopped_while_it_is_computed(shop):
    rating = services.begin_rating(make_model().pk, as_of=MONTH_END, actor=SYSTEM, at=AT)
    services.discard_rating(rating.pk, actor=SYSTEM, at=AT)
    assert work_off() == 0
    rating.refresh_from_db()
    assert rating.state == "discarded"
    assert Run.objects.get(pk=rating.run_id).state == "cancelled"
    with pytest.raises(RuleViolation):
        services.submit_rating(rating.pk, actor=SYSTEM, at=AT)


def test_a_day_to_come_and_a_model_not_in_force_are_refused(shop):
    value_model = make_model()
    with pytest.raises(RuleViolation) as refused:
        services.begin_rating(value_model.pk, as_of=date(2026, 11, 22), actor=SYSTEM, at=AT)
    assert refused.value.code == "future_day"
    ValueModel.objects.update(is_on=False)
    with pytest.raises(RuleViolation) as refused:
        services.begin_rating(value_model.pk, actor=SYSTEM, at=AT)
    assert refused.value.code == "no_model"


def test_the_month_is_begun_once_at_night(shop):
    make_model()
    day, night = AT, datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    assert begin_the_month(day) is None
    assert begin_the_month(night).as_of == MONTH_END
    assert begin_the_month(night + timedelta(hours=1)) is None


def test_judgements_that_contradict_each_other_are_named(shop):
    contradict = {"amount/frequency": "9", "frequency/recency": "9", "amount/recency": "1/9"}
    value_model = make_model(
        "amount", "frequency", "recency", weighting="ahp", judgements=contradict
    )
    rating = rate(value_model)
    assert rating.state == "failed"
    assert "CR" in rating.problem
    assert "/" in rating.problem.partition(":")[2] or "/" in rating.problem


@pytest.mark.parametrize("weighting", ["hand", "ahp", "entropy"])
def test_weights_come_from_where_the_model_says(shop, weighting):
    judgements = {"amount/frequency": "3"} if weighting == "ahp" else {}
    rating = rate(make_model(weighting=weighting, judgements=judgements))
    shares = rating.scales["weights"]
    assert sum(shares) == pytest.approx(1)
    expected = {"hand": 0.5, "ahp": 0.75, "entropy": 1.0}[weighting]  # all buy equally often
    assert shares[0] == pytest.approx(expected)


def test_the_next_month_says_why_somebody_moves(shop, company):
    first = rate(make_model(), date(2026, 9, 30))
    approve(first, company)
    sell(shop[0], date(2026, 10, 20), 99_000_000)
    second = rate(first.value_model)
    assert second.previous_id == first.pk
    mine = second.standings.get(customer=shop[0])
    assert mine.is_move
    key, before, now, raw_before, raw_now = mine.reasons[0]
    assert (key, raw_before, raw_now) == ("amount", 0, 99_000_000)
    assert now > before
    assert mine.rfm_before is not None


def test_a_model_gives_a_new_version_with_its_indicators(company):
    value_model = make_model("amount")
    row = Indicator.objects.get()
    from guanxi.surfaces.records import get_record_type
    from guanxi.surfaces.services import change_record

    kind = get_record_type("segments.indicator")
    change_record(kind, row.pk, {"weight": 30}, version=1, actor=SYSTEM, at=AT)
    value_model.refresh_from_db()
    assert value_model.version == 2


def test_only_one_model_is_in_force():
    make_model()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_model(name="第二个")


def test_a_right_is_needed_for_every_step(shop, company):
    value_model = make_model()
    with pytest.raises(Denied):
        services.begin_rating(value_model.pk, actor=company.actor("head"), at=AT)
    rating = rate(value_model, actor=company.actor("analyst"))
    with pytest.raises(Denied):
        services.submit_rating(rating.pk, actor=company.actor("head"), at=AT)
    with pytest.raises(Denied):
        services.discard_rating(rating.pk, actor=company.actor("head"), at=AT)
    assert model("segments.Rating").objects.count() == 1


def test_a_run_that_was_cancelled_elsewhere_leaves_a_rating_to_discard(shop):
    rating = services.begin_rating(make_model().pk, as_of=MONTH_END, actor=SYSTEM, at=AT)
    rating.refresh_from_db()
    cancel_run(rating.run_id, actor=SYSTEM, at=AT)
    services.discard_rating(rating.pk, actor=SYSTEM, at=AT)
    assert rate(rating.value_model).state == "computed"


def test_nobody_to_rate_is_said():
    rating = rate(make_model())
    assert rating.state == "failed"
    assert rating.problem
