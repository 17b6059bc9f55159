"""Values as JSON: exact, and the same whatever the zone they came in."""

import json
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernel.models import NumberSeries
from guanxi.kernel.values import to_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (1.5, 1.5),
        ("张", "张"),
        (Decimal("1.10"), "1.10"),
        (date(2026, 3, 11), "2026-03-11"),
        (time(9, 5), "09:05:00"),
        (datetime(2026, 3, 11, 9, tzinfo=UTC), "2026-03-11T09:00:00Z"),
        (datetime(2026, 3, 11, 9, tzinfo=ZoneInfo("Asia/Shanghai")), "2026-03-11T01:00:00Z"),
        (datetime(1988, 7, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")), "1988-07-01T00:00:00Z"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (gettext_lazy("—"), "—"),
        (NumberSeries(pk="x"), "x"),
        ({1: {date(2026, 1, 1)}}, {"1": ["2026-01-01"]}),
        ((1, [2, (3,)]), [1, [2, [3]]]),
    ],
)
def test_a_value_has_one_json_form(value, expected):
    found = to_json(value)
    assert found == expected
    assert json.loads(json.dumps(found)) == expected


def test_what_has_no_json_form_is_a_mistake():
    with pytest.raises(TypeError):
        to_json(object())


@given(at=st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), zone=st.timezones())  # noqa: DTZ001
def test_an_instant_comes_back_whatever_its_zone(at, zone):
    aware = at.replace(tzinfo=zone)
    written = to_json(aware)
    assert written.endswith("Z")
    assert datetime.fromisoformat(written) == aware.astimezone(UTC)
