"""Asking to cooperate on a customer that one may not see, and answering (CUS-12)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from guanxi.customers.duplicates import messages
from guanxi.customers.duplicates.access import mask_name
from guanxi.customers.duplicates.events import CooperationAnswered, CooperationAsked
from guanxi.customers.duplicates.models import CooperationRequest
from guanxi.customers.duplicates.services import looking
from guanxi.customers.models import Customer
from guanxi.kernel.access import get_visible, require
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.events import record
from guanxi.kernel.text import clean_text


@transaction.atomic
def ask_to_cooperate(
    typed: Mapping[str, str], *, handle: str, message: str, actor: Actor, at: datetime
) -> CooperationRequest:
    """Ask whoever looks after the customer behind a handle; once, until it is answered."""
    require(actor, "customers.create")
    looking.refuse_probing(actor, at)
    customer = looking.find_strange(typed, handle, actor=actor)
    if customer is None or actor.user_id is None:
        raise NotFound
    Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)  # One asks at a time.
    mine = CooperationRequest.objects.filter(customer=customer, asker_id=actor.user_id)
    if mine.filter(state="open").exists():
        raise RuleViolation("asked_already", messages.ASKED_ALREADY)
    asked = CooperationRequest.objects.create(
        customer=customer,
        asker_id=actor.user_id,
        masked_name=mask_name(customer.name),
        typed_name=typed.get("name", "")[:120],
        message=clean_text(message, max_length=300),
        asked_at=at,
    )
    happened = CooperationAsked(asked.pk)
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at)
    return asked


@transaction.atomic
def answer_request(
    request_id: int, *, is_accepted: bool, answer: str, actor: Actor, at: datetime
) -> CooperationRequest:
    """Answer a colleague's request about a customer that one may change; once."""
    rows = CooperationRequest.objects.select_for_update(of=("self",)).select_related("customer")
    asked = get_visible(actor, "customers.change", rows, pk=request_id)
    state = "accepted" if is_accepted else "declined"
    answered = CooperationRequest.objects.filter(pk=asked.pk, state="open").update(
        state=state,
        answer=clean_text(answer, max_length=300),
        answered_at=at,
        answered_by_id=actor.user_id,
    )
    if not answered:
        raise RuleViolation("answered_already", messages.ANSWERED_ALREADY)
    happened = CooperationAnswered(asked.pk, asked.asker_id, is_accepted)
    customer = asked.customer
    record(happened, subject=customer, customer_id=customer.pk, actor=actor, at=at)
    asked.refresh_from_db()
    return asked
