"""The calendar: each thing on its day where the reader is, moved by whoever may."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.commitments import services
from guanxi.commitments.tests.factories import AT, todo

pytestmark = pytest.mark.django_db
LATE_EVENING = datetime(2026, 3, 11, 16, 30, tzinfo=UTC)  # half past midnight of the 12th here


def on_day(page, day):
    """The markup of one day."""
    return page.partition(f'data-day="{day}"')[2].partition("</section>")[0]


def shown(client, query):
    answer = client.get(f"/calendar/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_due_stands_on_its_day_in_the_reader_s_zone(company, enter):
    given = todo(company.actor("sales"), title="midnight", due_at=LATE_EVENING)
    page = shown(enter("sales"), "view=month&on=2026-03-01")
    assert f"/commitments/{given.pk}/" in on_day(page, "2026-03-12")
    assert "00:30" in on_day(page, "2026-03-12")
    assert "midnight" not in on_day(page, "2026-03-11")


@pytest.mark.parametrize("view", ["month", "week", "day", "agenda", "nonsense"])
def test_every_view_shows_it(company, enter, view):
    todo(company.actor("sales"), title="findme", due_at=LATE_EVENING)
    assert "findme" in shown(enter("sales"), f"view={view}&on=2026-03-12")


def test_whom_one_means_to_contact_stands_on_its_day(company, enter):
    own, below = (company.of("head", name).customer for name in ("own", "branch"))
    for customer in (own, below, company.of("sales", "foreign").customer):
        type(customer).objects.filter(pk=customer.pk).update(next_contact_at=LATE_EVENING)
    head = enter("head")
    mine = on_day(shown(head, "view=month&on=2026-03-01"), "2026-03-12")
    assert own.name in mine
    assert below.name not in mine
    wide = on_day(shown(head, "view=month&on=2026-03-01&of=department"), "2026-03-12")
    assert own.name in wide
    assert below.name in wide
    assert "Customer of stranger" not in wide


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31", "x", "2026-02-30"])
def test_any_day_can_be_asked_for(company, enter, on):
    for view in ("month", "week", "day", "agenda"):
        shown(enter("sales"), f"view={view}&on={on}")


def test_it_shows_one_s_own_or_a_head_s_department(company, enter):
    todo(company.actor("head"), title="of the head", due_at=AT)
    todo(company.actor("below"), title="of the branch", due_at=AT)
    todo(company.actor("stranger"), title="of the south", due_at=AT)
    head, day = enter("head"), "on=2026-03-11"
    own, wide = shown(head, day), shown(head, f"{day}&of=department")
    assert ("of the head" in own, "of the branch" in own) == (True, False)
    assert ("of the head" in wide, "of the branch" in wide) == (True, True)
    assert "of the south" not in wide
    assert "of the branch" not in shown(enter("sales"), f"{day}&of=department")


def test_done_is_struck_through_and_dropped_is_gone(company, enter):
    sales = company.actor("sales")
    done, dropped = todo(sales, title="is done"), todo(sales, title="is dropped")
    services.complete_commitment(done.pk, actor=sales, at=AT)
    services.drop_commitment(dropped.pk, reason="x", actor=sales, at=AT)
    page = shown(enter("sales"), "on=2026-03-12")
    assert "settled" in on_day(page, "2026-03-12")
    assert f"/commitments/{done.pk}/reschedule/" not in page
    assert "is dropped" not in page


def test_moving_says_which_version_was_seen(company, enter):
    sales, client = company.actor("sales"), enter("sales")
    given = todo(sales, due_at=AT)
    url, back = f"/commitments/{given.pk}/reschedule/", "/calendar/?view=week&on=2026-03-12"
    sent = {"due_at": "2026-03-13T10:30", "version": "1", "_fields": "due_at", "back": back}
    moved = client.post(url, sent, headers={"HX-Request": "true"})
    assert (moved.status_code, moved.headers["HX-Redirect"]) == (204, back)
    given.refresh_from_db()
    assert given.due_at == AT + timedelta(days=2)
    stale = client.post(url, {**sent, "due_at": "2026-03-20T10:30"}, headers={"HX-Request": "true"})
    assert stale.status_code == 409
    assert stale.headers["X-Guanxi-Dialog"] == "1"
    assert client.post(url, {**sent, "version": ""}).status_code == 428
    given.refresh_from_db()
    assert given.due_at == AT + timedelta(days=2)
