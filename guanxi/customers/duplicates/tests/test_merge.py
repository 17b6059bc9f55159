"""Two customers made one, and the merge taken back (CUS-12, A04, F09)."""

from datetime import timedelta

import pytest
from django.apps import apps

from guanxi.customers.duplicates import queries
from guanxi.customers.duplicates.models import DuplicatePair, MatchKey, Merge, MergedRow
from guanxi.customers.duplicates.references import DERIVED, LOGS, references
from guanxi.customers.duplicates.services.merging import Merging, merge_customers
from guanxi.customers.duplicates.services.undoing import undo_merge
from guanxi.customers.models import Contact, Customer, Order
from guanxi.customers.queries import OpenedId
from guanxi.customers.services import pin_event, refresh_totals, transfer_customer
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT, SYSTEM
from guanxi.customers.timeline import Timeline, Wanted
from guanxi.kernel import identifiers
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Event
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, mark_record, restore_record

pytestmark = pytest.mark.django_db
CODE = identifiers.complete_credit_code("91310115MA1K3XYQ2")
CUSTOMER = get_record_type("customers.customer")
#: Logs, what is sent on, the ledger itself, and the words of the search with their instants.
UNDUMPED = {
    "kernel.event", "kernel.eventdetail", "kernel.delivery", "kernel.accessentry", "kernel.seal",
    "kernel.numberseries", "customers.merge", "customers.mergedrow", "surfaces.searchdoc",
}  # fmt: skip


def dump() -> dict[str, list[tuple]]:
    """Every row of every business table."""
    return {
        model._meta.label_lower: sorted(model._base_manager.values_list(), key=repr)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label_lower not in UNDUMPED and model._meta.managed
    }


def words() -> set[tuple]:
    said = SearchDoc.objects.exclude(tokens="")
    return set(said.values_list("record_key", "object_id", "group", "customer_id", "tokens"))


