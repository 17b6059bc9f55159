"""The analysts' commands on files: answers, and one line for what cannot be read."""

import datetime as dt
import gzip
import io
import json
import random

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

ORDERS = """customer_id,ts,amount,note
a,2026-01-01,100,x
a,2026-01-05T10:00:00+08:00,50,y
b,2026/1/3 08:00,"1,200.50",z
b,20260104,-200.50,refund
c,2026-01-01T23:30:00Z,0,free
"""
DRINKS = """,A,B,C
A,1,3,5
B,1/3,1,
C,0.2,1/3,1
"""


@pytest.fixture
def write(tmp_path):
    """Puts a text into a file."""

    def write_(text, name="orders.csv"):
        path = tmp_path / name
        content = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write_


def ask(*arguments, errors=None):
    """The answer of a command as JSON."""
    out = io.StringIO()
    err = errors or io.StringIO()
    call_command("insight", *map(str, arguments), "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue())


def refusal(*arguments):
    """The one line with which a command refuses."""
    with pytest.raises(CommandError) as refused:
        call_command("insight", *map(str, arguments), stdout=io.StringIO(), stderr=io.StringIO())
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
def test_rfm(write, name):
    found = ask("rfm", write(ORDERS, name))
    assert found["as_of"] == "2026-01-05"
    assert found["orders"]["refunds"] == 1
    who = {each["customer_id"]: each for each in found["customers"]}
    assert who["b"]["monetary"] == 1000
    assert (who["b"]["recency"], who["b"]["frequency"]) == (2, 1)
    # Half past eleven in London is the next day in Shanghai.
    assert who["c"]["recency"] == 3
    assert sum(each["customers"] for each in found["segments"]) == 3


def test_rfm_as_of_a_day_does_not_know_what_follows(write):
    early = ask("rfm", write(ORDERS), "--as-of", "2026-01-03")
    late = ORDERS + "a,2026-01-04,999,\nd,2026-02-01,5,\n"
    again = ask("rfm", write(late), "--as-of", "2026-01-03")
    assert again["customers"] == early["customers"]
    assert again["orders"]["later_rows"] == early["orders"]["later_rows"] + 2


def test_rfm_by_default_reckons_no_later_than_today(write):
    found = ask("rfm", write(ORDERS + "z,2999-01-01,5,typo\n"))
    assert found["orders"]["later_rows"] == 1
    assert found["as_of"] < "2999"


@pytest.mark.parametrize("option", ["--horizon=x", "--horizon=0", "--discount=-1", "--unit=year"])
def test_an_option_that_makes_no_sense_is_refused(write, option):
    with pytest.raises(CommandError):
        ask("clv", write(ORDERS), option)


def test_rfm_as_text_in_both_languages(write):
    texts = []
    for language in ("zh-hans", "en"):
        out = io.StringIO()
        call_command("insight", "rfm", str(write(ORDERS)), "--language", language, stdout=out)
        texts.append(out.getvalue())
    assert "客户占比" in texts[0]
    assert "Share of customers" in texts[1]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("customer_id,ts\na,2026-01-01\n", "orders.csv:1:amount: "),
        ("customer_id,ts,amount\na,2026-02-30,5\n", "orders.csv:2:ts: "),
        ("customer_id,ts,amount\na,2026-02-03,5\nb,2026-02-03,nan\n", "orders.csv:3:amount: "),
        ("customer_id,ts,amount\n ,2026-02-03,5\n", "orders.csv:2:customer_id: "),
        ("customer_id,ts,amount\na,2026-02-03\n", "orders.csv:2: "),
        ("customer_id,ts,amount\n", "orders.csv:1: "),
        ("", "orders.csv:1: "),
        (b"\x89PNG\r\n\x1a\n", "orders.csv:1: "),
    ],
)
def test_a_file_that_cannot_be_used_says_where(write, text, where):
    assert where in refusal("rfm", write(text))


