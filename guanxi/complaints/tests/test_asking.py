"""The customer's one answer by a link, and figures by which nobody can be made out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.complaints import services
from guanxi.complaints.figures import share, suppressed
from guanxi.complaints.limits import guessers
from guanxi.complaints.models import Complaint, SatisfactionLink
from guanxi.complaints.tests.factories import Way, register
from guanxi.kernel.errors import NotFound, RuleViolation
from tests.fixtures.company import AT

NOW = timezone.now


@pytest.fixture
def asked(office):
    """A closed complaint and the key of its link."""
    guessers.forget()
    way = Way(office, register(office))
    with pytest.raises(RuleViolation, match="not_now"):
        way.act(services.invite_customer)
    way.to("closed")
    key = services.invite_customer(way.complaint.pk, actor=office.actor("complaint"), at=NOW())
    return way, f"/complaints/answer/{key}/"


@pytest.mark.django_db
def test_the_customer_answers_once_without_signing_in(asked):
    way, path = asked
    stranger = Client()
    page = stranger.get(path).content.decode()
    assert way.complaint.number in page
    assert "李雪" not in page
    stranger.post(path, {"satisfaction": "wonderful"})
    assert way.now.satisfaction == "satisfied"
    done = stranger.post(path, {"satisfaction": "fair", "comment": "希望更快"})
    assert done.status_code == 200
    assert (way.now.satisfaction, way.now.state) == ("fair", "closed")
    assert way.complaint.entries.filter(text="希望更快").count() == 1
    for again in (stranger.get(path), stranger.post(path, {"satisfaction": "satisfied"})):
        assert again.status_code == 404
    assert way.now.satisfaction == "fair"


@pytest.mark.django_db
def test_a_link_ends_with_its_time_and_with_the_next_one(office, asked):
    way, path = asked
    SatisfactionLink.objects.update(expires_at=AT)
    assert Client().get(path).status_code == 404
    services.invite_customer(way.complaint.pk, actor=office.actor("head"), at=NOW())
    assert SatisfactionLink.objects.count() == 1
    with pytest.raises(NotFound):
        services.find_link(path.split("/")[3], at=NOW() + timedelta(days=1))


@pytest.mark.django_db
def test_whoever_guesses_is_slowed_down(asked):
    answers = [Client().get(f"/complaints/answer/guess{n}/").status_code for n in range(25)]
    assert set(answers) == {404, 429}
    guessers.forget()


@pytest.mark.django_db
def test_the_link_is_shown_once_to_whoever_handles_it(asked, enter):
    way, _path = asked
    shown = enter("complaint").post(f"/complaints/{way.complaint.pk}/invite/").content.decode()
    assert "/complaints/answer/" in shown
    assert enter("sales").post(f"/complaints/{way.complaint.pk}/invite/").status_code in {403, 404}


@pytest.mark.django_db
def test_figures_tell_of_many_and_of_nobody(office, enter):
    for _each in range(4):
        register(office)
    path = "/complaints/statistics/?month=2026-03"
    assert "<dd>&lt; 5</dd>" in enter("quality").get(path).content.decode()
    for _each in range(8):
        register(office)
    Complaint.objects.update(cause="product")
    few = Complaint.objects.order_by("pk").values_list("pk", flat=True)[:2]
    Complaint.objects.filter(pk__in=list(few)).update(cause="service")
    page = enter("quality").get(path).content.decode()
    assert "<dd>12</dd>" in page
    assert page.count("&lt; …") == 2  # neither the two nor, by the total, the ten
    assert enter("quality").get("/complaints/").status_code == 403
    assert enter("sales").get(path).status_code == 403


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"a": 10, "b": 20}, {"a": 10, "b": 20}),
        ({"a": 10, "b": 20, "c": 2}, {"a": None, "b": 20, "c": None}),
        ({"a": 10, "b": 3, "c": 2}, {"a": 10, "b": None, "c": None}),
        ({"a": 3}, {"a": None}),
        ({"a": 0, "b": 9}, {"a": 0, "b": 9}),
        ({}, {}),
    ],
)
def test_small_numbers_are_not_told(counts, told):
    assert suppressed(counts) == told


def test_shares():
    assert (share(5, 20), share(None, 20), share(5, 0)) == ("25%", "", "")
