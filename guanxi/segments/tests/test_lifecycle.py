"""The stage of every customer: found by rules that are data, in effect once, told in sight."""

from datetime import UTC, date, datetime, timedelta

import pytest

from guanxi.customers.models import Customer
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import Denied, RuleViolation
from guanxi.kernel.models import Event
from guanxi.segments.jobs import begin_the_month
from guanxi.segments.lifecycle import panels, services
from guanxi.segments.lifecycle.models import LifecycleStage, StageRun, StageStanding
from guanxi.segments.lifecycle.services import computing
from guanxi.segments.tests.factories import AT, MONTH_END, make_customer, sell, work_off
from tests.fixtures.company import stamps

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
RULES = {
    "churned": {"silence_from": 400},
    "at_risk": {"silence_from": 200},
    "won_back": {"pause_from": 400, "silence_to": 199},
    "acquisition": {"purchases_from": 1, "purchases_to": 1},
    "growth": {"purchases_from": 2, "tenure_to": 364},
    "mature": {"purchases_from": 2, "tenure_from": 365},
}


def make_stages() -> LifecycleStage:
    """The rules of the standard pack; the first of them."""
    for place, (stage, bounds) in enumerate(RULES.items()):
        LifecycleStage.objects.create(stage=stage, place=place, goal="g", **bounds, **stamps(AT))
    return LifecycleStage.objects.get(stage="churned")


def buys(name: str, *days_before: int, **values) -> Customer:
    """A customer with orders so many days before the end of the month."""
    customer = make_customer(name, **values)
    for days in days_before:
        sell(customer, MONTH_END - timedelta(days=days), 1000)
    return customer


@pytest.fixture
def shop():
    monthly = range(0, 600, 30)
    return {
        "mature": buys("老客户", *(10 + n for n in monthly)),
        "growth": buys("新客户", 5, 35, 65),
        "acquisition": buys("首单", 12),
        "at_risk": buys("沉默", *(70 + n for n in monthly)),
        "churned": buys("流失", *(200 + n for n in monthly)),
        "won_back": buys("回归", 6, *(206 + n for n in monthly)),
        "prospect": make_customer("线索"),
    }


def run_at(stage: LifecycleStage, as_of: date = MONTH_END) -> StageRun:
    run = services.recount(stage.pk, as_of=as_of, actor=SYSTEM, at=AT)
    work_off()
    run.refresh_from_db()
    return run


def test_every_stage_is_found_takes_effect_and_is_told_with_its_reason(shop):
    run = run_at(make_stages())
    assert (run.state, run.buyers, run.covered) == ("in_effect", 6, 6)
    for stage, customer in shop.items():
        customer.refresh_from_db()
        assert customer.stage == stage, customer.name
    event = Event.objects.get(kind="segments.stage_moved", customer_id=shop["churned"].pk)
    assert event.data["changes"] == {"stage": ["prospect", "churned"]}
    row = StageStanding.objects.get(customer=shop["at_risk"])
    assert (row.silence, row.habit, row.is_ruled) == (70, 30, True)
    shown = panels.of_customer(SYSTEM, shop["at_risk"], AT)
    assert shown["card"].goal == "g"
    assert "70" in shown["why"]
    assert StageStanding.objects.get(customer=shop["prospect"]).is_ruled is False


def test_a_kill_in_the_middle_leaves_the_next_try_right(shop, monkeypatch):
    monkeypatch.setattr(computing, "STEP", 3)
    monkeypatch.setattr(computing, "MOVED_AT_ONCE", 2)
    run = services.recount(make_stages().pk, as_of=MONTH_END, actor=SYSTEM, at=AT)

    def killed_while_writing(*_done):
        if run.standings.count() == 6:
            raise KeyboardInterrupt

    def killed_while_moving(*_done):
        if Event.objects.filter(kind="segments.stage_moved").exists():
            raise KeyboardInterrupt

    for kill in (killed_while_writing, killed_while_moving):
        with pytest.raises(KeyboardInterrupt):
            computing.work_off(run, kill, actor=SYSTEM, at=AT)
        run.refresh_from_db()
    assert run.state == "applying"
    work_off()
    run.refresh_from_db()
    assert run.state == "in_effect"
    assert run.standings.count() == 7
    assert Event.objects.filter(kind="segments.stage_moved").count() == 6
    assert Event.objects.filter(kind="segments.stages_took_effect").count() == 1


