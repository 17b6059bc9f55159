"""What every record type must do, for custom fields; and what their definitions refuse."""

from datetime import UTC, datetime
from typing import ClassVar

import pytest

from guanxi.kernel.actor import system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import CustomField
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record, parse_values
from guanxi.surfaces.testing import RecordSuite

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 11, 2, 30, tzinfo=UTC)
SYSTEM = system_actor()
KIND = "surfaces.customfield"
TARGET = "customers.customer"


class TestCustomField(RecordSuite):
    key = KIND
    new: ClassVar = {"name": "合同编号", "slug": "contract", "record_key": TARGET, "kind": "text"}
    change = ("help", "as on the contract")


def define(**values):
    """A definition as an administrator gives it."""
    kind = get_record_type(KIND)
    given = {"name": "n", "slug": "spare", "record_key": TARGET, "kind": "text", **values}
    return create_record(kind, parse_values(kind, given, actor=SYSTEM), actor=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "a__b"), ("slug", "_a"), ("slug", "a-b"), ("slug", "0"), ("slug", "1a"),
        ("slug", "A"), ("slug", "张"), ("slug", "isnull"), ("slug", "has_key"), ("slug", "exact"),
        ("slug", "in"), ("slug", "contains"), ("slug", "a" * 41), ("slug", "a_"),
        ("record_key", "no.such"), ("record_key", "kernel.event"), ("record_key", "people.user"),
        ("group", "no such group"),
    ],
)  # fmt: skip
def test_d02_a_definition_that_could_be_read_as_something_else_is_refused(field, value):
    with pytest.raises(RuleViolation) as refused:
        define(**{field: value})
    assert refused.value.field == field
    assert not CustomField.objects.exists()


@pytest.mark.parametrize(
    "choices",
    [[1], ["a"], [{}], [{"label": "a"}], [{"value": ""}], [{"value": {}}], [[]], [None],
     [{"value": "a"}, {"value": "a"}], [{"value": "a", "label": [1]}], {}, {"value": "a"},
     [{"value": "x" * 200}], [{"value": "a\0"}], [{"value": str(n)} for n in range(300)]],
)  # fmt: skip
def test_d02_choices_of_another_shape_are_refused_before_they_break_every_page(choices):
    with pytest.raises(RuleViolation):
        define(kind="choice", choices=choices)
    with pytest.raises(RuleViolation):
        define(kind="choice", choices=[])


def test_the_kind_and_the_code_of_a_field_with_values_stay():
    made = define(kind="text")
    for change in ({"kind": "date"}, {"slug": "other"}, {"record_key": "customers.contact"}):
        with pytest.raises(RuleViolation):
            change_record(get_record_type(KIND), made.pk, change, version=1, actor=SYSTEM, at=AT)


def test_a_good_definition_is_at_once_a_field_of_the_record():
    define(kind="choice", slug="region", choices=[{"value": "n", "label": "北"}, {"value": "s"}])
    kind = get_record_type(TARGET)
    values = parse_values(kind, {"name": "x", "x_region": "北"}, actor=SYSTEM)
    assert values["x_region"] == "n"
    create_record(kind, values, actor=SYSTEM, at=AT)
    page = Listing(kind, SYSTEM, at=AT).page(ListRequest(columns=("x_region",)))
    assert page.rows[0].values == {"x_region": "n"}


def test_what_was_stored_under_another_kind_does_not_break_the_list():
    """A definition changed behind the product's back shows what it can, and breaks nothing."""
    define(kind="text", slug="day")
    kind = get_record_type(TARGET)
    for value in ("soon", "2026-03-11"):
        create_record(kind, {"name": value, "x_day": value}, actor=SYSTEM, at=AT)
    for other in ("date", "datetime", "decimal", "integer", "boolean", "multichoice", "choice"):
        CustomField.objects.update(kind=other)
        listing = Listing(kind, SYSTEM, at=AT)
        rows = listing.page(ListRequest(columns=("name", "x_day"))).rows
        assert len(rows) == 2
        for row in rows:
            assert listing.read(row.pk)
            change_record(kind, row.pk, {"city": other}, version=row.version, actor=SYSTEM, at=AT)
