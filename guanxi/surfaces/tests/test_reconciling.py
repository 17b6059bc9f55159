"""Two editors of one record: other fields both stay, the same field is told with three values."""

from dataclasses import replace

import pytest
from django.utils.translation import gettext

from guanxi.kernel.actor import Level, system_actor
from guanxi.kernel.errors import RuleViolation, StaleVersion
from guanxi.kernel.models import Event, EventDetail
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import (
    archive_record,
    change_record,
    create_record,
    merge_record,
    require_unchanged,
    restore_record,
)
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db
SYSTEM = system_actor()
LI = system_actor("李某")
KIND = get_record_type("customers.customer")


def a_customer(**values):
    """A customer at version 1."""
    return create_record(KIND, {"name": "甲公司", **values}, actor=SYSTEM, at=AT)


def save(customer, version, /, actor=SYSTEM, **values):
    """Change a customer as an editor who read it at a version."""
    return merge_record(KIND, customer.pk, values, version=version, actor=actor, at=AT)


def conflict(customer, version, /, **values):
    """The refusal that such a change meets; nothing of it is written."""
    before, events = stored(customer), Event.objects.count()
    with pytest.raises(StaleVersion) as refused:
        save(customer, version, **values)
    assert stored(customer) == before
    assert Event.objects.count() == events
    return refused.value


def stored(customer):
    """The row as it is."""
    return KIND.model._base_manager.filter(pk=customer.pk).values().get()


def three(error):
    """Field → base, mine, theirs of a refusal."""
    return {d.field: (d.base, d.mine, d.theirs) for d in error.differences}


# Field by field -----------------------------------------------------------------------------------
def test_different_fields_both_stay_and_it_is_told_whose():
    customer = a_customer(city="旧", focus="旧")
    save(customer, 1, LI, city="上海")
    merged = save(customer, 1, city="旧", focus="价格")
    row = stored(customer)
    assert (row["city"], row["focus"], row["version"]) == ("上海", "价格", 3)
    assert merged.instance.version == 3
    assert {n: t.by for n, t in merged.meanwhile.items()} == {"city": "李某"}
    last = Event.objects.filter(subject_id=str(customer.pk)).latest("pk")
    assert last.data["changes"] == {"focus": ["旧", "价格"]}


def test_the_same_field_is_refused_with_base_mine_and_theirs():
    customer = a_customer(city="旧", focus="旧")
    save(customer, 1, LI, city="上海")
    error = conflict(customer, 1, city="北京", focus="价格")
    assert error.version == 2
    assert three(error) == {"city": ("旧", "北京", "上海")}
    (told,) = error.differences
    assert (told.by, told.at, told.is_base_known) == ("李某", AT, True)


def test_the_same_value_of_both_is_no_conflict():
    customer = a_customer(city="旧")
    save(customer, 1, city="上海")
    assert save(customer, 1, city="上海").instance.version == 2
    assert save(customer, 1, city="上海", focus="价格").instance.version == 3


def test_what_was_left_as_read_does_not_take_a_change_back():
    customer = a_customer(city="旧", focus="旧")
    save(customer, 1, city="上海", focus="质量")
    merged = save(customer, 1, city="旧", focus="旧")
    assert merged.instance.version == 2
    assert set(merged.meanwhile) == {"city", "focus"}
    assert stored(customer)["city"] == "上海"


def test_a_blank_box_is_left_as_it_was_read():
    """A column without a value comes out of a form as an empty text."""
    customer = a_customer(focus="旧")
    save(customer, 1, external_id="X1", headcount=5)
    error = conflict(customer, 1, external_id="X2", headcount=None, credit_code="", focus="旧")
    assert three(error) == {"external_id": (None, "X2", "X1")}
    assert error.settled == {"headcount", "credit_code", "focus"}
    merged = save(customer, 1, external_id="", credit_code="", focus="价格")
    assert merged.instance.external_id == "X1"


def test_a_field_that_is_as_it_was_again_may_be_set():
    customer = a_customer(city="旧")
    save(customer, 1, city="上海")
    save(customer, 2, city="旧")
    assert save(customer, 1, city="北京").instance.version == 4