def test_of_two_runs_of_a_day_one_is_and_the_month_is_begun_once(shop):
    stage = make_stages()
    night = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    begin_the_month(night)
    begin_the_month(night + timedelta(hours=1))
    assert StageRun.objects.get().as_of == MONTH_END
    with pytest.raises(RuleViolation) as refused:
        services.recount(stage.pk, as_of=MONTH_END, actor=SYSTEM, at=AT)
    assert refused.value.code == "run_already"


def test_what_somebody_sets_meanwhile_is_kept_and_an_earlier_day_moves_nobody(shop):
    stage = make_stages()
    run = services.recount(stage.pk, as_of=MONTH_END, actor=SYSTEM, at=AT)
    computing._compute(run, lambda *_done: None, SYSTEM, AT)
    Customer.objects.filter(pk=shop["growth"].pk).update(stage="mature")
    work_off()
    shop["growth"].refresh_from_db()
    assert shop["growth"].stage == "mature"
    earlier = run_at(stage, date(2026, 8, 31))
    assert earlier.state == "in_effect"
    shop["churned"].refresh_from_db()
    assert shop["churned"].stage == "churned"


def test_a_past_day_does_not_know_what_came_later(shop):
    stage = make_stages()
    first = run_at(stage, date(2026, 8, 31))
    sell(shop["churned"], date(2026, 10, 1), 1000)
    StageRun.objects.filter(pk=first.pk).update(state="discarded")
    again = run_at(stage, date(2026, 8, 31))
    assert again.result_hash == first.result_hash


def test_refusals_and_rights(shop, company):
    stage = make_stages()
    with pytest.raises(RuleViolation) as refused:
        services.recount(stage.pk, as_of=date(2026, 11, 22), actor=SYSTEM, at=AT)
    assert refused.value.code == "future_day"
    with pytest.raises(Denied):
        services.recount(stage.pk, actor=company.actor("head"), at=AT)
    run = services.recount(stage.pk, actor=company.actor("analyst"), at=AT)
    with pytest.raises(Denied):
        services.discard_run(run.pk, actor=company.actor("head"), at=AT)
    services.discard_run(run.pk, actor=company.actor("analyst"), at=AT)
    assert work_off() == 0
    LifecycleStage.objects.update(archived_at=AT)
    assert services.begin_month(actor=SYSTEM, at=AT) is None


def test_a_flow_counts_only_customers_in_sight_and_pages_open(company, enter):
    for n, each in enumerate(company.belongings.values()):
        sell(each.customer, date(2026, 9, 1 + n), 5_000)
    run = run_at(make_stages())
    everybody = panels.flow(company.actor("administrator"), run, AT)
    of_head = panels.flow(company.actor("head"), run, AT)
    assert 0 < of_head["all"] < everybody["all"]
    assert everybody["coverage"] == "100.0%"
    assert of_head["coverage"] == ""
    customer = company.belongings["sales"].customer
    client = enter("sales")
    assert client.get("/stage-standings/?view=").status_code == 200
    assert client.get(f"/customers/{customer.pk}/panels/lifecycle/").status_code == 200
    assert client.get(f"/stage-runs/{run.pk}/").status_code == 403
    head = enter("head")
    for path in (f"/stage-runs/{run.pk}/", "/lifecycle-stages/", "/stage-runs/?view="):
        assert head.get(path).status_code == 200