def fresh(customer: Customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def merge(survivor, loser, actor=SYSTEM, **picks: str) -> Merge:
    survivor, loser = fresh(survivor), fresh(loser)
    asked = Merging(survivor.pk, loser.pk, survivor.version, loser.version, picks)
    return merge_customers(asked, actor=actor, at=factories.minutes(5))


def undo(made: Merge, actor=SYSTEM, at=None) -> Merge:
    return undo_merge(made.pk, actor=actor, at=at or factories.minutes(60))


@pytest.fixture
def two(company):
    actor = company.actor("sales")
    tag = factories.tag("价格敏感")
    one = factories.customer(actor, "上海云澜精密电子有限公司", city="上海", tags=[tag.pk])
    two = factories.customer(
        actor, "云澜精密电子（上海）有限公司", credit_code=CODE, industry="电子",
        tags=[tag.pk, factories.tag("老客户").pk], phone="+8613800138000",
    )  # fmt: skip
    contact = factories.contact(two, phone="+8613900139000")
    factories.talk(two, contact=contact.pk)
    paid = factories.order(two, 500_00)
    factories.order(one, 100_00)
    factories.payment(two, order=paid.pk)
    factories.attachment(two)
    refresh_totals({one.pk, two.pk})
    mark_record(CUSTOMER, two.pk, "favourite", actor=actor, at=AT)
    pin_event(
        two.pk, event_id=Event.objects.filter(customer_id=two.pk).first().pk, actor=actor, at=AT
    )
    return fresh(one), fresh(two)


def test_everything_that_referred_to_one_refers_to_the_other(two):
    survivor, loser = two
    merge(survivor, loser)
    for reference in references():
        left = reference.rows(loser.pk)
        allowed = reference.model is Customer.tags.through  # The tag that both had stays.
        assert left.count() == int(allowed), reference.label
    survivor = fresh(survivor)
    assert (survivor.credit_code, survivor.industry, survivor.city) == (CODE, "电子", "上海")
    assert (survivor.order_count, survivor.total_minor) == (2, 600_00)
    assert survivor.tags.count() == 2
    assert loser.number in survivor.formerly
    assert not MatchKey.objects.filter(customer=loser).exists()
    assert not SearchDoc.objects.filter(customer_id=loser.pk).exists()


def test_what_is_picked_is_kept_and_the_rest_follows_the_rule(two):
    survivor, loser = two
    merge(survivor, loser, name="theirs", industry="mine")
    survivor = fresh(survivor)
    assert survivor.name == loser.name
    assert survivor.industry == ""


def test_whose_customer_it_is_is_nobodys_to_pick(two, company):
    survivor, loser = two
    Customer.objects.filter(pk=loser.pk).update(
        owner=company.users["colleague"], protected_until=factories.minutes(90)
    )
    before = dump()
    made = merge(survivor, loser, owner="theirs", department="theirs")
    assert fresh(survivor).owner_id == survivor.owner_id
    assert fresh(loser).protected_until is None
    undo(made)
    assert {t for t, rows in dump().items() if rows != before[t]} == set()


def test_taken_back_everything_is_as_it_was(two):
    survivor, loser = two
    before, words_before = dump(), words()
    made = merge(survivor, loser)
    assert dump() != before
    taken = undo(made)
    after = dump()
    assert {t for t in before if before[t] != after[t]} == set()
    assert words() == words_before
    assert taken.kept == []
    assert factories.last_event().kind == "customers.merge_undone"


def test_edits_made_since_are_kept_and_listed(two):
    survivor, loser = two
    made = merge(survivor, loser)
    survivor = fresh(survivor)
    edited = change_record(
        CUSTOMER, survivor.pk, {"industry": "光电"}, version=survivor.version, actor=SYSTEM, at=AT
    )
    contact = Contact.objects.get(customer=survivor, name="李娜")
    change_record(
        get_record_type("customers.contact"), contact.pk, {"position": "总监"},
        version=contact.version, actor=SYSTEM, at=AT,
    )  # fmt: skip
    order = factories.order(survivor, 50_00)
    taken = undo(made)
    assert len(taken.kept) == 2
    survivor, loser = fresh(survivor), fresh(loser)
    assert (survivor.industry, survivor.credit_code, loser.credit_code) == ("光电", None, CODE)
    assert survivor.version == edited.version + 1
    contact.refresh_from_db()
    assert (contact.customer_id, contact.position) == (loser.pk, "总监")
    assert Order.objects.get(pk=order.pk).customer_id == survivor.pk


def test_a_value_read_while_merged_is_stale_for_ever(two):
    survivor, loser = two
    made = merge(survivor, loser)
    read = fresh(survivor).version
    undo(made)
    for city in ("北京", "天津"):
        now = fresh(survivor)
        change_record(CUSTOMER, now.pk, {"city": city}, version=now.version, actor=SYSTEM, at=AT)
    with pytest.raises(StaleVersion):
        change_record(CUSTOMER, survivor.pk, {"city": "武汉"}, version=read, actor=SYSTEM, at=AT)


def test_a_merge_is_taken_back_once_and_within_thirty_days(two):
    made = merge(*two)
    with pytest.raises(RuleViolation):
        undo(made, at=AT + timedelta(days=31))
    undo(made)
    with pytest.raises(RuleViolation):
        undo(made)


def test_the_history_of_both_is_one_timeline(two, company):
    survivor, loser = two
    merge(survivor, loser)
    timeline = Timeline(OpenedId(survivor.pk), company.actor("administrator"))
    told = {event.customer_id for event in timeline.page(Wanted()).events.values()}
    assert told == {survivor.pk, loser.pk}
    old = Event.objects.filter(customer_id=loser.pk, is_on_timeline=True).first()
    assert timeline.tells(old)
    pin_event(survivor.pk, event_id=old.pk, actor=SYSTEM, at=AT)


@pytest.mark.parametrize("reader", ["sales", "administrator"])
def test_old_addresses_lead_to_the_one_that_stays(two, company, reader):
    survivor, loser = two
    third = factories.customer(company.actor("sales"), "上海云澜")
    merge(survivor, loser)
    merge(third, survivor)
    client = factories.signed_in(company.users[reader])
    for old in (survivor, loser):
        answer = client.get(f"/customers/{old.pk}/?x=1")
        assert (answer.status_code, answer["Location"]) == (301, f"/customers/{third.pk}/?x=1")
        assert "no-store" in answer["Cache-Control"]
        answer = client.get(f"/api/v1/customers/{old.pk}/")
        assert answer.status_code == 308
        assert answer["Location"].endswith(f"/api/v1/customers/{third.pk}/")
    stranger = factories.signed_in(company.users["stranger"])
    assert stranger.get(f"/customers/{loser.pk}/").status_code == 404
    assert stranger.get(f"/api/v1/customers/{loser.pk}/").status_code == 404


def test_a_merge_of_what_is_not_ones_own_is_not_found(two, company):
    survivor, loser = two
    theirs = factories.customer(company.actor("stranger"), "上海云澜")
    for pair in ((survivor, theirs), (theirs, survivor)):
        with pytest.raises(NotFound):
            merge(*pair, actor=company.actor("sales"))
    with pytest.raises(NotFound):
        merge(survivor, loser, actor=company.actor("colleague"))
    with pytest.raises(Denied):
        merge(survivor, loser, actor=company.actor("quality"))
    made = merge(survivor, loser, actor=company.actor("sales"))
    with pytest.raises(NotFound):
        undo(made, actor=company.actor("stranger"))


def test_versions_are_checked_on_both_sides(two):
    survivor, loser = two
    for versions in ((survivor.version + 1, loser.version), (survivor.version, loser.version + 1)):
        with pytest.raises(StaleVersion):
            merge_customers(Merging(survivor.pk, loser.pk, *versions, {}), actor=SYSTEM, at=AT)
    with pytest.raises(RuleViolation):
        merge(survivor, survivor)


def test_what_is_merged_is_neither_edited_nor_given_nor_brought_back(two, company):
    survivor, loser = two
    merge(survivor, loser)
    gone = fresh(loser)
    with pytest.raises(NotFound):
        merge(survivor, gone)
    with pytest.raises(NotFound):
        change_record(CUSTOMER, gone.pk, {"city": "x"}, version=gone.version, actor=SYSTEM, at=AT)
    with pytest.raises(NotFound):
        transfer_customer(
            gone.pk, to_user=company.users["sales"].pk, reason="x", version=None,
            actor=SYSTEM, at=AT,
        )  # fmt: skip
    with pytest.raises(RuleViolation):
        restore_record(CUSTOMER, gone.pk, version=gone.version, actor=SYSTEM, at=AT)


def test_a_record_for_the_old_id_comes_to_the_one_that_stays(two):
    survivor, loser = two
    merge(survivor, loser)
    order, contact = factories.order(loser), factories.contact(loser, "王芳", phone="13700137000")
    assert (order.customer_id, contact.customer_id) == (survivor.pk, survivor.pk)
    assert factories.last_event().customer_id == survivor.pk
    assert MatchKey.objects.filter(source_id=contact.pk, customer=survivor).exists()


def test_a_number_that_was_given_away_meanwhile_stays_given(two):
    survivor, loser = two
    made = merge(survivor, loser)
    now = fresh(survivor)
    now = change_record(
        CUSTOMER, now.pk, {"credit_code": None}, version=now.version, actor=SYSTEM, at=AT
    )
    factories.customer(SYSTEM, "别的公司", credit_code=CODE)
    taken = undo(made)
    assert fresh(loser).credit_code is None
    assert any("信用代码" in line for line in taken.kept)


def test_every_column_that_names_a_customer_is_moved_or_known():
    bare = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if column.attname == "customer_id" and not column.is_relation
    }
    assert bare == {*LOGS, "surfaces.SearchDoc", "approvals.Request"}
    moved = {reference.model for reference in references()}
    keyed = {
        model
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if column.related_model is Customer
    }
    assert keyed - moved == {MatchKey, Merge, DuplicatePair}
    assert {MatchKey, Merge, MergedRow, DuplicatePair} == set(DERIVED)


def test_a_merge_is_on_record_for_both(two):
    survivor, loser = two
    merge(survivor, loser)
    kinds = {e.kind: e for e in Event.objects.filter(kind__startswith="customers.merged")}
    assert kinds["customers.merged"].customer_id == survivor.pk
    assert kinds["customers.merged"].data["loser_id"] == loser.pk
    assert kinds["customers.merged_away"].customer_id == loser.pk
    assert queries.get_successor(loser.pk) == survivor.pk


@pytest.mark.parametrize("word", ["\0", "C\ud800", "a\x07b"])
def test_a_word_that_no_number_can_have_names_nobody(company, word):
    assert queries.find_by_word(word, company.actor("administrator")) is None
