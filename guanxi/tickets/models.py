"""Tickets, what was said on them, who deals with them, and what is not to be said."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.base import Record
from guanxi.kernel.models import StoredFile
from guanxi.tickets import choices

IS_LIVE = Q(state__in=choices.LIVE)
#: Without a value to be compared: SQLite matches such a partial index only then.
_UNENDED = Q(archived_at__isnull=True, closed_at__isnull=True)
IS_AT_WORK = _UNENDED & Q(state__in=choices.UNCLOSED)


class Ticket(Record):
    """Something that a customer needs, with everything that was said about it (SVC-1).

    Each message has the next number of its ticket: `last_seq` is the newest, `public_seq` the
    newest that the customer knows. Whoever replies says which of those they have read.
    `due_at` is when the next of its deadlines runs out, blank while none runs.
    """

    number = models.CharField(_("Number"), max_length=20, unique=True, blank=True)
    subject = models.CharField(_("What it is about"), max_length=200)
    description = models.TextField(_("What the customer said"), blank=True)
    kind = models.CharField(
        _("Kind"), max_length=12, choices=choices.Kind.choices, default=choices.Kind.ENQUIRY
    )
    channel = models.CharField(
        _("Channel"), max_length=10, choices=choices.CHANNELS, default="phone"
    )
    priority = models.CharField(
        _("Priority"),
        max_length=8,
        choices=choices.Priority.choices,
        default=choices.Priority.NORMAL,
    )
    state = models.CharField(
        _("State"),
        max_length=8,
        choices=choices.State.choices,
        default=choices.State.NEW,
        editable=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("Customer"),
        db_index=False,
    )
    contact = models.ForeignKey(
        "customers.Contact",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("Contact"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="tickets",
        verbose_name=_("Handled by"),
        db_index=False,
    )
    team = models.ForeignKey(
        "people.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Queue"),
        db_index=False,
    )
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("Department"),
        db_index=False,
    )
    because = models.CharField(
        _("Why this person"),
        max_length=8,
        choices=choices.Because.choices,
        blank=True,
        editable=False,
    )
    steps = models.JSONField(_("Standard process"), default=list, editable=False)
    due_at = models.DateTimeField(_("Next deadline"), null=True, editable=False)
    replied_at = models.DateTimeField(_("First reply"), null=True, editable=False)
    solved_at = models.DateTimeField(_("Solved"), null=True, editable=False)
    closed_at = models.DateTimeField(pgettext_lazy("ticket", "Closed"), null=True, editable=False)
    recontacted_at = models.DateTimeField(_("Contacted us again"), null=True, editable=False)
    last_seq = models.PositiveIntegerField(_("Messages"), default=0, editable=False)
    public_seq = models.PositiveIntegerField(_("Last public message"), default=0, editable=False)
    spoken_at = models.DateTimeField(_("Last message"), null=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="merged",
        verbose_name=_("Merged into"),
        db_index=False,
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="followed_by",
        verbose_name=_("Follows"),
        db_index=False,
    )
    links = models.ManyToManyField("self", blank=True, editable=False, verbose_name=_("Linked"))

    class Meta:
        verbose_name = _("Ticket")
        indexes = [
            models.Index(fields=["owner", "due_at", "id"], name="ticket_mine", condition=IS_LIVE),
            models.Index(fields=["team", "due_at", "id"], name="ticket_queue", condition=IS_LIVE),
            models.Index(fields=["due_at", "id"], name="ticket_live", condition=IS_LIVE),
            models.Index(
                fields=["team", "id"],
                name="ticket_backlog",
                condition=IS_LIVE & Q(owner__isnull=True),
            ),
            models.Index(fields=["owner", "customer"], name="ticket_unended", condition=_UNENDED),
            models.Index(fields=["state", "-updated_at", "-id"], name="ticket_state_recent"),
            models.Index(fields=["owner", "-updated_at", "-id"], name="ticket_owner_recent"),
            models.Index(fields=["team", "-updated_at", "-id"], name="ticket_team_recent"),
            models.Index(fields=["department", "-updated_at", "-id"], name="ticket_dept_recent"),
            models.Index(fields=["customer", "-created_at", "-id"], name="ticket_customer"),
            models.Index(fields=["created_by_id"], name="ticket_maker"),
            models.Index(fields=["-updated_at", "-id"], name="ticket_recent"),
            models.Index(fields=["-created_at", "-id"], name="ticket_created"),
            models.Index(
                fields=["solved_at", "id"], name="ticket_to_close", condition=Q(state="solved")
            ),
            models.Index(
                fields=["merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                fields=["follows"], name="ticket_follows", condition=Q(follows__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"


class Message(models.Model):
    """One thing that was said on a ticket: to the customer, by the customer, or among ourselves."""

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    seq = models.PositiveIntegerField()
    said = models.CharField(max_length=8, choices=choices.Said.choices)
    channel = models.CharField(max_length=10, choices=choices.CHANNELS)
    body = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    author_label = models.CharField(max_length=150)
    origin = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("Message")
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="ticket_message_once")
        ]

    def __str__(self) -> str:
        return self.body[:60]


class MessageFile(models.Model):
    """A file that came or went with a message; without one it was refused, and why."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255)
    refused = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("File of a message")

    def __str__(self) -> str:
        return self.name


class Agent(Record):
    """A person who deals with tickets: how many at once, of which kinds, and whether now (SVC-5).

    `load` is how many live tickets they have; one conditional update keeps it within `capacity`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="agent",
        verbose_name=_("Colleague"),
    )
    capacity = models.PositiveSmallIntegerField(_("Tickets at once"), default=8)
    skills = models.JSONField(
        _("Kinds of tickets"), default=list, blank=True, help_text=_("None named: every kind.")
    )
    is_senior = models.BooleanField(_("Senior"), default=False)
    is_on = models.BooleanField(_("On shift"), default=True)
    load = models.PositiveSmallIntegerField(_("Has now"), default=0, editable=False)
    given_at = models.DateTimeField(_("Last ticket"), null=True, editable=False)

    class Meta:
        verbose_name = _("Agent")

    def __str__(self) -> str:
        return str(self.user)


class Wording(Record):
    """A phrase that is not to be said to a customer, and what to say instead (COM-4)."""

    phrase = models.CharField(_("Phrase"), max_length=60, unique=True)
    instead = models.CharField(_("Say instead"), max_length=200, blank=True)
    is_on = models.BooleanField(_("In force"), default=True)

    class Meta:
        verbose_name = _("Forbidden wording")

    def __str__(self) -> str:
        return self.phrase


# A part of this domain with a folder of its own; here, so that Django knows it.
from guanxi.tickets.mail.models import Letter, Mailbox, Post, Sender  # noqa: E402

__all__ = [
    "Agent",
    "Letter",
    "Mailbox",
    "Message",
    "MessageFile",
    "Post",
    "Sender",
    "Ticket",
    "Wording",
]
