"""Policies: chosen in order by condition, kept as versions, previewed and moved to (J04)."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.deadlines import packs, policy_queries, services
from guanxi.deadlines.models import Clock, DutyShift, Policy
from guanxi.deadlines.reactions import tell_of_deadline
from guanxi.deadlines.rules.policies import read_levels, target_of
from guanxi.deadlines.rules.times import Impossible
from guanxi.deadlines.tests.test_calendars import made
from guanxi.kernel.actor import Reach, system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Event, Run
from guanxi.kernel.packs import PackFault, Part, Place
from guanxi.notifications.models import Notification
from guanxi.people.models import Department
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record
from guanxi.surfaces.services.views import ViewSpec, create_view
from guanxi.surfaces.testing import RecordSuite
from tests.fixtures.company import model

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
AT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
ENTER = "customers.enter"


def policy(name="普通", **values):
    given = {"kind": ENTER, "unit": "hours", "amount": 24, "levels": "50% owner\n100% owner, head"}
    return made("policy", name=name, **given | values)


def change(row, **values):
    kind = get_record_type("deadlines.policy")
    row.refresh_from_db()
    return change_record(kind, row.pk, values, version=row.version, actor=SYSTEM, at=AT)


class TestPolicy(RecordSuite):
    key = "deadlines.policy"
    new = {
        "name": "录入",
        "kind": ENTER,
        "unit": "working_days",
        "amount": 3,
        "levels": "-2d 负责人",
    }
    change = ("levels", "-1d owner")


class TestDutyShift(RecordSuite):
    key = "deadlines.dutyshift"
    change = ("note", "夜班")

    @staticmethod
    def new(company):
        return {
            "person": company.users["sales"].pk,
            "starts_at": "2026-03-01T20:00:00+08:00",
            "ends_at": "2026-03-02T08:00:00+08:00",
        }


@pytest.mark.parametrize(
    ("unit", "amount", "levels", "expected"),
    [
        ("hours", 24, "80% owner\n+4h head, duty", [("80%", 80, None), ("+4h", None, 14_400)]),
        ("working_hours", 2, "-30m 负责人、主管", [("-30m", None, -1800)]),
        ("working_days", 3, "-1d owner\n＋2天 上级主管", [("-1d", None, -1), ("+2天", None, 2)]),
        ("days", 1, "+1d owner", [("+1d", None, 86_400)]),
    ],
)
def test_levels_are_read_as_people_write_them(unit, amount, levels, expected):
    found = read_levels(levels, target_of(unit, amount))
    assert [(level.name, level.percent, level.offset) for level in found] == expected


@pytest.mark.parametrize(
    ("unit", "line"),
    [
        ("hours", "soon owner"), ("hours", "80%"), ("hours", "80% boss"), ("hours", "0% owner"),
        ("working_days", "+4h owner"), ("working_hours", "+1d owner"),
        ("hours", "80% owner\n80% head"),
    ],
)  # fmt: skip
def test_a_level_that_cannot_be_read_is_refused(unit, line):
    with pytest.raises(Impossible):
        read_levels(line, target_of(unit, 3))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "tickets.nothing"}, "no_such_kind"),
        ({"unit": "days", "amount": 9999}, "bad_target"),
        ({"levels": "every day owner"}, "bad_level"),
        ({"audience": "00000000-0000-0000-0000-000000000000"}, "bad_audience"),
    ],
)
def test_a_policy_that_means_nothing_is_refused(values, code):
    with pytest.raises(RuleViolation) as refused:
        policy(**values)
    assert refused.value.code == code


@pytest.fixture
def core_view(company):
    core = {"field": "tier", "op": "is", "value": "core"}
    actor = company.actor("administrator")
    return create_view(
        get_record_type("customers.customer"),
        ViewSpec("核心", condition=core, visibility="shared"),
        actor=actor, at=AT,
    )  # fmt: skip


@pytest.fixture
def customer(company):
    return company.belongings["sales"].customer


def start(customer, at=AT):
    return services.start_clock(customer, ENTER, actor=SYSTEM, at=at)


def test_the_first_policy_that_fits_counts(core_view, customer):
    assert start(customer) is None
    policy(position=200)
    policy("核心", position=100, audience=str(core_view.pk), unit="hours", amount=1)
    assert start(customer).due_at == AT + timedelta(hours=24)
    model("customers.Customer").objects.filter(pk=customer.pk).update(tier="core")
    core = services.start_clock(customer, ENTER, key="2", actor=SYSTEM, at=AT)
    assert (core.due_at, core.policy.content["name"]) == (AT + timedelta(hours=1), "核心")


def test_a_policy_that_is_off_or_archived_starts_nothing(customer):
    off = policy(is_on=False)
    assert start(customer) is None
    change(off, is_on=True)
    Policy.objects.update(archived_at=AT)
    assert start(customer) is None


def test_a_change_makes_a_version_and_touches_running_clocks_only_when_told(customer):
    row = policy()
    clock = start(customer)
    change(row, name="改名")
    change(row, amount=48)
    row.refresh_from_db()
    assert (row.versions.count(), row.current.number) == (3, 3)
    assert clock.policy.content["amount"] == 24
    touched = policy_queries.list_touched(row, at=AT)
    assert [each.pk for each in touched] == [clock.pk]
    assert Clock.objects.get().due_at == AT + timedelta(hours=24)


def test_moving_gives_running_clocks_the_promise_and_happens_once(company, customer):
    row, begun = policy(), datetime.now(UTC) - timedelta(hours=1)
    start(customer, begun)
    change(row, amount=48)
    actor = company.actor("administrator")
    services.apply_policy(row.pk, actor=actor, at=AT)
    assert execute_due(at=datetime.now(UTC))
    assert Run.objects.get().result == {"changed": 1}
    clock = Clock.objects.get()
    assert clock.due_at == begun + timedelta(hours=48)
    assert clock.policy_id == Policy.objects.get().current_id
    assert not policy_queries.list_touched(Policy.objects.get(), at=AT).exists()
    assert [e.kind for e in clock.entries.order_by("id")] == ["start", "retarget"]


def test_an_earlier_policy_keeps_its_clocks(core_view, customer):
    first = policy("一", position=1)
    second = policy("二", position=2, amount=1)
    start(customer)
    assert not policy_queries.list_touched(second, at=AT).exists()
    assert not policy_queries.list_touched(first, at=AT).exists()
    change(first, is_on=False)
    assert policy_queries.list_touched(second, at=AT).count() == 1


def test_who_sees_a_clock_sees_its_record(company, customer):
    policy()
    clock = start(customer)
    kind = get_record_type("deadlines.clock")
    seen = {
        name: kind.in_scope(company.actor(name)).filter(pk=clock.pk).exists()
        for name in ("sales", "colleague", "head", "administrator", "hr")
    }
    assert seen == {
        "sales": True, "colleague": False, "head": True, "administrator": True, "hr": False,
    }  # fmt: skip
    assert company.actor("sales").reach("clocks.view") is Reach.OWN


def test_whom_a_level_names_hears_of_it_once_and_in_working_hours(company, customer):

    made(
        "calendar", name="全员", **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-18:00")
    )
    policy(unit="working_hours", amount=4, levels="50% owner\n+6h head, duty")
    DutyShift.objects.create(
        person=company.users["colleague"], starts_at=AT, ends_at=AT + timedelta(days=9),
        created_at=AT, updated_at=AT,
    )  # fmt: skip
    Department.objects.filter(pk=customer.department_id).update(head=company.users["head"])
    start(customer)  # 10:00 in China
    for hours in (2, 9, 9, 30):
        services.sweep(at=AT + timedelta(hours=hours))
    events = list(Event.objects.filter(kind="deadlines.spoke").order_by("pk"))
    assert [event.data["level"] for event in events] == ["50%", "+6h"]
    for _ in range(2):
        tell_of_deadline(events)
    told = {(n.kind, n.user_id): n.not_before for n in Notification.objects.all()}
    owner, duty = company.users["sales"].pk, company.users["colleague"].pk
    assert told[("deadlines.soon", owner)] == AT + timedelta(hours=2)
    assert told[("deadlines.overdue", duty)] == AT + timedelta(hours=30)
    assert ("deadlines.overdue", company.users["head"].pk) in told
    services.stop_clock(customer, ENTER, actor=SYSTEM, at=AT + timedelta(hours=31))
    assert not Notification.objects.filter(settled_at=None).exists()


@pytest.mark.parametrize("meanwhile", ["stopped", "put off"])
def test_what_was_done_or_put_off_during_a_sweep_is_told_to_nobody(customer, meanwhile):  # G11
    policy()
    start(customer)
    assert services.sweep(at=AT + timedelta(hours=13)) == 1
    at = AT + timedelta(hours=14)
    if meanwhile == "stopped":
        services.stop_clock(customer, ENTER, actor=SYSTEM, at=at)
    else:
        longer = services.Promise(services.Target(services.Measure.CALENDAR, 90 * 3600))
        services.retarget_clock(customer, ENTER, promise=longer, actor=SYSTEM, at=at)
    tell_of_deadline(list(Event.objects.filter(kind="deadlines.spoke")))
    assert not Notification.objects.exists()
    assert services.sweep(at=AT + timedelta(hours=25)) == 0


def test_the_queue_and_the_explanation_show_what_one_may_see(company, customer, enter, callers):
    policy()
    clock = start(customer)
    page = enter("sales").get("/clocks/due/").content.decode()
    assert customer.name in page
    assert customer.name not in enter("colleague").get("/clocks/due/").content.decode()
    shown = enter("sales").get(f"/clocks/{clock.pk}/")
    assert "clock-strip" in shown.content.decode()
    assert enter("colleague").get(f"/clocks/{clock.pk}/").status_code == 404
    told = callers("sales").get(f"/api/v1/clocks/{clock.pk}/explain/").json()
    assert (told["target"], told["counted"]) == (86_400, 86_400)
    assert sum(part["counted"] for part in told["intervals"]) == 86_400
    assert callers("colleague").get(f"/api/v1/clocks/{clock.pk}/explain/").status_code == 404


def test_a_pack_brings_policies_with_their_condition_and_faults_name_the_line(customer):
    values = {
        "kind": ENTER, "position": 1, "condition": {"field": "tier", "op": "is", "value": "core"},
        "unit": "hours", "amount": 2, "is_recurring": False, "reasons": ["customer"],
        "levels": "50% owner", "is_on": True,
    }  # fmt: skip
    for _ in range(2):
        packs.write_policies({"核心": values}, SYSTEM, AT)
    assert packs.current_policies()["核心"] == values
    assert start(customer) is None
    model("customers.Customer").objects.filter(pk=customer.pk).update(tier="core")
    assert start(customer).reasons == ["customer"]
    line = Place("policies.yaml", 7)
    part = Part(line, {**values, "condition": Part(line), "levels": ["soon"]}, {"levels": line})
    with pytest.raises(PackFault) as fault:
        packs.read_policy(part)
    assert str(fault.value).startswith("policies.yaml:7: ")
