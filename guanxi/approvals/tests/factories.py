"""Calendars under approval: any record will do, and these belong to a lower band."""

from collections.abc import Iterator
from typing import Any

import pytest

from guanxi.approvals import services
from guanxi.approvals.declarations import Subject, declare_subject, forget_subject
from guanxi.approvals.models import Flow, Request
from guanxi.deadlines.models import Calendar
from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import StoredFile
from guanxi.people.models import Role
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record, create_record
from tests.fixtures.company import AT, Company

KEY = "deadlines.calendar"
SYSTEM = system_actor()
files: list[StoredFile] = []
parties: list[int] = []
outcomes: list[str] = []


@pytest.fixture
def office(company: Company) -> Iterator[Company]:
    """The company, in which calendars are approved: head of the East, then legal or quality."""
    east = company.departments["east"]
    type(east).objects.filter(pk=east.pk).update(head=company.users["head"])
    for kept in (files, parties, outcomes):
        kept.clear()
    declare_subject(
        Subject(
            KEY,
            content=lambda record: {"name": record.name, "mon": record.mon},
            files=lambda _record: list(files),
            parties=lambda _record: list(parties),
            department=lambda _record: east.pk,
            decided=lambda _record, outcome, _actor, _at: outcomes.append(outcome),
        )
    )
    yield company
    forget_subject(KEY)


def made(key: str, **values: Any) -> Any:
    """A record made by the generic service."""
    return create_record(get_record_type(key), values, actor=SYSTEM, at=AT)


def flow(*steps: dict[str, Any], **values: Any) -> Flow:
    """A flow for all calendars with these steps, one after the other."""
    given = {"name": "日历审批", "record_key": KEY, "is_for_all": True, **values}
    found = made("approvals.flow", **given)
    for number, step in enumerate(steps, start=1):
        made(
            "approvals.flowstep",
            **{"flow": found.pk, "place": number, "name": f"第{number}步", **step},
        )
    return found


def role(code: str) -> int:
    """The id of a role."""
    return Role.objects.get(code=code).pk


def two_steps(**values: Any) -> Flow:
    """The head first, then somebody of legal or quality."""
    return flow({"is_by_head": True}, {"roles": [role("legal"), role("quality")]}, **values)


def calendar(name: str = "客服日历") -> Calendar:
    """A record to be approved."""
    return made(KEY, name=name, mon="09:00-12:00 13:00-18:00")


def rename(record: Calendar, name: str, actor: Any = SYSTEM, at: Any = AT) -> None:
    """Change what is under approval."""
    record.refresh_from_db()
    kind = get_record_type(KEY)
    change_record(kind, record.pk, {"name": name}, version=record.version, actor=actor, at=at)


def ask(office: Company, who: str = "sales", record: Calendar | None = None) -> Request:
    """A request of somebody for the approval of a calendar."""
    subject = record or calendar()
    return services.request_approval(subject, reason="新排班", actor=office.actor(who), at=AT)


def now(request: Request) -> Request:
    """The request as it is stored."""
    return Request.objects.get(pk=request.pk)


def decide(
    office: Company, request: Request, who: str, verb: str = "approve", **values: Any
) -> Any:
    """Somebody decides on what they see now."""
    act = getattr(services, f"{verb}_request")
    given = {"seen": now(request).seen, **values}
    return act(request.pk, actor=office.actor(who), at=AT, **given)


def waiting(request: Request) -> set[str]:
    """The user names of those for whom a request waits."""
    return set(request.waiting_for.values_list("username", flat=True))
