"""What a pack may bring for deadlines: calendars, and policies with their conditions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.deadlines import policy_queries, services
from guanxi.deadlines.choices import PauseReason, Unit
from guanxi.deadlines.models import Policy
from guanxi.deadlines.queries import WEEK
from guanxi.deadlines.rules.policies import read_levels, target_of
from guanxi.deadlines.rules.times import Impossible
from guanxi.kernel.actor import Actor
from guanxi.kernel.packs import Part, Section, Values, declare_section
from guanxi.surfaces.packs import declare_records

_KEYS: Final = (
    "kind", "position", "condition", "unit", "amount", "is_recurring", "reasons", "levels", "is_on",
)  # fmt: skip

CALENDARS = declare_records(
    "calendars", "deadlines.calendar", ("time_zone", "country", *WEEK, "is_standard"), order=30
)


def read_policy(part: Part) -> Values:
    """A policy of a deadline that exists, with a target and levels that can be read."""
    part.only(*_KEYS)
    values: Values = {
        "kind": part.choice("kind", list(policy_queries.kind_names())),
        "position": part.number("position", 0, 10_000, 100),
        "condition": part.part("condition").plain(),
        "unit": part.choice("unit", Unit.values),
        "amount": part.number("amount", 1, 1_000_000),
        "is_recurring": part.flag("is_recurring"),
        "reasons": part.texts("reasons"),
        "levels": "\n".join(part.texts("levels")),
        "is_on": part.flag("is_on", default=True),
    }
    if not set(values["reasons"]) <= set(PauseReason.values):
        raise part.fault(_("“reasons” are among %(words)s."), "reasons", words=PauseReason.values)
    _check_promise(part, values)
    return values


def _check_promise(part: Part, values: Values) -> None:
    services.check_unit(values["kind"], values["unit"])
    try:
        target = target_of(values["unit"], values["amount"])
    except Impossible:
        message = _("The time allowed lies between one minute and five years.")
        raise part.fault(message, "amount") from None
    try:
        read_levels(values["levels"], target)
    except Impossible as error:
        message = _("“%(line)s” is no level such as: 80%% owner, +4h head, -1d duty.")
        raise part.fault(message, "levels", line=str(error)) from None


def current_policies() -> Mapping[str, Values | None]:
    """Every policy that is here by its name."""
    rows = Policy.objects.values("name", "archived_at", *_KEYS)
    return {
        row["name"]: None if row["archived_at"] else {key: row[key] for key in _KEYS}
        for row in rows
    }


def write_policies(entries: Mapping[str, Values], actor: Actor, at: datetime) -> None:
    """Create or change the policies of a pack."""
    for name, values in entries.items():
        services.bring_policy(name, values, actor=actor, at=at)


POLICIES = declare_section(
    Section(
        "policies",
        _("Deadline policies"),
        read_policy,
        current_policies,
        write_policies,
        "deadline_policies.change",
        order=40,
    )
)
