"""Who is leaving by own habit: put on a list once, taken in hand, measured against who was not."""

from datetime import date, timedelta

import pytest

from guanxi.commitments.models import Commitment
from guanxi.customers.models import Customer
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.models import Event
from guanxi.segments.lifecycle import rules, services
from guanxi.segments.lifecycle.models import ChurnWarning, LifecycleStage
from guanxi.segments.lifecycle.services.warning import warn
from guanxi.segments.tests.factories import AT, MONTH_END, sell
from guanxi.segments.tests.test_lifecycle import run_at
from tests.fixtures.company import stamps

SYSTEM = system_actor()
SOON = AT + timedelta(days=3)


@pytest.fixture
def leaving(company):
    """Everybody's customer bought every ten days until half a year ago."""
    for each in company.belongings.values():
        for n in range(6):
            sell(each.customer, date(2026, 3, 1) + timedelta(days=10 * n), 1000)
    return LifecycleStage.objects.create(
        stage="churned", silence_from=400, is_warned=True, strategy="s", **stamps(AT)
    )


def warning_of(company, name: str) -> ChurnWarning:
    return ChurnWarning.objects.get(customer=company.belongings[name].customer)


@pytest.mark.django_db
def test_a_customer_is_warned_of_once_and_taken_in_hand_by_a_commitment(leaving, company):
    run = run_at(leaving)
    found = warning_of(company, "sales")
    assert (found.stage, found.state, found.is_control) == ("churned", "open", False)
    assert found.silence > 4 * found.habit
    warn(run, lambda *_done: None, actor=SYSTEM, at=AT)
    assert ChurnWarning.objects.filter(customer=found.customer_id).count() == 1

    sales = company.actor("sales")
    services.take_in_hand(found.pk, play="上门拜访", due_at=SOON, actor=sales, at=AT)
    made = Commitment.objects.get(source_key="segments.churnwarning", source_id=str(found.pk))
    assert (made.title, made.owner_id) == ("上门拜访", company.users["sales"].pk)
    with pytest.raises(RuleViolation) as refused:
        services.take_in_hand(found.pk, play="再来", due_at=SOON, actor=sales, at=AT)
    assert refused.value.code == "not_to_follow"
    services.close_warning(found.pk, outcome="lost", note="已转厂", actor=sales, at=AT)
    kinds = Event.objects.filter(customer_id=found.customer_id).values_list("kind", flat=True)
    assert {"segments.churn_warned", "segments.churn_followed", "segments.churn_closed"} <= set(
        kinds
    )


@pytest.mark.django_db
def test_who_buys_again_is_found_by_the_next_run_whatever_was_said(leaving, company):
    run_at(leaving, date(2026, 9, 30))
    found = warning_of(company, "sales")
    services.close_warning(found.pk, outcome="lost", actor=company.actor("sales"), at=AT)
    sell(company.belongings["sales"].customer, date(2026, 10, 20), 1000)
    run_at(leaving)
    found.refresh_from_db()
    assert (found.outcome, found.bought_on) == ("bought", date(2026, 10, 20))
    other = warning_of(company, "head")
    assert (other.state, other.bought_on) == ("open", None)


@pytest.mark.django_db
def test_nobody_says_that_a_customer_bought_and_the_control_group_is_left_alone(leaving, company):
    run_at(leaving)
    found = warning_of(company, "sales")
    sales = company.actor("sales")
    for outcome in ("bought", "nonsense", ""):
        with pytest.raises(RuleViolation):
            services.close_warning(found.pk, outcome=outcome, actor=sales, at=AT)
    ChurnWarning.objects.update(is_control=True)
    with pytest.raises(RuleViolation) as refused:
        services.take_in_hand(found.pk, play="x", due_at=SOON, actor=sales, at=AT)
    assert refused.value.code == "not_to_follow"
    with pytest.raises(NotFound):
        services.close_warning(
            warning_of(company, "stranger").pk, outcome="lost", actor=sales, at=AT
        )
    with pytest.raises(Denied):
        services.close_warning(found.pk, outcome="lost", actor=company.actor("analyst"), at=AT)


@pytest.mark.django_db
def test_by_pages_alone(leaving, company, enter):
    run_at(leaving)
    found = warning_of(company, "sales")
    client = enter("sales")
    listed = client.get("/churn-warnings/?view=").content.decode()
    assert found.customer.name in listed
    assert company.belongings["stranger"].customer.name not in listed
    assert client.get(f"/churn-warnings/{found.pk}/").status_code == 200
    given = {"play": "电话回访", "due_at": "2030-01-01T10:00"}
    assert client.post(f"/churn-warnings/{found.pk}/take/", given).status_code == 302
    assert client.post(f"/churn-warnings/{found.pk}/close/", {"outcome": "lost"}).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.play, found.outcome) == ("closed", "电话回访", "lost")
    assert Customer.objects.get(pk=found.customer_id).stage == "churned"
    assert found.warned_on == MONTH_END


def test_the_lot_is_fair_and_always_the_same():
    drawn = [rules.is_drawn(1, pk, "f" * 64, 10) for pk in range(5000)]
    assert drawn == [rules.is_drawn(1, pk, "f" * 64, 10) for pk in range(5000)]
    assert 400 < sum(drawn) < 600
    assert not any(rules.is_drawn(1, pk, "x", 0) for pk in range(100))


def test_the_uplift_is_newcombes():
    """Newcombe 1998, table II, method 10: 56/70 against 48/80 and 9/10 against 3/10."""
    known = (((56, 70, 48, 80), (0.2, 0.0524, 0.3339)), ((9, 10, 3, 10), (0.6, 0.1705, 0.8090)))
    for given, expected in known:
        assert rules.uplift(*given) == pytest.approx(expected, abs=5e-5)


@pytest.mark.django_db
def test_every_figure_counts_customers_in_sight_and_opens_them(leaving, company, enter):
    from guanxi.segments.lifecycle.dashboard import Dashboard

    run_at(leaving)
    everybody, of_head = (Dashboard(company.actor(n), "") for n in ("administrator", "head"))
    assert 0 < sum(of_head.by_stage.values()) < sum(everybody.by_stage.values())
    assert everybody.coverage
    assert not of_head.coverage
    assert everybody.effect == {"least": 5}
    client = enter("head")
    assert client.get("/insight/").status_code == 200
    links = [figure.url for figure in of_head.figures]
    links += [bar.url for bar in (*of_head.stages, *of_head.warnings)]
    for url in dict.fromkeys(links):
        assert client.get(url).status_code == 200
    assert enter("sales").get("/insight/").status_code == 200


@pytest.mark.django_db
def test_what_contacting_brings_is_told_against_the_control_group(leaving, company):
    from guanxi.segments.lifecycle.dashboard import Dashboard

    LifecycleStage.objects.update(control_percent=10)
    run_at(leaving)
    found = list(ChurnWarning.objects.order_by("pk").values_list("pk", flat=True))
    assert len(found) >= 10
    ChurnWarning.objects.update(is_control=False, bought_on=MONTH_END)
    ChurnWarning.objects.filter(pk__in=found[:5]).update(is_control=True, bought_on=None)
    effect = Dashboard(company.actor("administrator"), "").effect
    assert effect["difference"] == "+100.0"
    assert effect["is_clear"]
