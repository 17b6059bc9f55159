"""Who saw a customer: for auditors, by number or id, within some days (M05, SEC-3)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.kernel.models import AccessEntry

pytestmark = pytest.mark.django_db


def looks(customer, name: str, days_ago: int, action: str = "view", times: int = 1) -> None:
    AccessEntry.objects.bulk_create(
        AccessEntry(
            action=action, subject_type="customers.customer", subject_id=str(customer.pk),
            customer_id=customer.pk, actor_user_id=len(name), actor_label=name, channel="web",
            at=timezone.now() - timedelta(days=days_ago), fields=["phone"],
        )
        for _ in range(times)
    )  # fmt: skip


@pytest.fixture
def seen(company):
    """A customer that three people saw, one of them long ago."""
    customer = company.of("sales", "own").customer
    looks(customer, "王小明", 3, times=4)
    looks(customer, "王小明", 1, "reveal")
    looks(customer, "李四", 170)
    looks(customer, "很久以前", 190)
    looks(company.of("head", "own").customer, "旁人甲乙", 1)
    return customer


def test_m05_an_auditor_sees_who_saw_by_number_and_by_id(seen, enter):
    auditor = enter("auditor")
    for asked in (seen.number, seen.number.lower(), seen.pk):
        page = auditor.get("/who-saw/", {"customer": asked}).content.decode()
        assert page.index("王小明") < page.index("李四")
        assert "很久以前" not in page
        assert "旁人" not in page
    page = auditor.get("/who-saw/", {"customer": seen.pk, "days": "200"}).content.decode()
    assert "很久以前" in page
    assert f"/accesses/?customer_id={seen.pk}&amp;at__gte=" in page


@pytest.mark.parametrize("days", ["", "0", "x", "-1", "9" * 30, "１８０"])
@pytest.mark.parametrize("asked", ["", "nothing", "9" * 18, "'; --"])
def test_odd_questions_are_answered_calmly(seen, enter, days, asked):
    assert enter("auditor").get("/who-saw/", {"customer": asked, "days": days}).status_code == 200


def test_others_do_not_get_there(seen, enter):
    for name in ("sales", "head", "it"):
        assert enter(name).get("/who-saw/", {"customer": seen.pk}).status_code == 403
        assert enter(name).get("/accesses/").status_code == 403


def test_m05_a_program_reads_the_same_lines(seen, callers):
    since = (timezone.now() - timedelta(days=180)).date().isoformat()
    answer = callers("auditor").get("accesses/", customer_id=seen.pk, at__gte=since)
    assert answer.status_code == 200
    found = answer.json()["results"]
    assert sorted({row["actor_label"] for row in found}) == ["李四", "王小明"]
    assert len(found) == 6
