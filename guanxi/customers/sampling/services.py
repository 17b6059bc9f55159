"""Draws entries for a check, and writes down what it found (CUS-8)."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F

from guanxi.customers.changes.models import KeyField
from guanxi.customers.models import Customer
from guanxi.customers.sampling import messages, rules
from guanxi.customers.sampling.access import CHECK
from guanxi.customers.sampling.choices import CheckState
from guanxi.customers.sampling.events import EntryChecked
from guanxi.customers.sampling.models import EntryCheck, SamplingRule
from guanxi.deadlines.rules.dates import add_months
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.events import Happening, record, record_many
from guanxi.people.services.steps import cleaned
from guanxi.surfaces import search
from guanxi.surfaces.events import RecordCreated
from guanxi.surfaces.records import get_record_type

#: The values that a check can compare with the papers.
FIELDS: Final = ("name", "credit_code", "phone", "tier", "industry", "registered_address")
#: Checked twice whatever counts as key (电话二次核对).
PHONE: Final = "phone"
_KEY: Final = "customers.entrycheck"
Values = dict[str, Any]


def check_rule(values: Values, current: Mapping[str, Any]) -> Values:
    """The bounds of a sample are the right way round."""
    least, most = (values.get(n, current.get(n)) for n in ("least", "most"))
    if least is not None and most is not None and most < least:
        raise RuleViolation("bounds", messages.BOUNDS, "most")
    return values


@transaction.atomic
def draw_sample(rule_id: int, *, actor: Actor, at: datetime) -> int:
    """Draw from last month's entries, each person's apart; once a month, how many they are."""
    locked = SamplingRule.objects.select_for_update(of=("self",), no_key=True)
    rule = locked.filter(pk=rule_id, is_on=True, archived_at=None).first()
    month = rules.month_before(at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())
    if rule is None or EntryCheck.objects.filter(rule=rule, period_on=month).exists():
        return 0
    rows = [
        EntryCheck(
            customer_id=pk, entered_by_id=person, rule=rule, period_on=month,
            created_at=at, updated_at=at,
        )
        for person, ids in _entries(month).items()
        for pk in rules.draw(
            ids, rules.size_of(len(ids), rule.share, rule.least, rule.most), f"{rule.pk}:{month}"
        )
    ]  # fmt: skip
    insert_rows(rows)
    search.index_records(get_record_type(_KEY), rows, at=at, is_new=True)
    happenings = [Happening(RecordCreated(), row, row.customer_id) for row in rows]
    record_many(happenings, actor=actor, at=at)
    return len(rows)


def _entries(month: date) -> dict[int, list[int]]:
    """The customers of a month that nobody has drawn yet, by who entered them."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = (datetime.combine(d, time.min, zone) for d in (month, add_months(month, 1)))
    entered = Customer.objects.filter(created_at__gte=start, created_at__lt=end, archived_at=None)
    rows = entered.filter(created_by_id__isnull=False, merged_into=None, entry_checks=None)
    found: dict[int, list[int]] = {}
    for pk, person in rows.order_by("pk").values_list("pk", "created_by_id"):
        found.setdefault(person or 0, []).append(pk)
    return found


def compared_fields() -> tuple[str, ...]:
    """The values that a check compares: what counts as key here, and the phone (CUS-5, CUS-8)."""
    key = set(KeyField.objects.filter(archived_at=None).values_list("field", flat=True))
    return tuple(n for n in FIELDS if n in key or n == PHONE) if key else FIELDS


@atomic_retried
def check_entry(  # noqa: PLR0913  one argument for each value of the form
    check_id: int,
    *,
    name: str = "",
    credit_code: str = "",
    phone: str = "",
    tier: str = "",
    industry: str = "",
    registered_address: str = "",
    note: str = "",
    actor: Actor,
    at: datetime,
) -> EntryCheck:
    """Say of the key values of an entry which are right; never of what one entered oneself."""
    rows = EntryCheck.objects.select_for_update(of=("self",), no_key=True)
    check = get_allowed(actor, CHECK, rows, seen_by="entry_checks.view", pk=check_id)
    if check.entered_by_id == actor.user_id:
        raise RuleViolation("own_entry", messages.OWN_ENTRY)
    given = (name, credit_code, phone, tier, industry, registered_address)
    note = cleaned(note, "note", 300)
    verdicts = dict(zip(FIELDS, given, strict=True))
    results = rules.judge(verdicts, compared_fields(), note)
    right, wrong = ([n for n, v in results.items() if v == each] for each in ("right", "wrong"))
    columns = {
        "state": CheckState.DONE, "results": results, "right": len(right), "wrong": len(wrong),
        "note": note, "checked_by_id": actor.user_id, "checked_at": at, "updated_at": at,
    }  # fmt: skip
    still_open = EntryCheck.objects.filter(pk=check.pk, state=CheckState.OPEN)
    if not still_open.update(version=F("version") + 1, **columns):
        raise RuleViolation("checked", messages.CHECKED)
    check.refresh_from_db()
    happened = EntryChecked(right, wrong)
    record(happened, subject=check, customer_id=check.customer_id, actor=actor, at=at)
    return check
