"""What is shown of ratings: customers in sight alone count, amounts only where they are clear."""

from datetime import date

import pytest

from guanxi.approvals.models import Flow, FlowStep, Request
from guanxi.segments import panels
from guanxi.segments.models import Rating, RfmGroup, Standing, ValueModel
from guanxi.segments.rfm_page import RfmPage
from guanxi.segments.tests.factories import AT, make_model, rate, sell, work_off
from tests.fixtures.company import stamps

pytestmark = pytest.mark.django_db


@pytest.fixture
def rated(company):
    """The small company's customers with some orders, rated and in effect."""
    for n, each in enumerate(company.belongings.values()):
        sell(each.customer, date(2026, 9, 1 + n), 5_000 * (n + 1))
    rating = rate(make_model())
    assert rating.state == "computed", rating.problem
    Rating.objects.filter(pk=rating.pk).update(state="in_effect", effective_at=AT)
    rating.refresh_from_db()
    return rating


def test_a_total_counts_only_customers_in_sight(rated, company):
    everybody = panels.moves(company.actor("administrator"), rated, AT)["all"]
    of_head = panels.moves(company.actor("head"), rated, AT)
    assert 0 < of_head["all"] < everybody
    strangers = company.belongings["stranger"].customer.name
    assert strangers not in {row["name"] for row in of_head["rows"]}


def test_the_back_test_is_for_those_who_see_everybody(rated, company):
    assert "why_not" in panels.backtest(company.actor("head"), rated, AT)
    rated.backtest = {
        "then": "2026-07-31", "shares": [0.5, 0.5, *[0.0] * 8], "top_share": 0.5, "gini": 0.8,
        "tiers": [["core", 0.1, 0.5]],
    }  # fmt: skip
    shown = panels.backtest(company.actor("administrator"), rated, AT)
    assert shown["top"] == "50.0%"
    assert shown["points"].split()[1] == "20,50.00"


def test_amounts_are_not_told_to_who_sees_them_masked(rated, company):
    customer = company.belongings["senior_agent"].customer
    shown = panels.of_customer(company.actor("senior_agent"), customer, AT)
    assert shown["history"]
    assert not {"score", "parts", "ways"} & shown.keys()
    assert {past["score"] for past in shown["history"]} == {""}
    page = RfmPage(company.actor("senior_agent"), "")
    assert page.total == 0


def test_a_customer_is_explained(rated, company):
    customer = company.belongings["sales"].customer
    shown = panels.of_customer(company.actor("sales"), customer, AT)
    assert len(shown["parts"]) == 2
    total = sum(float(part["points"]) for part in shown["parts"])
    assert total == pytest.approx(float(shown["score"]), abs=0.2)
    assert shown["parts"][0]["raw"].startswith("¥")


def test_heat_map_and_groups_add_up(rated, company):
    everything = {"r_from": 1, "r_to": 5, "f_from": 1, "f_to": 5, "m_from": 1, "m_to": 5}
    RfmGroup.objects.create(name="近期", place=1, **everything | {"r_from": 4}, **stamps(AT))
    page = RfmPage(company.actor("administrator"), "")
    assert page.total == sum(cell["n"] for row in page.heat for cell in row["cells"])
    assert page.total == sum(line["n"] for line in page.lines)
    named = {line["name"]: line["n"] for line in page.lines}
    assert named["近期"] == sum(cell["n"] for row in page.heat[:2] for cell in row["cells"])


@pytest.mark.parametrize("who", ["administrator", "head", "sales", "quality"])
def test_every_page_opens(rated, company, enter, who):
    client = enter(who)
    customer = company.belongings["sales" if who != "quality" else "quality"].customer
    assert client.get("/rfm/").status_code == 200
    assert client.get("/standings/?view=").status_code == 200
    assert client.get(f"/customers/{customer.pk}/panels/value/").status_code in {200, 404}
    expected = 200 if who in {"administrator", "head"} else 403
    assert client.get(f"/ratings/{rated.pk}/").status_code == expected
    assert client.get(f"/value-models/{rated.value_model_id}/").status_code == expected


def test_a_model_is_made_rated_and_approved_by_forms_alone(company, enter):
    """As without a script: every step is a page with a form, and the customer's page tells why."""
    for n, each in enumerate(company.belongings.values()):
        sell(each.customer, date(2026, 9, 1 + n), 5_000 * (n + 1))
    analyst = enter("analyst")
    given = {
        "name": "价值模型", "months": "12", "currency": "CNY", "weighting": "hand",
        "cut_by": "share", "cuts": "potential = 30\ncore = 10", "lowest": "ordinary", "is_on": "1",
        "rfm_cuts": "recency = 30 60 90 180", "judgements": "",
    }  # fmt: skip
    assert analyst.post("/value-models/new/", given).status_code == 302
    model = ValueModel.objects.get()
    assert model.cuts == {"core": 10.0, "potential": 30.0}
    again = analyst.get(f"/value-models/{model.pk}/edit/").content.decode()
    assert "core = 10\npotential = 30" in again
    assert "recency = 30 60 90 180" in again
    indicator = {
        "value_model": model.pk,
        "metric": "amount",
        "scaling": "percentile",
        "weight": "10",
    }
    assert analyst.post("/value-indicators/new/", indicator).status_code == 302
    assert (
        analyst.post(f"/value-models/{model.pk}/rate/", {"as_of": "2026-10-31"}).status_code == 302
    )
    work_off()
    rating = Rating.objects.get()
    assert rating.state == "computed", rating.problem

    flow = Flow.objects.create(
        name="分级审批", record_key="segments.rating", is_for_all=True, **stamps(AT)
    )
    FlowStep.objects.create(flow=flow, place=1, name="审核", **stamps(AT)).people.add(
        company.users["head"]
    )
    assert analyst.post(f"/ratings/{rating.pk}/submit/", {"reason": "十月"}).status_code == 302
    request = Request.objects.get()
    head = enter("head")
    assert rating.name in head.get(f"/approvals/{request.pk}/").content.decode()
    answer = head.post(f"/approvals/{request.pk}/approve/", {"seen": request.seen, "comment": ""})
    assert answer.status_code == 302
    work_off()
    rating.refresh_from_db()
    assert rating.state == "in_effect"
    best = Standing.objects.filter(rating=rating).order_by("-score").first()
    page = enter("administrator").get(f"/customers/{best.customer_id}/panels/value/")
    assert "核心" in page.content.decode()
