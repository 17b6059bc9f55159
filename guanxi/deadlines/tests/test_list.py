"""The plain list of deadlines begins with those that have not ended."""

import pytest

from guanxi.deadlines.models import Clock
from tests.fixtures.company import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def clocks(company):
    customer = company.of("sales", "own").customer
    for phase in ("running", "paused", "stopped"):
        Clock.objects.create(
            record_key="customers.customer", object_id=customer.pk, kind="customers.enter",
            key=phase, phase=phase, subject_label=f"时钟{phase}", started_at=AT,
            due_at=None if phase == "paused" else AT,
        )  # fmt: skip


def test_the_list_opens_with_what_has_not_ended_and_shows_the_rest_when_asked(clocks, enter):
    page = enter("administrator")
    opened = page.get("/clocks/", follow=True)
    assert opened.redirect_chain[0][0] == ("/clocks/?view=&phase=running%2Cpaused&sort=due_at")
    shown = opened.content.decode()
    assert "时钟running" in shown and "时钟paused" in shown  # noqa: PT018
    assert "时钟stopped" not in shown
    assert "时钟stopped" in page.get("/clocks/?view=").content.decode()
    ended = page.get("/clocks/?view=&phase=stopped").content.decode()
    assert "时钟stopped" in ended and "时钟running" not in ended  # noqa: PT018


def test_the_phases_that_run_are_asked_for_as_the_index_says_them():
    """Not as parameters, which SQLite cannot tell from any others."""
    said = str(Clock.objects.filter(phase__in=["paused", "running"]).query)
    assert "IN ('running', 'paused')" in said
    rows = Clock.objects.filter(phase__in=["running", "stopped"])
    assert rows.query.sql_with_params()[1] == ("running", "stopped")
