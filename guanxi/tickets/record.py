"""The faces of tickets, and of the wordings that are not used on them."""

from django.utils.translation import gettext_lazy as _

from guanxi.customers.duplicates.services import merging
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import (
    Hooks,
    ListDefaults,
    ListTab,
    Panel,
    RecordType,
    Section,
    Verb,
    declare_panel,
    register,
)
from guanxi.tickets import panels, queries, services
from guanxi.tickets.choices import CHANNELS, LIVE, After, Kind, Step
from guanxi.tickets.mail import record as mail
from guanxi.tickets.mail.services import sending
from guanxi.tickets.models import Agent, Ticket, Wording

__all__ = ["AGENTS", "TICKETS", "WORDINGS", "mail"]

_REASON = Field("reason", type="text", label=_("Reason"), max_length=200)
_WHY = Field("reason", type="text", label=_("Reason"), max_length=200, required=True)
_BODY = Field("body", type="longtext", label=_("Text"), max_length=20_000, required=True)
_LIVE = ",".join(LIVE)
_STEPS = tuple(Step.choices)

WORDINGS = register(
    RecordType(
        key="tickets.wording",
        model=Wording,
        plural="wordings",
        label=_("Forbidden wording"),
        label_plural=_("Forbidden wordings"),
        icon="ban",
        nav_group="settings",
        nav_order=82,
        title_field="phrase",
        has_custom_fields=False,
        fields=(
            Field("phrase", sortable=True, section="basics"),
            Field("instead", section="basics"),
            Field("is_on", section="basics"),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(Section("basics", _("Basics")),),
        listing=ListDefaults(("phrase", "instead", "is_on", "updated_at"), sort="phrase"),
        search={"": ("phrase",)},
        import_keys=(("phrase",),),
    )
)

AGENTS = register(
    RecordType(
        key="tickets.agent",
        model=Agent,
        plural="agents",
        label=_("Agent"),
        label_plural=_("Agents"),
        icon="user-check",
        nav_group="settings",
        nav_order=83,
        title_field="user",
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("user", ref="people.user", section="basics"),
            Field("capacity", section="basics", sortable=True),
            Field("load", readonly=True, sortable=True, section="basics"),
            Field("skills", type="multichoice", choices=tuple(Kind.choices), section="basics",
                  filterable=False),
            Field("is_senior", section="basics"),
            Field("is_on", section="basics"),
            Field("given_at", readonly=True, sortable=True),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(Section("basics", _("Basics")),),
        listing=ListDefaults(
            ("user", "is_on", "is_senior", "skills", "load", "capacity", "updated_at")
        ),
        verbs=(
            Verb("shift", _("Go on or off shift"), "agents.shift", services.change_shift,
                 icon="clock", is_main=True),
        ),
    )
)  # fmt: skip

_VERBS = (
    Verb(
        "take", _("Take over"), "tickets.take", services.take_ticket, icon="user-check",
        is_main=True, fits=queries.is_free,
    ),
    Verb(
        "solve", _("Solve"), "tickets.solve", services.solve_ticket, icon="check-circle",
        fields=(
            Field("steps", type="multichoice", label=_("Standard process"), choices=_STEPS),
        ),
        is_main=True, fits=queries.is_live,
    ),
    Verb(
        "reply", _("Reply"), "tickets.reply", services.reply_to_ticket, icon="message-circle",
        fields=(
            _BODY,
            Field("public_seq", type="integer", label=_("Last message read"), required=True,
                  look="hidden"),
            Field("then", type="choice", label=_("Afterwards"), choices=tuple(After.choices)),
            Field("is_meant", type="boolean", label=_("The wording is meant so")),
        ),
        is_listed=False, fits=queries.is_live,
    ),
    Verb(
        "resend", _("Send again"), "tickets.reply", sending.resend_reply, icon="mail",
        fields=(
            Field("seq", type="integer", label=_("Number of the message"), required=True,
                  look="hidden"),
        ),
        fits=queries.is_at_its_place,
    ),
    Verb(
        "note", _("Internal note"), "tickets.note", services.note_on_ticket, icon="edit",
        fields=(_BODY, Field("mentions", type="refs", label=_("Mention"), ref="people.user")),
        is_listed=False,
    ),
    Verb(
        "hear", _("Customer's word"), "tickets.hear", services.hear_customer, icon="message-square",
        fields=(_BODY, Field("channel", type="choice", label=_("Channel"), choices=CHANNELS)),
        is_listed=False,
    ),
    Verb(
        "assign", _("Assign"), "tickets.assign", services.assign_ticket, icon="user-plus",
        fields=(
            Field("owner", type="ref", label=_("Handled by"), ref="people.user"),
            Field("team", type="ref", label=_("Queue"), ref="people.team"),
            _REASON,
        ),
        fits=queries.is_live,
    ),
    Verb(
        "wait", _("Wait for the customer"), "tickets.wait", services.wait_for_customer,
        icon="clock", fits=queries.may_wait,
    ),
    Verb(
        "tick", _("Tick a step"), "tickets.tick", services.tick_step, icon="check",
        fields=(
            Field("step", type="choice", label=_("Step"), choices=_STEPS, required=True),
        ),
        fits=queries.is_at_its_place,
    ),
    Verb(
        "close", _("Close"), "tickets.close", services.close_ticket, icon="lock",
        fits=queries.is_solved,
    ),
    Verb(
        "reopen", _("Open again"), "tickets.reopen", services.reopen_ticket, icon="rotate-ccw",
        fields=(_WHY,), fits=queries.is_settled,
    ),
    Verb(
        "split", _("Split"), "tickets.split", services.split_ticket, icon="copy",
        fields=(
            Field("subject", type="text", label=_("What it is about"), max_length=200,
                  required=True),
            Field("description", type="longtext", label=_("What the customer said")),
        ),
        fits=queries.is_live,
    ),
    Verb(
        "link", _("Link with another ticket"), "tickets.link", services.link_ticket, icon="link",
        fields=(
            Field("other", type="ref", label=_("Ticket"), ref="tickets.ticket",
                  ref_label="subject", required=True),
        ),
        fits=queries.is_not_merged,
    ),
    Verb(
        "merge", _("Merge into another ticket"), "tickets.merge", services.merge_ticket,
        icon="archive",
        fields=(
            Field("into", type="ref", label=_("Ticket that stays"), ref="tickets.ticket",
                  ref_label="subject", required=True),
        ),
        fits=queries.is_not_merged,
    ),
    Verb(
        "declare", _("Declare an emergency"), "tickets.declare", services.declare_emergency,
        icon="alert-triangle", fields=(_WHY,), is_danger=True, fits=queries.may_be_declared,
    ),
)  # fmt: skip

TICKETS = register(
    RecordType(
        key="tickets.ticket",
        model=Ticket,
        plural="tickets",
        label=_("Ticket"),
        label_plural=_("Tickets"),
        icon="message-square",
        nav_group="service",
        nav_order=27,
        title_field="subject",
        customer_path="customer_id",
        is_importable=False,
        fields=(
            Field("number", readonly=True, sortable=True, section="progress"),
            Field("subject", sortable=True, section="basics"),
            Field("customer", ref="customers.customer", section="basics"),
            Field("contact", ref="customers.contact", section="basics", column=False),
            Field("kind", section="basics"),
            Field("channel", section="basics"),
            Field("priority", section="basics"),
            Field("team", ref="people.team", section="basics"),
            Field("description", section="basics", column=False),
            Field("due_at", readonly=True, sortable=True, look="deadline"),
            Field("state", readonly=True, section="progress"),
            Field("owner", ref="people.user", readonly=True, section="progress"),
            Field("because", readonly=True, section="progress"),
            Field("department", ref="people.department", readonly=True, column=False),
            Field("replied_at", readonly=True, section="progress", sortable=True),
            Field("solved_at", readonly=True, section="progress", sortable=True),
            Field("closed_at", readonly=True, section="progress", sortable=True),
            Field("recontacted_at", readonly=True, section="progress", sortable=True),
            Field("spoken_at", readonly=True, sortable=True),
            Field("last_seq", readonly=True, column=False),
            Field("public_seq", readonly=True, column=False),
            Field("merged_into", ref="tickets.ticket", ref_label="subject", readonly=True,
                  section="progress", column=False),
            Field("follows", ref="tickets.ticket", ref_label="subject", readonly=True,
                  section="progress", column=False),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(
            Section("basics", _("Basics")),
            Section("progress", _("Progress")),
            Section("custom", _("More fields")),
        ),
        tabs=(
            ListTab(_("My open tickets"), {"state": _LIVE, "owner": "me"}),
            ListTab(_("Waiting for somebody"), {"state": _LIVE, "owner__empty": "true"}),
        ),
        listing=ListDefaults(
            ("subject", "customer", "kind", "priority", "state", "owner", "due_at", "updated_at"),
        ),
        search={"": ("number", "subject")},
        successor=queries.get_successor,
        hooks=Hooks(
            check=services.check_ticket,
            fill=services.fill_ticket,
            after=services.begin_ticket,
            settle=merging.keep_off_merged,
            archiving=services.before_archive,
            number_prefix="T",
        ),
        views={
            "api:messages": "guanxi.tickets.api.TicketMessages",
            "api:file": "guanxi.tickets.api.TicketFile",
        },
        panels=(
            Panel("process", _("Standard process"), "tickets/_process.html", panels.process,
                  icon="check-circle"),
            Panel("related", _("Related tickets"), "tickets/_lines.html", panels.related,
                  icon="link", hides_empty=True),
        ),
        verbs=_VERBS,
    )
)  # fmt: skip

declare_panel(
    "customers.customer",
    Panel(
        "tickets",
        _("Tickets"),
        "tickets/_lines.html",
        panels.of_customer,
        permission="tickets.view",
        icon="message-square",
        is_later=True,
    ),
)
