"""Next contact, tags and pins from the page, with and without a script."""

from datetime import UTC, datetime

import pytest

from guanxi.customers.tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "tag-box"}


@pytest.fixture
def mine(company):
    return company.of("sales", "own").customer


@pytest.fixture
def client(company):
    return factories.signed_in(company.users["sales"])


def test_a_day_becomes_the_next_contact(client, mine):
    url = f"/customers/{mine.pk}/next-contact/"
    assert client.get(url).status_code == 200
    answer = client.post(url, {"next_contact_at": "2026-12-24", "version": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{mine.pk}/")
    mine.refresh_from_db()
    assert mine.next_contact_at == datetime(2026, 12, 24, 10, tzinfo=UTC)
    client.post(url, {"next_contact_at": "", "version": "2"})
    mine.refresh_from_db()
    assert mine.next_contact_at is None


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"next_contact_at": "soon", "version": "1"}, 422),
        ({"next_contact_at": "2026-12-24", "version": "9"}, 409),
        ({"next_contact_at": "2026-12-24"}, 428),
    ],
)
def test_a_wrong_day_or_version_changes_nothing(client, mine, typed, status):
    answer = client.post(f"/customers/{mine.pk}/next-contact/", typed)
    assert answer.status_code == status
    mine.refresh_from_db()
    assert (mine.next_contact_at, mine.version) == (None, 1)


def test_a_day_that_somebody_else_set_is_told_and_kept(client, mine):
    url = f"/customers/{mine.pk}/next-contact/"
    client.post(url, {"next_contact_at": "2026-12-24", "version": "1"})
    late = client.post(url, {"next_contact_at": "2026-12-31", "version": "1"})
    assert (late.status_code, late["X-Guanxi-Dialog"]) == (409, "1")
    for said in ("Person sales", "「下次联系", "2026-12-24", 'value="2026-12-31"'):
        assert said in late.content.decode()
    mine.refresh_from_db()
    assert mine.next_contact_at == datetime(2026, 12, 24, 10, tzinfo=UTC)
    client.post(f"/customers/{mine.pk}/fact/focus/", {"focus": "价格", "version": "2"})
    kept = client.post(url, {"next_contact_at": "2026-12-31", "version": "2"}, follow=True)
    assert "「关注重点」" in kept.content.decode()


def test_a_tag_goes_on_and_off_without_leaving_the_box(client, mine):
    tag = factories.tag("价格敏感")
    url = f"/customers/{mine.pk}/"
    assert "价格敏感" in client.get(f"{url}tags/", headers=HTMX).content.decode()
    answer = client.post(f"{url}tag/", {"tag": tag.pk}, headers=HTMX)
    assert 'aria-pressed="true"' in answer.content.decode()
    assert 'hx-swap-oob="true"' in answer.content.decode()
    assert list(mine.tags.all()) == [tag]
    assert client.post(f"{url}untag/", {"tag": tag.pk})["Location"] == url
    assert not mine.tags.exists()


@pytest.mark.parametrize("tag", ["", "x", "-1", "9" * 30, "999"])
def test_a_tag_that_is_none_is_refused(client, mine, tag):
    assert client.post(f"/customers/{mine.pk}/tag/", {"tag": tag}).status_code == 422


def test_pins_from_the_page(client, mine, company):
    factories.talk(mine, "请先读", actor=company.actor("sales"))
    event = factories.last_event()
    url = f"/customers/{mine.pk}/"
    answer = client.post(f"{url}pin/?show=talk", {"event": event.pk}, headers=HTMX)
    assert 'form="unpins" aria-pressed="true"' in answer.content.decode()
    assert client.post(f"{url}unpin/", {"event": event.pk}).status_code == 302
    assert client.post(f"{url}pin/", {"event": "999999"}).status_code == 404


@pytest.mark.parametrize("verb", ["log", "pin", "unpin", "tag", "untag"])
def test_nothing_is_done_by_a_link(client, mine, verb):
    answer = client.get(f"/customers/{mine.pk}/{verb}/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize("verb", ["tag", "untag", "next-contact"])
def test_without_the_right_nothing_is_done(company, verb):
    customer = company.of("analyst", "own").customer
    client = factories.signed_in(company.users["analyst"])
    answer = client.post(f"/customers/{customer.pk}/{verb}/", {"tag": "1", "version": "1"})
    assert answer.status_code == 403
