"""Asking to cooperate on a customer that one may not see, and the answer (CUS-12, A04)."""

import pytest

from guanxi.customers.duplicates import queries
from guanxi.customers.duplicates.models import CooperationRequest
from guanxi.customers.duplicates.services import looking, requests
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT
from guanxi.kernel.errors import NotFound, RuleViolation

pytestmark = pytest.mark.django_db
TYPED = {"name": "云澜精密电子"}


@pytest.fixture
def known(company):
    return factories.customer(company.actor("sales"), "上海云澜精密电子有限公司")


def ask(company, asker: str = "stranger", handle: str = "") -> CooperationRequest:
    actor = company.actor(asker)
    handle = handle or looking.look_up(TYPED, actor=actor, at=AT).strange[0].handle
    return requests.ask_to_cooperate(TYPED, handle=handle, message="一起谈", actor=actor, at=AT)


def answer(company, asked, who: str, *, is_accepted: bool = True) -> CooperationRequest:
    return requests.answer_request(
        asked.pk, is_accepted=is_accepted, answer="好", actor=company.actor(who), at=AT
    )


def test_a_request_reaches_the_owner_and_its_answer_the_asker(company, known):
    asked = ask(company)
    assert factories.last_event().kind == "customers.cooperation_asked"
    assert list(queries.list_asked_of(company.actor("sales"))) == [asked]
    assert list(queries.list_asked_of(company.actor("stranger"))) == []
    answer(company, asked, "sales")
    assert factories.last_event().data["is_accepted"] is True
    (mine,) = queries.list_asked_by(company.actor("stranger"))
    assert (mine["masked_name"], mine["state"], mine["answer"]) == ("上海***", "accepted", "好")
    assert list(queries.list_asked_of(company.actor("sales"))) == []


def test_an_acceptance_alone_opens_nothing(company, known):
    answer(company, ask(company), "sales")
    client = factories.signed_in(company.users["stranger"])
    assert client.get(f"/customers/{known.pk}/").status_code == 404


def test_it_is_asked_once_and_answered_once(company, known):
    asked = ask(company)
    with pytest.raises(RuleViolation):
        ask(company)
    answer(company, asked, "sales", is_accepted=False)
    with pytest.raises(RuleViolation):
        answer(company, asked, "sales")
    assert ask(company).state == "open"


def test_nobody_answers_for_a_customer_that_is_not_theirs(company, known):
    asked = ask(company)
    for who in ("stranger", "colleague"):
        with pytest.raises(NotFound):
            answer(company, asked, who)


def test_a_handle_is_good_for_its_person_and_what_was_typed_only(company, known):
    actor = company.actor("stranger")
    handle = looking.look_up(TYPED, actor=actor, at=AT).strange[0].handle
    with pytest.raises(NotFound):
        ask(company, "below", handle)
    with pytest.raises(NotFound):
        ask(company, handle="0" * 64)
    with pytest.raises(NotFound):
        requests.ask_to_cooperate(
            {"name": "别的公司"}, handle=handle, message="", actor=actor, at=AT
        )


def test_the_pages_lead_from_the_banner_to_the_answer(company, known):
    asker = factories.signed_in(company.users["stranger"])
    owner = factories.signed_in(company.users["sales"])
    actor = company.actor("stranger")
    hit = looking.look_up(TYPED, actor=actor, at=AT).strange[0].handle
    page = asker.get("/customers/ask/", {**TYPED, "hit": hit})
    assert hit in page.content.decode()
    asker.post("/customers/ask/", {**TYPED, "hit": hit, "message": "想合作"})
    asked = CooperationRequest.objects.get()
    assert "想合作" in owner.get("/customers/requests/").content.decode()
    assert known.name in owner.get("/").content.decode()
    owner.post(f"/customers/requests/{asked.pk}/answer/", {"decision": "accept", "answer": "可以"})
    told = asker.get("/customers/requests/").content.decode()
    assert "可以" in told
    assert known.name not in told
