"""A leaver's whole book to one or several colleagues, and back (K12)."""

import pytest
from django.utils import timezone

from guanxi.customers.models import Customer
from guanxi.customers.pools import dividing, services
from guanxi.customers.pools.models import HandedOver, HandOver
from guanxi.customers.pools.services import handing
from guanxi.customers.tests import factories
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.errors import Denied, NotFound, RuleViolation
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Event, Run
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record

pytestmark = pytest.mark.django_db
MORE = 23


@pytest.fixture
def book(company):
    """Sales own two dozen customers in three provinces."""
    sales, at = company.users["sales"], timezone.now()
    insert_rows(
        [
            Customer(
                number=f"B{n:03}", name=f"客户{n}", owner=sales, department=sales.department,
                team=company.teams["east one"], province=("上海", "江苏", "浙江")[n % 3],
                created_at=at, updated_at=at,
            )
            for n in range(MORE)
        ]
    )  # fmt: skip
    return set(Customer.objects.filter(owner=sales).values_list("pk", flat=True))


def prepared(company, *receivers: str, by: str = "head", **values) -> HandOver:
    given = {
        "person": company.users["sales"].pk,
        "receivers": [company.users[name].pk for name in receivers],
        "reason": "离职",
        **values,
    }
    kind = get_record_type("customers.handover")
    return create_record(kind, given, actor=company.actor(by), at=timezone.now())


def worked(run: Run) -> Run:
    while execute_due(at=timezone.now()):
        pass
    run.refresh_from_db()
    assert run.state == "done", run.error
    return run


def handed(company, made: HandOver, by: str = "head") -> Run:
    return worked(services.start_hand_over(made.pk, actor=company.actor(by), at=timezone.now()))


def owned(company, name: str) -> set[int]:
    return set(Customer.objects.filter(owner=company.users[name]).values_list("pk", flat=True))


def test_all_to_one(company, book):
    made = prepared(company, "colleague")
    before = owned(company, "colleague")
    parts = {part.kind.key: part.count for part in handing.preview(made, company.actor("head"))}
    assert parts["customers.customer"] == len(book)
    run = handed(company, made)
    assert owned(company, "sales") == set()
    assert owned(company, "colleague") == before | book
    assert run.result["changed"] == run.progress_total == len(book)
    told = Event.objects.filter(kind="customers.transferred", customer_id__in=book)
    assert told.count() == len(book)
    event = told.first()
    assert event.data["from_label"] == "Person sales"
    assert event.data["reason"] == "离职"
    assert event.request_id == str(run.pk)
    assert factories.last_event("hand_overs.done").data["moved"] == len(book)


def test_in_turn_everybody_gets_about_the_same(company, book):
    handed(company, prepared(company, "colleague", "below"))
    shares = [len(owned(company, name) & book) for name in ("colleague", "below")]
    assert sum(shares) == len(book)
    assert abs(shares[0] - shares[1]) <= 2


def test_by_province_each_province_stays_together(company, book):
    handed(company, prepared(company, "colleague", "below", split="province"))
    rows = Customer.objects.filter(pk__in=book).exclude(province="")
    pairs = set(rows.values_list("province", "owner"))
    assert len(pairs) == 3
    assert len({owner for _province, owner in pairs}) == 2


def test_provinces_are_divided_by_their_size():
    given = dividing.by_province([("a", 10), ("b", 6), ("c", 5)], [1, 2])
    assert given == {"a": 1, "b": 2, "c": 2}


def test_it_goes_back_but_for_what_was_touched_since(company, book):
    made = prepared(company, "colleague")
    handed(company, made)
    edited, given_on, *_rest = sorted(book)
    change_record(
        get_record_type("customers.customer"), edited, {"city": "苏州"}, version=2,
        actor=company.actor("colleague"), at=timezone.now(),
    )  # fmt: skip
    Customer.objects.filter(pk=given_on).update(owner=company.users["below"])
    run = worked(services.undo_hand_over(made.pk, actor=company.actor("head"), at=timezone.now()))
    assert owned(company, "sales") == book - {edited, given_on}
    assert {each["id"] for each in run.result["failures"]} == {edited, given_on}
    back = Customer.objects.filter(pk__in=book - {edited, given_on})
    assert set(back.values_list("team__name", flat=True)) == {"east one"}
    with pytest.raises(RuleViolation):
        services.undo_hand_over(made.pk, actor=company.actor("head"), at=timezone.now())


def test_killed_it_goes_on_where_it_was(company, book, monkeypatch):
    monkeypatch.setattr(handing, "STEP", 5)
    made = prepared(company, "colleague", "below", split="province")
    services.start_hand_over(made.pk, actor=company.actor("head"), at=timezone.now())

    def killed(done: int, _total: int) -> None:
        if done >= 10:
            raise KeyboardInterrupt

    head = company.actor("head")
    with pytest.raises(KeyboardInterrupt):
        handing.hand_over_all(made, killed, actor=head, at=timezone.now())
    assert HandedOver.objects.count() == 10
    handing.hand_over_all(made, lambda _d, _t: None, actor=head, at=timezone.now())
    assert HandedOver.objects.count() == len(book)
    assert owned(company, "sales") == set()
    rows = Customer.objects.filter(pk__in=book).exclude(province="")
    assert len(set(rows.values_list("province", "owner"))) == 3


def test_a_stop_leaves_the_rest_where_it_is(company, book, monkeypatch):
    monkeypatch.setattr(handing, "STEP", 5)
    made = prepared(company, "colleague")
    run = services.start_hand_over(made.pk, actor=company.actor("head"), at=timezone.now())
    Run.objects.filter(pk=run.pk).update(is_cancel_asked=True)
    while execute_due(at=timezone.now()):
        pass
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert len(owned(company, "sales")) == len(book) - 5


def test_nobody_moves_what_is_not_theirs_to_move(company, book):
    foreign = Customer.objects.filter(pk=min(book))
    foreign.update(department=company.departments["south"], team=None)
    made = prepared(company, "colleague")
    run = handed(company, made)
    assert owned(company, "sales") == {min(book)}
    assert run.result["failed"] == 1


@pytest.mark.parametrize("by", ["sales", "hr"])
def test_only_who_may(company, book, by):
    with pytest.raises(Denied):
        prepared(company, "colleague", by=by)
    made = prepared(company, "colleague")
    with pytest.raises((Denied, NotFound)):
        services.start_hand_over(made.pk, actor=company.actor(by), at=timezone.now())


def test_a_head_prepares_only_for_people_of_the_own_branch(company, book):
    with pytest.raises(Denied):
        prepared(company, "colleague", person=company.users["stranger"].pk)


def test_pages_show_the_book_and_start_it(company, book):
    made = prepared(company, "colleague")
    client = factories.signed_in(company.users["head"])
    shown = client.get(f"/hand-overs/{made.pk}/").content.decode()
    assert str(len(book)) in shown
    assert client.post(f"/hand-overs/{made.pk}/start/").status_code == 302
    assert Run.objects.filter(kind="customers.hand_over").exists()
    made.refresh_from_db()
    assert made.state == "running"


@pytest.mark.parametrize(
    ("values", "code"), [({"receivers": []}, "required"), ({"receivers": "own"}, "not_to_oneself")]
)
def test_what_is_refused(company, book, values, code):
    if values["receivers"] == "own":
        values = {"receivers": [company.users["sales"].pk]}
    with pytest.raises(RuleViolation) as refused:
        prepared(company, **values)
    assert refused.value.violations[0].code == code
