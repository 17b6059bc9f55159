"""On a customer's page, once it comes into view: what waits for the customer."""

import pytest

from guanxi.commitments.tests.factories import promise

pytestmark = pytest.mark.django_db
LATER = {"HTTP_HX_REQUEST": "true"}


def test_what_waits_for_a_customer_comes_when_it_is_looked_at(company, enter):
    customer = company.belongings["sales"].customer
    made = promise(company.actor("sales"), customer, title="寄送样品")
    client, line = enter("sales"), f'<a class="cut" href="/commitments/{made.pk}/'
    url = f"/customers/{customer.pk}/panels/commitments/"
    page = client.get(f"/customers/{customer.pk}/").content.decode()
    assert line not in page
    assert f'hx-get="{url}"' in page
    assert f'<noscript><a href="{url}">' in page
    part = client.get(url, **LATER).content.decode()
    assert line in part
    assert "<html" not in part
    alone = client.get(url).content.decode()
    assert line in alone
    assert "<html" in alone


@pytest.mark.parametrize("headers", [{}, LATER])
def test_a_panel_is_as_closed_as_its_page(company, enter, headers):
    customer = company.belongings["sales"].customer
    promise(company.actor("sales"), customer, title="寄送样品")
    url = f"/customers/{customer.pk}/panels/commitments/"
    assert enter("stranger").get(url, **headers).status_code == 404
    assert enter("sales").get(url.replace("commitments", "elsewhere"), **headers).status_code == 404
