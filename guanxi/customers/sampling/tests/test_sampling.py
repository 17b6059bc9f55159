"""A second pair of eyes: drawn by a rule, checked by somebody else, measured per person (CUS-8)."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from guanxi.customers.changes.models import KeyField
from guanxi.customers.models import Customer
from guanxi.customers.sampling import rules, services
from guanxi.customers.sampling.models import EntryCheck, SamplingRule
from guanxi.customers.sampling.picture import Picture
from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.models import Event
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.testing import RecordSuite
from tests.fixtures.company import AT, stamps

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
NIGHT = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)  # half past two of 1 April here


class TestSamplingRule(RecordSuite):
    key = "customers.samplingrule"
    new = {"name": "每周抽检", "share": 20, "least": 2, "most": 9}
    change = ("most", 12)


@pytest.fixture
def rule(company):
    """Everybody's customer was entered by its owner in March."""
    for name, belongings in company.belongings.items():
        mine = Customer.objects.filter(pk=belongings.customer.pk)
        mine.update(created_by_id=company.users[name].pk, created_at=AT)
    return SamplingRule.objects.create(name="抽检", share=10, least=1, **stamps())


def drawn(company, who):
    return EntryCheck.objects.get(entered_by=company.users[who])


@pytest.mark.parametrize(
    ("entries", "expected"), [(0, 0), (1, 1), (3, 3), (30, 3), (31, 4), (100, 10), (5000, 30)]
)
def test_a_share_is_drawn_between_two_bounds(entries, expected):
    assert rules.size_of(entries, 10, 3, 30) == expected


def test_a_draw_can_be_repeated_and_is_even():
    ids = range(1000, 1400)
    assert rules.draw(ids, 40, "1:2026-03") == rules.draw(reversed(ids), 40, "1:2026-03")
    often = Counter(pk for month in range(200) for pk in rules.draw(ids, 40, f"1:{month}"))
    assert len(often) == 400
    assert 5 <= min(often.values()) <= max(often.values()) <= 45
    assert rules.month_before(date(2026, 1, 31)) == date(2025, 12, 1)


def test_last_month_is_drawn_once_for_each_person(company, rule):
    early = company.belongings["sales"].customer
    Customer.objects.filter(pk=early.pk).update(created_at=AT - timedelta(days=40))
    number = services.draw_sample(rule.pk, actor=SYSTEM, at=NIGHT)
    assert number == len(company.belongings) - 1
    assert services.draw_sample(rule.pk, actor=SYSTEM, at=NIGHT) == 0
    assert not EntryCheck.objects.filter(customer=early).exists()
    assert set(EntryCheck.objects.values_list("period_on", flat=True)) == {date(2026, 3, 1)}
    SamplingRule.objects.update(is_on=False)
    assert services.draw_sample(rule.pk, actor=SYSTEM, at=NIGHT + timedelta(days=31)) == 0


def test_a_head_checks_what_others_entered_and_never_their_own(company, rule):
    services.draw_sample(rule.pk, actor=SYSTEM, at=NIGHT)
    head, mine, own = company.actor("head"), drawn(company, "sales"), drawn(company, "head")
    given = {"actor": head, "at": NIGHT}
    with pytest.raises(RuleViolation, match="own_entry"):
        services.check_entry(own.pk, name="right", **given)
    with pytest.raises(RuleViolation, match="nothing_checked"):
        services.check_entry(mine.pk, **given)
    with pytest.raises(RuleViolation, match="say_what"):
        services.check_entry(mine.pk, phone="wrong", **given)
    services.check_entry(mine.pk, name="right", tier="right", phone="wrong", note="空号", **given)
    mine.refresh_from_db()
    assert (mine.state, mine.right, mine.wrong, mine.checked_by_id) == ("done", 2, 1, head.user_id)
    event = Event.objects.filter(kind="entry_checks.checked").get()
    assert (event.data["wrong"], event.customer_id) == (["phone"], mine.customer_id)
    with pytest.raises(RuleViolation, match="checked"):
        services.check_entry(mine.pk, name="right", **given)
    with pytest.raises(NotFound):
        services.check_entry(drawn(company, "stranger").pk, name="right", **given)
    with pytest.raises(Denied):
        services.check_entry(mine.pk, name="right", actor=company.actor("sales"), at=NIGHT)


def test_what_counts_as_key_is_compared_and_nothing_else(company, rule, enter, callers):
    """The key fields of the pack decide, and who edits them edits the checks (CUS-8)."""
    services.draw_sample(rule.pk, actor=SYSTEM, at=NIGHT)
    check = drawn(company, "sales")
    form, admin = f"/entry-checks/{check.pk}/check/", enter("administrator")
    assert 'name="industry"' in admin.get(form).content.decode()
    for field in ("name", "tier"):
        KeyField.objects.create(field=field, is_by_request=field == "name", **stamps())
    shown = admin.get(form).content.decode()
    asked = [n for n in services.FIELDS if f'name="{n}"' in shown]
    assert asked == ["name", "phone", "tier"]
    answer = callers("administrator").post(f"entry-checks/{check.pk}/check/", {"industry": "right"})
    assert (answer.status_code, "not_key" in answer.content.decode()) == (400, True)
    given = {"name": "right", "phone": "right", "tier": "right"}
    assert admin.post(form, given).status_code == 302
    check.refresh_from_db()
    assert (check.state, check.results) == ("done", given)


def test_accuracy_is_told_per_person_and_month_to_whom_it_concerns(company, rule, enter):
    services.draw_sample(rule.pk, actor=SYSTEM, at=NIGHT)
    for who, phone in (("sales", "wrong"), ("colleague", "right"), ("stranger", "wrong")):
        services.check_entry(
            drawn(company, who).pk, name="right", phone=phone, note="x",
            actor=company.actor("administrator"), at=NIGHT,
        )  # fmt: skip
    rows = {row.name: row for row in Picture(Formatter(company.actor("head"), NIGHT)).rows}
    assert set(rows) == {"Person sales", "Person colleague"}
    assert (rows["Person sales"].total.percent, rows["Person sales"].total.tone) == ("50%", "low")
    assert (rows["Person colleague"].total.percent, rows["Person colleague"].total.n) == ("100%", 2)
    assert [bool(cell) for cell in rows["Person sales"].cells] == [False] * 4 + [True, False]
    assert rules.percent(0, 0) is None
    page = enter("head").get("/entry-checks/accuracy/").content.decode()
    assert "录入准确率" in page
    shown = enter("head").get(f"/entry-checks/{drawn(company, 'sales').pk}/").content.decode()
    assert "chip-red" in shown
    form = enter("head").get(f"/entry-checks/{drawn(company, 'below').pk}/check/").content.decode()
    assert "Customer of below" in form
    assert "&#x27;label&#x27;" not in form
    assert enter("hr").get("/entry-checks/accuracy/").status_code == 403
