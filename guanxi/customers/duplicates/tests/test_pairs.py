"""The queue of pairs: the scan fills it, two persons decide, a "no" is remembered (CUS-12)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers.duplicates import jobs
from guanxi.customers.duplicates.choices import PairState
from guanxi.customers.duplicates.models import DuplicatePair, Merge
from guanxi.customers.duplicates.page import list_alike
from guanxi.customers.duplicates.services.merging import Merging, merge_customers
from guanxi.customers.duplicates.services.pairs import confirm_pair, dismiss_pair, scan_customers
from guanxi.customers.duplicates.services.undoing import undo_merge
from guanxi.customers.models import Customer
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT, SYSTEM
from guanxi.kernel import chores
from guanxi.kernel import jobs as kernel_jobs
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Heartbeat, Run, RunState
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record

pytestmark = pytest.mark.django_db


def everybody() -> list[int]:
    return list(Customer.objects.values_list("pk", flat=True))


def rescan() -> None:
    scan_customers(everybody(), at=factories.minutes(9))


def confirm(pair, actor, keep: str = "low", version: int | None = None) -> DuplicatePair:
    pair.refresh_from_db()
    given = pair.version if version is None else version
    return confirm_pair(pair.pk, keep=keep, version=given, actor=actor, at=AT)


def dismiss(pair, actor) -> DuplicatePair:
    pair.refresh_from_db()
    return dismiss_pair(pair.pk, reason="两家公司", version=pair.version, actor=actor, at=AT)


@pytest.fixture
def pair(company):
    actor = company.actor("sales")
    one = factories.customer(actor, "上海云澜精密电子有限公司")
    two = factories.customer(actor, "云澜精密电子（上海）有限公司")
    factories.customer(actor, "北京云澜精密电子有限公司")
    rescan()
    found = DuplicatePair.objects.get()
    assert {found.low_id, found.high_id} == {one.pk, two.pk}
    return found


def test_a_pair_has_its_likeness_and_reasons(pair):
    assert (pair.state, pair.likeness, pair.reason, pair.reasons) == ("open", 95, "name", "name")
    rescan()
    assert DuplicatePair.objects.get().version == 1


def test_two_persons_confirm_and_then_they_are_one(company, pair):
    sales, head = company.actor("sales"), company.actor("administrator")
    confirm(pair, sales)
    with pytest.raises(RuleViolation):
        confirm(pair, sales)
    with pytest.raises(RuleViolation):
        confirm(pair, head, keep="high")
    assert not Merge.objects.exists()
    assert confirm(pair, head).state == PairState.MERGED
    assert Merge.objects.get().survivor_id == pair.low_id
    with pytest.raises((RuleViolation, StaleVersion)):
        confirm(pair, head)


def test_no_duplicate_is_remembered_until_names_or_codes_change(company, pair):
    actor = company.actor("sales")
    dismiss(pair, actor)
    rescan()
    pair.refresh_from_db()
    assert pair.state == PairState.DIFFERENT
    assert list_alike(Customer.objects.get(pk=pair.low_id), actor) == []
    with pytest.raises(RuleViolation):
        confirm(pair, company.actor("administrator"))
    kind, high = get_record_type("customers.customer"), Customer.objects.get(pk=pair.high_id)
    high = change_record(
        kind, high.pk, {"phone": "13800138000"}, version=high.version, actor=SYSTEM, at=AT
    )
    rescan()
    pair.refresh_from_db()
    assert pair.state == PairState.DIFFERENT
    change_record(
        kind, high.pk, {"name": "上海云澜精密电子"}, version=high.version, actor=SYSTEM, at=AT
    )
    rescan()
    pair.refresh_from_db()
    assert (pair.state, pair.confirmed_by_id) == (PairState.OPEN, None)


def test_a_pair_that_is_alike_no_more_lapses(pair):
    high = Customer.objects.get(pk=pair.high_id)
    change_record(
        get_record_type("customers.customer"), high.pk, {"name": "恒泰物流有限公司"},
        version=high.version, actor=SYSTEM, at=AT,
    )  # fmt: skip
    rescan()
    pair.refresh_from_db()
    assert pair.state == PairState.LAPSED


def test_a_merge_settles_the_queue_and_its_undo_reopens_it(company, pair):
    third = factories.customer(company.actor("sales"), "云澜精密电子 上海")
    rescan()
    states = dict(DuplicatePair.objects.values_list("pk", "state"))
    assert len(states) == 3
    asked = Merging(pair.low_id, pair.high_id, 1, 1, {})
    made = merge_customers(asked, actor=SYSTEM, at=AT)
    pair.refresh_from_db()
    assert pair.state == PairState.MERGED
    other = DuplicatePair.objects.get(low_id=pair.high_id, high_id=third.pk)
    assert other.state == PairState.LAPSED
    undo_merge(made.pk, actor=SYSTEM, at=AT)
    assert dict(DuplicatePair.objects.values_list("pk", "state")) == states


def test_a_pair_is_seen_by_whoever_sees_both(company, pair):
    theirs = factories.customer(company.actor("stranger"), "上海市云澜精密电子股份有限公司")
    rescan()
    kind = get_record_type("customers.duplicatepair")
    assert kind.in_scope(company.actor("sales")).count() == 1
    assert kind.in_scope(company.actor("stranger")).count() == 0
    assert kind.in_scope(company.actor("administrator")).count() == 3
    foreign = DuplicatePair.objects.filter(high=theirs).first()
    for who in ("sales", "stranger"):
        with pytest.raises(NotFound):
            confirm(foreign, company.actor(who))
    with pytest.raises((NotFound, Denied)):
        confirm(pair, company.actor("analyst"))
    with pytest.raises(StaleVersion):
        confirm(pair, company.actor("sales"), version=9)


@pytest.mark.django_db(transaction=True)
def test_the_nightly_scan_takes_what_changed_since(company):
    one = factories.customer(SYSTEM, "上海云澜精密电子有限公司")
    at = timezone.now().replace(hour=19)  # Three o'clock in Shanghai, the last one that was.
    at -= timedelta(days=int(at > timezone.now()))
    for moment in (at - timedelta(hours=8), at):
        assert not Run.objects.filter(kind=jobs.KIND).exists()
        Heartbeat.objects.all().delete()
        assert "duplicates" in chores.do_due(at=moment)
    assert kernel_jobs.execute_due(at=at)
    first = Run.objects.get(kind=jobs.KIND)
    assert (first.state, first.result["pairs"]) == (RunState.DONE, 0)
    made = factories.made("customer", {"name": "云澜精密电子（上海）有限公司"}, at=timezone.now())
    second = jobs.start_scan(is_full=False, actor=SYSTEM, at=at + timedelta(hours=24))
    assert jobs.start_scan(is_full=True, actor=SYSTEM, at=at) is None
    assert kernel_jobs.execute_due(at=at + timedelta(hours=25))
    second.refresh_from_db()
    assert second.result == {"customers": 1, "pairs": 1}
    assert DuplicatePair.objects.filter(low=one, high=made).exists()


def test_a_scan_is_stopped_by_whoever_may_begin_one(company):
    admin = factories.signed_in(company.users["administrator"])
    sales = factories.signed_in(company.users["sales"])
    assert sales.get("/duplicate-pairs/scan/").status_code == 403
    admin.post("/duplicate-pairs/scan/", {"what": "all"})
    run = Run.objects.get(kind=jobs.KIND)
    assert str(run.pk) in admin.get("/duplicate-pairs/scan/").content.decode()
    admin.post("/duplicate-pairs/scan/", {"cancel": str(run.pk)})
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert admin.post("/duplicate-pairs/scan/", {"cancel": "nonsense"}).status_code == 404


def test_the_queue_is_a_list_with_a_page_and_verbs(company, pair):
    client = factories.signed_in(company.users["sales"])
    listed = client.get("/duplicate-pairs/?state=open").content.decode()
    assert "云澜精密电子" in listed
    page = client.get(f"/duplicate-pairs/{pair.pk}/").content.decode()
    assert f"/customers/{pair.low_id}/merge/?with={pair.high_id}" in page
    client.post(f"/duplicate-pairs/{pair.pk}/confirm/", {"keep": "low", "version": 1})
    pair.refresh_from_db()
    assert pair.state == PairState.CONFIRMED
    answer = client.get("/api/v1/duplicate-pairs/?state=confirmed").json()
    assert [row["id"] for row in answer["results"]] == [pair.pk]
