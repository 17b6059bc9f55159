"""An address leads to a map: a plain link, where the address is clear and a map is wanted."""

from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from guanxi.customers.record import CUSTOMERS
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT
from guanxi.surfaces.html.maps import map_url
from guanxi.surfaces.listing import Listing

pytestmark = pytest.mark.django_db
STREET = "云桥路936号 & 4栋"


@pytest.fixture
def addressed(company):
    return factories.customer(
        company.actor("sales"), province="江苏省", city="无锡市", registered_address=STREET
    )


def page_of(company, customer) -> str:
    client = factories.signed_in(company.users["sales"])
    return client.get(f"/customers/{customer.pk}/").content.decode()


def test_the_page_links_the_address_to_a_map_search(company, addressed):
    page = page_of(company, addressed)
    start = page.index('href="https://uri.amap.com/')
    link = page[start : page.index(">", start)]
    assert 'target="_blank"' in link
    assert 'rel="noopener noreferrer"' in link
    query = parse_qs(urlsplit(unescape(link.split('"')[1])).query)
    assert query == {"keyword": [f"江苏省无锡市{STREET}"]}
    assert page.count('href="https://uri.amap.com/') == 2  # at the address, and in the menu


def test_what_the_address_says_itself_is_not_said_twice(company):
    customer = factories.customer(
        company.actor("sales"),
        province="上海市",
        city="上海市",
        registered_address="上海市淮海路1号",
    )
    listing = Listing(CUSTOMERS, company.actor("sales"), at=AT)
    query = parse_qs(urlsplit(map_url(listing, listing.read(customer.pk))).query)
    assert query == {"keyword": ["上海市淮海路1号"]}


def test_a_masked_address_leads_nowhere(company):
    mine = company.of("senior_agent", "own").customer
    type(mine).objects.filter(pk=mine.pk).update(registered_address=STREET, city="无锡市")
    fields = tuple(
        replace(f, group="contact") if f.name == "registered_address" else f
        for f in CUSTOMERS.fields
    )
    for field_list, leads in ((CUSTOMERS.fields, True), (fields, False)):
        masked = replace(CUSTOMERS, fields=field_list)
        listing = Listing(masked, company.actor("senior_agent"), at=AT)
        assert bool(map_url(listing, listing.read(mine.pk))) is leads


def test_without_a_map_service_the_address_stays_and_can_be_copied(company, addressed, settings):
    settings.MAP_URL = ""
    page = page_of(company, addressed)
    assert "uri.amap.com" not in page
    assert "<dd>云桥路936号 &amp; 4栋<" in page
    assert 'data-copy="云桥路936号 &amp; 4栋"' in page