def test_a_missing_file_and_a_wrong_option_are_refused_in_one_line(write, tmp_path):
    assert "none.csv: " in refusal("rfm", tmp_path / "none.csv")
    assert refusal("rfm", write(ORDERS), "--as-of", "soon").startswith("--as-of: ")
    assert refusal("rfm", write(ORDERS), "--recency", "30,20").startswith("--recency: ")
    assert refusal("rfm", write(ORDERS), "--time-zone", "Mars").startswith("--time-zone: ")
    assert "only.csv: " in refusal(
        "rfm", write("customer_id,ts,amount\na,2026-01-01,-5\n", "only.csv")
    )


def test_some_broken_rows_are_reported_and_the_rest_is_used(write):
    good = "".join(f"c{n},2026-01-{n + 1:02},{n}\n" for n in range(18))
    text = f"customer_id,ts,amount\n{good}x,yesterday,5\ny,2026-01-02,lots\n"
    errors = io.StringIO()
    found = ask("rfm", write(text), errors=errors)
    assert found["n"] == 18
    broken = found["orders"]["broken"]
    assert broken["count"] == 2
    assert [(each["line"], each["column"]) for each in broken["examples"]] == [
        (20, "ts"),
        (21, "amount"),
    ]
    assert "20:ts" in errors.getvalue()
    assert "orders.csv:20:ts: " in refusal("rfm", write(text), "--strict")


def test_columns_are_found_by_other_names_and_by_mapping(write):
    chinese = "客户编号,下单时间,金额\n甲,2026年1月2日,￥5\n".encode("gb18030")
    assert ask("rfm", write(chinese))["customers"][0]["customer_id"] == "甲"
    odd = write("who,when,much\na,2026-01-01,5\n")
    assert ask("rfm", odd, "--customer-id=who", "--ts=when", "--amount=much")["n"] == 1
    assert "orders.csv:1:whom: " in refusal("rfm", odd, "--customer-id=whom")


def test_ahp_takes_fractions_names_and_one_half_of_the_matrix(write):
    found = ask("weights", write(DRINKS, "m.csv"), "--method", "ahp")
    assert found["names"] == ["A", "B", "C"]
    assert sum(found["weights"]) == pytest.approx(1)
    assert found["lambda_max"] == pytest.approx(3.0385, abs=1e-4)
    assert found["cr"] == pytest.approx(0.0332, abs=1e-4)
    assert found["consistent"] is True
    bare = ask("weights", write("1,3,5\n1/3,1,3\n1/5,1/3,1\n", "bare.csv"))
    assert bare["weights"] == pytest.approx(found["weights"])


def test_ahp_refuses_contradicting_judgements_with_advice(write):
    path = write("1,9,1/9\n1/9,1,9\n9,1/9,1\n", "m.csv")
    found = ask("weights", path)
    assert not found["consistent"]
    assert len(found["worst_judgements"]) == 3
    out = io.StringIO()
    call_command("insight", "weights", str(path), "--language", "zh-hans", stdout=out)
    assert "1/9" in out.getvalue()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1,3,5\n1/3,1,x\n1/5,1/3,1\n", "m.csv:2:3: "),
        (",A,B\nA,1,2\nB,2,1\n", "m.csv:3:A: "),
        ("1,3,5\n1/3,1,3\n", "m.csv:1: "),
        ("1,2\n1/2,1,7\n", "m.csv:2: "),
        ("1,1/0\n0,1\n", "m.csv:1:"),
        ("", "m.csv:1: "),
    ],
)
def test_a_matrix_that_cannot_be_used_says_where(write, text, where):
    assert where in refusal("weights", write(text, "m.csv"))