def test_the_base_is_the_value_read_and_the_name_the_last_ones():
    customer = a_customer(city="一")
    save(customer, 1, LI, city="二")
    save(customer, 2, SYSTEM, city="三")
    error = conflict(customer, 1, city="四")
    assert three(error) == {"city": ("一", "四", "三")}
    assert error.differences[0].by == gettext(SYSTEM.label)
    assert three(conflict(customer, 2, city="四")) == {"city": ("二", "四", "三")}


def test_what_needs_no_writing_is_named_for_the_form_that_follows():
    customer = a_customer(city="旧", focus="旧", industry="旧")
    save(customer, 1, city="上海", focus="质量", industry="泵")
    error = conflict(customer, 1, city="北京", focus="旧", industry="泵", source="展会")
    assert error.settled == {"focus", "industry"}


@pytest.mark.parametrize(
    ("name", "base", "mine", "theirs"),
    [
        ("headcount", 5, 6, 7),
        ("founded_on", "2001-02-03", "2002-02-03", "2003-02-03"),
        ("next_contact_at", "2026-12-01T01:00:00Z", "2026-12-02T01:00:00Z", "2026-12-03T01:00:00Z"),
        ("revenue_minor", 100, 200, 300),
        ("is_do_not_disturb", False, True, None),
    ],
)
def test_every_type_of_value_has_its_three(name, base, mine, theirs):
    def typed(raw):
        return KIND.all_fields()[name].parse(raw, actor=SYSTEM)

    customer = a_customer(**{name: typed(base)})
    if theirs is None:  # of two values only two can differ
        save(customer, 1, **{name: typed(mine)})
        assert save(customer, 1, **{name: typed(base)}).instance.version == 2
        return
    save(customer, 1, **{name: typed(theirs)})
    assert three(conflict(customer, 1, **{name: typed(mine)})) == {
        name: (typed(base), typed(mine), typed(theirs))
    }
    assert save(customer, 1, **{name: typed(base)}).instance.version == 2


def test_tags_of_both_are_one_field():
    first, second = (
        create_record(get_record_type("customers.tag"), {"name": n}, actor=SYSTEM, at=AT).pk
        for n in ("甲", "乙")
    )
    customer = a_customer()
    save(customer, 1, tags=[first])
    assert three(conflict(customer, 1, tags=[second])) == {"tags": ([], [second], [first])}
    save(customer, 1, tags=[], city="上海")
    assert list(customer.tags.values_list("pk", flat=True)) == [first]


# Rules on what results ----------------------------------------------------------------------------
def test_what_a_step_asks_for_is_looked_up_in_what_both_make_together():
    customer, source = a_customer(), KIND.all_fields()["source"].choices[0][0]
    save(customer, 1, source=source)
    assert save(customer, 1, stage="acquisition").instance.version == 3
    save(customer, 3, stage="prospect")
    save(customer, 4, source="")
    with pytest.raises(RuleViolation) as refused:
        save(customer, 4, stage="acquisition")
    assert refused.value.violations[0].field == "source"


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [({"currency": "JPY"}, {"amount_minor": 300}), ({"amount_minor": 300}, {"currency": "JPY"})],
)
def test_an_amount_and_its_currency_are_one(theirs, mine):
    """Half of each would be a hundred times too much, or too little."""
    kind = get_record_type("customers.order")
    values = {"customer": a_customer().pk, "amount_minor": 100, "placed_at": AT}
    order = create_record(kind, values, actor=SYSTEM, at=AT)
    change_record(kind, order.pk, theirs, version=1, actor=LI, at=AT)
    whole = {"amount_minor": 100, "currency": "CNY", **mine}
    for sent in (mine, whole):
        with pytest.raises(StaleVersion) as refused:
            change_record(kind, order.pk, sent, version=1, actor=SYSTEM, at=AT)
        (told,) = refused.value.differences
        assert (told.field, told.mine, told.by) == (*next(iter(mine.items())), "李某")
        assert told.base == told.theirs
    seen = {**mine, **theirs}
    changed = change_record(kind, order.pk, seen, version=1, actor=SYSTEM, at=AT)
    assert (changed.currency, changed.amount_minor) == ("JPY", 300)
    other = {"notes": "急"}
    assert change_record(kind, order.pk, other, version=1, actor=SYSTEM, at=AT).version == 4


