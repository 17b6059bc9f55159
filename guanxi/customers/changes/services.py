"""Asking for other key values, revising that, and writing them once they are approved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from guanxi.approvals.choices import RequestState
from guanxi.approvals.queries import list_running
from guanxi.approvals.services import renew_request, request_approval, resubmit_request
from guanxi.customers.changes import messages
from guanxi.customers.changes.access import FILE, REVISE
from guanxi.customers.changes.choices import ChangeState
from guanxi.customers.changes.events import ChangeFiled, ChangeRevised, ChangeSettled
from guanxi.customers.changes.guarding import FIELDS
from guanxi.customers.changes.models import ChangeRequest
from guanxi.customers.clocks import UPDATE
from guanxi.customers.models import Attachment, Customer
from guanxi.customers.rules import check_customer
from guanxi.deadlines.services import cancel_clocks, start_clock, stop_clock
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import Denied, RuleViolation, StaleVersion
from guanxi.kernel.events import record
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services.records import Current, merge_record

KEY: Final = "customers.customer"


# Asking -------------------------------------------------------------------------------------------
@atomic_retried
def request_change(  # noqa: PLR0913  one argument for each value of the form
    customer_id: int,
    *,
    reason: str,
    name: str = "",
    credit_code: str = "",
    tier: str = "",
    industry: str = "",
    registered_address: str = "",
    evidence: int | None = None,
    version: int,
    actor: Actor,
    at: datetime,
) -> ChangeRequest:
    """Ask a head for other key values of a customer, read at this version."""
    customer = get_allowed(
        actor, FILE, Customer.objects.all(), seen_by="customers.view", pk=customer_id
    )
    if actor.user_id is None:
        raise Denied(FILE)
    given = (name, credit_code, tier, industry, registered_address)
    asked = _asked(customer, dict(zip(FIELDS, given, strict=True)))
    change = ChangeRequest(
        customer=customer,
        requester_id=actor.user_id,
        base_version=version,
        evidence=_evidence(evidence, customer, actor),
        reason=reason,
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
        asked=list(asked),
        **asked,
    )
    insert_rows([change])
    happened = ChangeFiled(list(asked), version)
    record(happened, subject=change, customer_id=customer.pk, actor=actor, at=at)
    request_approval(change, reason=reason, actor=actor, at=at)
    start_clock(change, UPDATE.name, actor=actor, at=at)
    return change


def _asked(customer: Customer, given: Mapping[str, str]) -> dict[str, Any]:
    """The values that are other ones than the customer has, as its rules write them."""
    fields = get_record_type(KEY).declared()
    wanted = {n: v for n, v in given.items() if v not in (None, "")}
    checked = check_customer(wanted, Current(customer, fields))
    asked = {n: v for n, v in checked.items() if n in FIELDS and v != getattr(customer, n)}
    if not asked:
        raise RuleViolation("nothing_asked", messages.NOTHING_ASKED)
    return asked


def _evidence(attachment_id: int | None, customer: Customer, actor: Actor) -> Attachment | None:
    if attachment_id is None:
        return None
    found = get_record_type("customers.attachment").in_scope(actor).filter(pk=attachment_id).first()
    if found is None or found.customer_id != customer.pk:
        raise RuleViolation("other_file", messages.OTHER_FILE, "evidence")
    evidence: Attachment = found
    return evidence


@atomic_retried
def revise_change(  # noqa: PLR0913  one argument for each value of the form
    change_id: int,
    *,
    reason: str = "",
    name: str = "",
    credit_code: str = "",
    tier: str = "",
    industry: str = "",
    registered_address: str = "",
    evidence: int | None = None,
    version: int,
    actor: Actor,
    at: datetime,
) -> ChangeRequest:
    """Ask for other values than before: signatures become void and everybody is asked anew."""
    rows = ChangeRequest.objects.select_for_update(of=("self",), no_key=True)
    change = get_allowed(actor, REVISE, rows, seen_by="change_requests.view", pk=change_id)
    if change.requester_id != actor.user_id:
        raise RuleViolation("not_yours", messages.NOT_YOURS)
    if change.version != version:
        raise StaleVersion(change.version)
    running = list_running(change).first()
    if change.state != ChangeState.OPEN or running is None:
        raise RuleViolation("closed", messages.CLOSED)
    given = (name, credit_code, tier, industry, registered_address)
    asked = _asked(change.customer, dict(zip(FIELDS, given, strict=True)))
    columns = {n: asked.get(n, "") for n in FIELDS} | {
        "asked": list(asked),
        "reason": reason or change.reason,
        "evidence": _evidence(evidence, change.customer, actor),
        "base_version": change.customer.version,
    }
    _set(change, at, **columns)
    happened = ChangeRevised(list(asked), change.version)
    record(happened, subject=change, customer_id=change.customer_id, actor=actor, at=at)
    if running.state == RequestState.RETURNED:
        resubmit_request(running.pk, reason=reason, actor=actor, at=at)
    else:
        renew_request(running.pk, actor=actor, at=at)
    return change


def _set(change: ChangeRequest, at: datetime, **columns: Any) -> None:
    """Write columns of a request that this transaction has locked."""
    rows = ChangeRequest.objects.filter(pk=change.pk)
    rows.update(**columns, updated_at=at, version=F("version") + 1)
    for name, value in columns.items():
        setattr(change, name, value)
    change.version += 1


# Decided ------------------------------------------------------------------------------------------
def settle_change(change: ChangeRequest, outcome: str, actor: Actor, at: datetime) -> None:
    """Write approved values on the customer by the usual way, or close the request."""
    stale: list[str] = []
    if outcome == RequestState.APPROVED:
        stale = _apply(change, actor, at)
    applied = (
        [] if outcome != RequestState.APPROVED else [n for n in change.asked if n not in stale]
    )
    if outcome == RequestState.WITHDRAWN:
        cancel_clocks(change, actor=actor, at=at)
    else:
        stop_clock(change, UPDATE.name, actor=actor, at=at)
    state = _state(outcome, applied, stale)
    _set(change, at, state=state, stale=stale, decided_at=at)
    happened = ChangeSettled(state.value, applied, stale)
    record(happened, subject=change, customer_id=change.customer_id, actor=actor, at=at)


def _state(outcome: str, applied: list[str], stale: list[str]) -> ChangeState:
    if outcome != RequestState.APPROVED:
        return ChangeState(outcome)
    if stale:
        return ChangeState.PARTLY if applied else ChangeState.STALE
    return ChangeState.APPLIED


def _apply(change: ChangeRequest, actor: Actor, at: datetime) -> list[str]:
    """Merge the values as if the requester had saved them; the names of those that are overtaken.

    The approval is the right to write them, so the last approver needs no other one; the audit
    names that person.
    """
    writer = replace(actor, is_system=True)
    values = {n: getattr(change, n) for n in change.asked}
    stale: list[str] = []
    while values:
        try:
            _merge(change, values, writer, at)
        except StaleVersion as error:
            found = [d.field for d in error.differences if d.field in values] or list(values)
            stale += found
            values = {n: v for n, v in values.items() if n not in found}
        else:
            break
    return sorted(stale)


@transaction.atomic
def _merge(change: ChangeRequest, values: dict[str, Any], writer: Actor, at: datetime) -> None:
    """In a part of the transaction of its own, so that a refusal takes back only that."""
    merge_record(
        get_record_type(KEY),
        change.customer_id,
        values,
        version=change.base_version,
        actor=writer,
        at=at,
    )


# What is seen -------------------------------------------------------------------------------------
def content_of(change: ChangeRequest) -> dict[str, Any]:
    """The values that an approver decides upon."""
    return {n: getattr(change, n) for n in change.asked}


def before_of(change: ChangeRequest) -> dict[str, Any]:
    """The values that the customer has now."""
    return {n: getattr(change.customer, n) for n in change.asked}