def test_entropy_expert_and_combined_weights(write):
    plans = write(
        "plan,price,size,lift\np,3,100,10\nq,2.5,80,8\nr,1.8,50,20\ns,2.2,70,12\n", "m.csv"
    )
    found = ask("weights", plans, "--method", "entropy", "--scaling", "sum")
    assert found["weights"] == pytest.approx([0.15671, 0.27093, 0.57236], abs=1e-5)
    assert found["names"] == ["price", "size", "lift"]
    assert "m.csv:1:colour" in refusal("weights", plans, "--method", "entropy", "--cost", "colour")
    experts = ask("weights", write("1,2,3\n1,2,3\n", "e.csv"), "--method", "expert")
    assert experts["kendalls_w"] == 1
    vectors = write(".4,.3,.2,.1\n.1,.2,.3,.4\n", "v.csv")
    assert ask("weights", vectors, "--method", "combined")["weights"] == pytest.approx(
        [0.2, 0.3, 0.3, 0.2]
    )
    judged = write(",price,size,lift\nprice,1,2,4\nsize,,1,2\nlift,,,1\n", "j.csv")
    both = ask("weights", plans, "--method", "combined", "--judgements", judged)
    assert both["subjective"] == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert "e.csv:1:2" in refusal("weights", write("1,,3\n", "e.csv"), "--method", "expert")


def shop(customers=60, seed=4):
    """Orders of customers who come back now and then over a year."""
    chance = random.Random(seed)
    lines = ["customer_id,ts,amount"]
    for who in range(customers):
        day = chance.randrange(120)
        pace, spends = chance.choice((9, 25, 70)), chance.choice((20, 50, 90))
        while day < 365:
            stamp = dt.date(2025, 1, 1) + dt.timedelta(days=day)
            lines.append(f"c{who},{stamp},{spends * chance.uniform(0.6, 1.6):.2f}")
            if chance.random() < 0.15:
                break
            day += max(1, round(chance.expovariate(1 / pace)))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("bgnbd", ["r", "alpha", "a", "b"]),
        ("mbgnbd", ["r", "alpha", "a", "b"]),
        ("paretonbd", ["r", "alpha", "s", "beta"]),
    ],
)
def test_clv(write, model, names):
    path = write(shop())
    asked = ("clv", path, "--model", model, "--until", "2025-09-30", "--customers")
    found = ask(*asked, "--holdout", "2025-12-31")
    assert list(found["params"]) == names
    assert found["n"] == 60
    assert {"p", "q", "v"} <= set(found["gamma_gamma"])
    assert found["loglik"] < 0
    report = found["holdout"]
    assert report["actual"] > 0
    assert abs(report["total_error"]) < 0.6
    assert 0 < report["mae"] < 5
    best = max(found["customers"], key=lambda each: each["clv"])
    assert 0 < best["p_alive"] <= 1
    again = ask(*asked)
    assert again["params"] == found["params"], "what comes after the calibration must not matter"
    assert again["holdout"] is None


def test_clv_as_text_names_the_hold_out_and_the_best(write):
    out = io.StringIO()
    arguments = ["--until", "2025-09-30", "--holdout", "2025-12-31", "--customers"]
    call_command("insight", "clv", str(write(shop())), *arguments, stdout=out)
    assert "验证期：预测" in out.getvalue()
    assert "终身价值" in out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "customer_id,ts,amount\n" + "a,2025-01-01,5\n" * 30,
        "customer_id,ts,amount\n" + "".join(f"c{n},2025-01-01,5\n" for n in range(30)),
        "customer_id,ts,amount\n" + "".join(f"c{n},2025-01-{n + 1:02},5\n" for n in range(30)),
        "customer_id,ts,amount\n" + "a,2025-01-01,-5\n" * 30,
    ],
    ids=["one customer", "one day", "nobody came back", "refunds only"],
)
def test_clv_refuses_what_carries_no_model(write, text):
    assert "orders.csv: " in refusal("clv", write(text))


def test_clv_refuses_a_hold_out_before_the_calibration(write):
    path = write(shop())
    wrong = refusal("clv", path, "--until", "2025-06-01", "--holdout", "2025-05-01")
    assert wrong.startswith("--holdout: ")


def test_clv_without_amounts_counts_purchases_only(write):
    free = "\n".join(line.rsplit(",", 1)[0] + ",0" for line in shop().splitlines()[1:])
    found = ask("clv", write(f"customer_id,ts,amount\n{free}\n"), "--customers")
    assert found["gamma_gamma"] is None
    assert "clv" not in found["customers"][0]
