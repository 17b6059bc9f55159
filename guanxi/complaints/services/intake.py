"""What is true of a complaint from its registration on: hooks of the generic services."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from guanxi.complaints import clocks, messages, rules
from guanxi.complaints.models import Complaint
from guanxi.customers.choices import Tier
from guanxi.customers.models import Contact, Customer
from guanxi.deadlines.services import start_clock
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.people.models import User

Values = dict[str, Any]


def check_complaint(values: Values, current: Mapping[str, Any]) -> Values:
    """Who complains is said, or left out on purpose; what was judged upon stays."""
    if current or values.get("description"):  # what is required is told first
        rules.check_intake(values, current)
    return values


def fill_complaint(made: Sequence[models.Model], actor: Actor, at: datetime) -> None:
    """Whoever registers it takes care of it first; core customers go through the green channel."""
    customers = {each.customer_id or 0 for each in made if isinstance(each, Complaint)}
    core = set(
        Customer.objects.filter(pk__in=customers, tier=Tier.CORE).values_list("pk", flat=True)
    )
    department = User.objects.filter(pk=actor.user_id or 0).values_list("department_id", flat=True)
    for each in made:
        assert isinstance(each, Complaint)  # noqa: S101  tells the type checker
        each.handler_id, each.department_id = actor.user_id, department.first()
        each.received_at = each.received_at or at
        each.state_since = at
        each.is_green = each.customer_id in core


def after_complaint(
    complaint: models.Model, changes: Mapping[str, Any], actor: Actor, at: datetime
) -> None:
    """The contact belongs to the customer; the deadlines run from the registration."""
    assert isinstance(complaint, Complaint)  # noqa: S101
    if {"contact", "customer"} & changes.keys() and complaint.contact_id:
        rows = Contact.objects.filter(
            pk=complaint.contact_id, customer_id=complaint.customer_id or 0
        )
        if not rows.exists():
            raise RuleViolation("other_contact", messages.OTHER_CONTACT, "contact")
    if complaint.version == 1:
        for kind in clocks.FROM_REGISTRATION:
            start_clock(complaint, kind, actor=actor, at=at)


def before_archive(
    complaint: models.Model, archived_at: datetime | None, actor: Actor, at: datetime
) -> None:
    """Only what is ended is put away."""
    del actor, at
    assert isinstance(complaint, Complaint)  # noqa: S101
    if archived_at:
        rules.check_archiving(complaint.state, has_ruling=bool(complaint.ruling))
