"""Province, city and district: a filter reaches what lies below; they are texts without script."""

import pytest

from guanxi.customers.record import CUSTOMERS
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT, SYSTEM
from guanxi.surfaces.listing import Listing, ListRequest

pytestmark = pytest.mark.django_db
PLACES = (
    ("江苏省", "无锡市", "滨湖区"),
    ("江苏省", "无锡市", ""),
    ("江苏省", "苏州市", "姑苏区"),
    ("浙江省", "杭州市", "余杭区"),
    ("Ontario, Canada", "Toronto", ""),
)


@pytest.fixture
def placed():
    return [
        factories.customer(SYSTEM, name=f"客户{n}", province=p, city=c, district=d)
        for n, (p, c, d) in enumerate(PLACES)
    ]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"province": "江苏省"}, [0, 1, 2]),
        ({"province": "江苏省", "city": "无锡市"}, [0, 1]),
        ({"city__contains": "无锡"}, [0, 1]),
        ({"district": "余杭区"}, [3]),
        ({"province__in": "浙江省,江苏省", "district__not_empty": "1"}, [0, 2, 3]),
        ({"city": "Toronto"}, [4]),
    ],
)
def test_a_wider_place_holds_the_narrower_ones(placed, filters, found):
    listing = Listing(CUSTOMERS, SYSTEM, at=AT)
    page = listing.page(ListRequest(filters=filters, sort="name"))
    assert {row.pk for row in page.rows} == {placed[n].pk for n in found}


def test_the_form_holds_plain_texts_that_know_their_level(company):
    browser = factories.signed_in(company.users["sales"])
    page = browser.get("/customers/new/").content.decode()
    for level in ("province", "city", "district"):
        start = page.index(f'id="id_{level}"')
        control = page[page.rindex("<", 0, start) : page.index(">", start)]
        assert control.startswith('<input class="form-control"')
        assert f'data-place="{level}"' in control


def test_the_district_is_a_field_like_any_other(callers):
    caller = callers("sales")
    made = caller.post("customers/", {"name": "太湖水产有限公司", "district": "滨湖区"})
    assert made.status_code == 201
    assert made.json()["district"] == "滨湖区"
