"""The steps of a complaint as people and programs take them; each asks the one table of rules."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.complaints import choices, rules, services
from guanxi.complaints.models import Complaint
from guanxi.complaints.services.steps import check
from guanxi.kernel.access import declare_permission
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import Verb

_TEXT: Final = Field("text", type="longtext", label=_("What was said"), required=True)
_REASON: Final = Field("reason", type="text", label=_("Reason"), required=True, max_length=200)
_CHANNEL: Final = Field(
    "channel",
    type="choice",
    label=_("Channel"),
    choices=tuple(choices.Channel.choices),
    required=True,
)
_IN_WRITING: Final = replace(
    _CHANNEL, choices=tuple(c for c in choices.Channel.choices if c[0] in choices.WRITTEN)
)
_REMEDY: Final = Field("remedy", type="integer", label=_("Remedy"), required=True, look="hidden")
_REFERENCE: Final = Field("body_reference", type="text", label=_("Reference there"), max_length=80)


def _choice(name: str, label: Promise, options: Any) -> Field:
    return Field(name, type="choice", label=label, choices=tuple(options.choices), required=True)


def _share(name: str, label: Promise) -> Field:
    return Field(name, type="integer", label=label, required=True)


def _fits(name: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda values: rules.is_possible(name, str(values.get("state", "")))


def _why_not(name: str) -> Callable[[Actor, Model], Any]:
    def why_not(actor: Actor, complaint: Model) -> Any:
        assert isinstance(complaint, Complaint)  # noqa: S101
        try:
            check(complaint, name, actor)
        except RuleViolation as error:
            return error.text
        return None

    return why_not if rules.STEPS[name].needs else lambda _actor, _complaint: None


def _verb(
    name: str,
    label: Promise,
    service: Callable[..., Any],
    icon: str,
    *fields: Field,
    is_danger: bool = False,
    is_offered: bool = True,
    is_for_substitutes: bool = True,
) -> Verb:
    """A verb with its right, offered where the table lets it be taken."""
    share = "write" if is_for_substitutes else ""
    return Verb(
        name,
        label,
        declare_permission(f"complaints.{name}", label, share=share),
        service,
        icon=icon,
        fields=fields,
        is_danger=is_danger,
        fits=_fits(name) if is_offered else lambda _values: False,  # at the remedy itself
        why_not=_why_not(name),
    )


VERBS: Final = (
    _verb(
        "acknowledge",
        _("Acknowledge"),
        services.acknowledge_complaint,
        "megaphone",
        replace(
            _TEXT,
            label=_("What the customer is told"),
            help=_("By the channel they came: comfort first, then who takes care of it."),
        ),
    ),
    _verb(
        "investigate",
        _("Begin to investigate"),
        services.investigate_complaint,
        "search",
        Field(
            "concerned",
            type="refs",
            ref="people.user",
            label=_("Persons concerned"),
            help=_("Whom it is about: they see it no more and decide nothing about it."),
        ),
    ),
    _verb(
        "note_finding",
        _("Note a finding"),
        services.note_finding,
        "pencil",
        Field(
            "kind",
            type="choice",
            label=_("Kind"),
            choices=tuple(c for c in choices.EntryKind.choices if c[0] in choices.FINDINGS),
            required=True,
        ),
        replace(_TEXT, label=_("What was found")),
    ),
    _verb(
        "determine",
        _("Determine responsibility"),
        services.determine_responsibility,
        "shield-check",
        _choice("cause", _("Cause"), choices.Cause),
        _share("company_share", _("Company's share (%)")),
        _share("customer_share", _("Customer's share (%)")),
        _share("third_share", _("Third party's share (%)")),
        Field("third_party", type="text", label=_("Third party"), max_length=120),
        Field("grounds", type="longtext", label=_("Grounds"), required=True),
    ),
    _verb(
        "submit",
        _("Submit to legal"),
        services.submit_for_review,
        "arrow-up",
        replace(_REASON, required=False, label=_("Note for legal")),
    ),
    _verb(
        "add_remedy",
        _("Add a remedy"),
        services.add_remedy,
        "plus",
        _choice("kind", _("Remedy"), choices.RemedyKind),
        Field("text", type="text", label=_("What exactly"), required=True, max_length=300),
        Field("amount_minor", type="money", label=_("Cost")),
    ),
    _verb(
        "drop_remedy", _("Drop the remedy"), services.drop_remedy, "x", _REMEDY, is_offered=False
    ),
    _verb(
        "propose",
        _("Propose the solution"),
        services.propose_solution,
        "arrow-up",
        Field("solution", type="longtext", label=_("Solution"), required=True),
        Field("solve_by", type="date", label=_("Solved by"), required=True),
    ),
    _verb("begin", _("Begin to carry out"), services.begin_execution, "zap"),
    _verb(
        "carry_out",
        _("Carried out"),
        services.carry_out_remedy,
        "check",
        _REMEDY,
        Field(
            "proof",
            type="text",
            label=_("How, and what proves it"),
            required=True,
            max_length=300,
        ),
        is_offered=False,
    ),
    _verb("finish", _("All is carried out"), services.finish_execution, "check"),
    _verb(
        "visit",
        _("Record the visit"),
        services.note_visit,
        "phone",
        _CHANNEL,
        _choice("outcome", _("Outcome"), choices.Outcome),
        _choice("satisfaction", _("Satisfaction with the handling"), choices.Satisfaction),
        replace(_TEXT, label=_("What the customer says")),
    ),
    _verb(
        "attempt",
        _("Not reached"),
        services.note_attempt,
        "phone-call",
        _CHANNEL,
        replace(_TEXT, label=_("How it was tried")),
    ),
    _verb(
        "close",
        _("Close the complaint"),
        services.close_complaint,
        "check-circle",
        replace(_REASON, required=False, label=_("Closing remark")),
        is_for_substitutes=False,
    ),
    _verb(
        "tell",
        _("Tell the customer"),
        services.tell_customer,
        "message-circle",
        _CHANNEL,
        replace(_TEXT, label=_("What the customer is told")),
    ),
    _verb(
        "hear",
        _("Customer answered"),
        services.hear_customer,
        "message-square",
        _CHANNEL,
        replace(_TEXT, label=_("What the customer says")),
    ),
    _verb(
        "wait",
        _("Wait for the customer"),
        services.wait_for_customer,
        "clock",
        _choice("reason", _("Reason"), choices.Wait),
        Field("note", type="text", label=_("Remark"), required=True, max_length=200),
    ),
    _verb(
        "assign",
        pgettext_lazy("complaint", "Hand over"),
        services.assign_complaint,
        "arrow-right",
        Field("handler", type="ref", ref="people.user", label=_("Handled by"), required=True),
        replace(_REASON, required=False),
    ),
    _verb(
        "extend",
        _("Extend the investigation"),
        services.extend_investigation,
        "calendar-clock",
        Field(
            "days",
            type="integer",
            label=_("Working days in all"),
            required=True,
            help=_("Counted from the registration; at most 10."),
        ),
        _REASON,
        is_for_substitutes=False,
    ),
    _verb(
        "reopen",
        _("Open again"),
        services.reopen_complaint,
        "rotate-ccw",
        _REASON,
        is_for_substitutes=False,
    ),
    _verb(
        "withdraw",
        _("Customer withdraws"),
        services.withdraw_complaint,
        "ban",
        _CHANNEL,
        replace(_TEXT, label=_("What the customer says")),
        is_danger=True,
    ),
    _verb(
        "refer",
        _("Refer to an outside body"),
        services.refer_complaint,
        "arrow-right",
        _choice("body", _("Outside body"), choices.Body),
        _IN_WRITING,
        replace(_TEXT, label=_("What the customer is told in writing")),
        _REFERENCE,
        is_danger=True,
        is_for_substitutes=False,
    ),
    _verb(
        "note_ruling",
        _("Note the decision"),
        services.note_ruling,
        "shield-check",
        Field("ruling", type="longtext", label=_("Decision of the outside body"), required=True),
        _REFERENCE,
    ),
    _verb(
        "take_back",
        _("Carry on here"),
        services.take_back_complaint,
        "rotate-ccw",
        _REASON,
        is_for_substitutes=False,
    ),
)
