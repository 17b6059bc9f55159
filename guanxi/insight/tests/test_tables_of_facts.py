"""Retention of a file of orders, and the churn model on tables as people keep them."""

import random

import pytest

from guanxi.insight.tests.test_commands import ask, refusal, shop, write

__all__ = ["write"]


def members(size=240, yes="Yes", no="No"):
    """Members with a contract, a tenure with gaps, and whether they left."""
    chance = random.Random(2)
    lines = ["member,plan,tenure,charges,constant,note,left"]
    for who in range(size):
        plan = chance.choice(("monthly", "yearly"))
        tenure = chance.randrange(60)
        leaves = chance.random() < (0.7 if plan == "monthly" else 0.1) * (1 if tenure < 30 else 0.4)
        months = "" if who % 17 == 0 else tenure
        note = f"note {who}"
        lines.append(f"m{who},{plan},{months},￥{tenure * 10},x,{note},{yes if leaves else no}")
    return "\n".join(lines) + "\n"


def test_retention(write):
    found = ask("retention", write(shop()), "--as-of", "2025-12-31", "--churn-after", "60")
    assert sum(each["size"] for each in found["cohorts"]) == found["n"] == 60
    assert all(each["retention"][0] == 1 for each in found["cohorts"])
    shares = [each["survival"] for each in found["survival"]]
    assert shares == sorted(shares, reverse=True)
    assert all(each["low"] <= each["survival"] <= each["high"] for each in found["survival"])
    assert {"alpha", "beta"} <= set(found["sbg"])
    assert 0 < found["repurchase_rate"] < 1
    habits = found["habits"]
    assert habits["on_time"] + habits["overdue"] + habits["silent"] == habits["with_habit"]


def test_retention_of_one_customer_or_one_day_has_no_contract_model(write):
    for rows in ("a,2025-01-01,5\n", "a,2025-01-01,5\nb,2025-01-01,7\n"):
        found = ask("retention", write(f"customer_id,ts,amount\n{rows}"))
        assert found["sbg"] is None
        assert found["survival"] == []


@pytest.mark.slow
@pytest.mark.parametrize(("yes", "no"), [("True.", "False."), ("1", "0"), ("是", "否")])
def test_churn_takes_the_usual_words_for_yes(write, yes, no):
    path = write(members(60, yes, no), "t.csv.gz")
    found = ask("churn", path, "--target", "left", "--id", "member")
    assert found["positive"] == yes


@pytest.mark.slow
def test_churn(write):
    path = write(members(), "t.csv")
    found = ask("churn", path, "--target", "left", "--id", "member", "--customers")
    assert 0.6 < found["auc"] < 1
    assert found["auc_ci"][0] < found["auc"] < found["auc_ci"][1]
    assert {"brier", "ece", "bins"} <= set(found["calibration"])
    kinds = {each["feature"]: each["kind"] for each in found["top_features"]}
    assert kinds == {"plan": "category", "tenure": "number", "charges": "number"}
    assert found["top_features"][0]["feature"] == "plan"
    assert {each["column"] for each in found["ignored"]} == {"constant", "note"}
    assert len(found["customers"]) == 240
    assert found["customers"][0]["id"] == "m0"
    assert len(found["customers"][0]["reasons"]) == 3


@pytest.mark.slow
def test_churn_takes_the_rarer_of_other_words_and_leaves_row_numbers_aside(write):
    rows = members(60, "gone soon", "here").splitlines()
    numbered = [f"{n},{row}" for n, row in enumerate(rows)]
    numbered[0] = f"row,{rows[0]}"
    path = write("\n".join(numbered) + "\n", "t.csv")
    found = ask("churn", path, "--target", "left", "--id", "member")
    counts = {word: sum(row.endswith(f",{word}") for row in rows) for word in ("gone soon", "here")}
    assert found["positive"] == min(counts, key=counts.get)
    assert "row" in {each["column"] for each in found["ignored"]}


@pytest.mark.slow
def test_churn_leaves_out_rows_without_a_target_and_says_so(write):
    text = members(60).replace("note 7,Yes", "note 7,").replace("note 7,No", "note 7,")
    found = ask("churn", write(text + "m99,short\n", "t.csv"), "--target", "left")
    assert (found["n"], found["rows"]) == (59, 61)
    places = [(each["line"], each["column"]) for each in found["broken"]["examples"]]
    assert places == [(9, "left"), (62, "")]


@pytest.mark.parametrize(
    ("change", "options", "where"),
    [
        (None, ["--target", "gone"], "t.csv:1:gone: "),
        (None, ["--target", "left", "--id", "who"], "t.csv:1:who: "),
        (None, ["--target", "plan", "--positive", "weekly"], "t.csv:1:plan: "),
        (None, ["--target", "tenure"], "t.csv:1:tenure: "),
        (None, ["--target", "left", "--monotone", "plan+"], "--monotone: "),
        ("", ["--target", "left"], "t.csv:1: "),
        ("a,left\n1,Yes\n2,No\n", ["--target", "left"], "t.csv: "),
    ],
)
def test_churn_says_what_it_cannot_use(write, change, options, where):
    path = write(members(60) if change is None else change, "t.csv")
    assert where in refusal("churn", path, *options)


@pytest.mark.slow
def test_leaving(write):
    path = write(shop(customers=150))
    found = ask("leaving", path, "--until", "2025-11-30", "--horizon", "60", "--customers")
    assert len(found["customers"]) == found["n"]
    assert all(0 < each["probability"] < 1 for each in found["customers"])
    assert 0.5 < found["auc"] <= 1
    assert found["back_test"][-1]["as_of"] == "2025-10-01"


def test_leaving_refuses_a_short_log(write):
    assert "orders.csv: " in refusal("leaving", write(shop()), "--until", "2025-04-30")