def test_who_may_not_set_a_field_learns_nothing_of_its_value(company):
    customer = company.of("head", "own").customer
    save(customer, 1, phone="+8613900000002")
    head = company.actor("head")
    head = replace(head, levels={**head.levels, "contact": Level.MASKED})
    with pytest.raises(RuleViolation) as refused:
        save(customer, 1, head, phone="+8613900000003", city="上海")
    assert refused.value.code == "masked_field"


# What the events tell -----------------------------------------------------------------------------
def test_personal_values_have_a_base_until_they_are_erased():
    customer = a_customer(phone="+8613900000001")
    save(customer, 1, phone="+8613900000002")
    error = conflict(customer, 1, phone="+8613900000003")
    assert three(error)["phone"][0] == "+8613900000001"
    EventDetail.objects.update(values={}, erased_at=AT)
    for mine in ("+8613900000003", "+8613900000001"):
        (told,) = conflict(customer, 1, phone=mine).differences
        assert (told.base, told.is_base_known) == (None, False)
    assert save(customer, 1, phone="+8613900000002").instance.version == 2
    assert save(customer, 1, city="上海").instance.version == 3


def test_an_archive_meanwhile_takes_no_field_away():
    customer = a_customer()
    archive_record(KIND, customer.pk, version=1, actor=SYSTEM, at=AT)
    restore_record(KIND, customer.pk, version=2, actor=SYSTEM, at=AT)
    assert save(customer, 1, city="上海").instance.version == 4


def test_an_archive_is_of_what_was_read():
    customer = a_customer()
    save(customer, 1, city="上海")
    with pytest.raises(StaleVersion):
        archive_record(KIND, customer.pk, version=1, actor=SYSTEM, at=AT)


def test_a_version_without_an_event_is_compared_by_hand():
    customer = a_customer(city="旧")
    save(customer, 1, focus="价格")
    KIND.model._base_manager.filter(pk=customer.pk).update(version=3, industry="泵")
    error = conflict(customer, 1, city="上海", industry="")
    assert {n: (m, t) for n, (_b, m, t) in three(error).items()} == {
        "city": ("上海", "旧"), "industry": ("", "泵"),
    }  # fmt: skip
    assert conflict(customer, 2, city="上海").version == 3
    assert save(customer, 3, city="上海").instance.version == 4


def test_a_column_that_moved_untold_is_never_overwritten_by_a_read_before_it():
    customer = a_customer(city="旧")
    save(customer, 1, city="上海")
    KIND.model._base_manager.filter(pk=customer.pk).update(city="旧")
    conflict(customer, 1, city="北京")


def test_a_version_that_never_was_is_refused():
    customer = a_customer()
    for never in (0, 2, 10**8):
        with pytest.raises(StaleVersion):
            save(customer, never, name="甲公司")
        with pytest.raises(StaleVersion):
            save(customer, never, city="上海")


# Verbs --------------------------------------------------------------------------------------------
def test_a_verb_means_the_value_even_when_it_is_the_one_that_was_read():
    customer = a_customer(city="旧")
    save(customer, 1, city="上海", focus="价格")
    for value, is_refused in (("旧", True), ("北京", True), ("上海", False)):
        wanted, row = {"city": value}, KIND.model._base_manager.get(pk=customer.pk)
        if is_refused:
            with pytest.raises(StaleVersion):
                require_unchanged(KIND, row, wanted, version=1, actor=SYSTEM)
        else:
            require_unchanged(KIND, row, wanted, version=1, actor=SYSTEM)
    require_unchanged(KIND, row, {"industry": "泵"}, version=1, actor=SYSTEM)
