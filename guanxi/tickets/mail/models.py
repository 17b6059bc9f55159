"""Mailboxes, who writes to them, and the letters that came in, each once."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.base import Record
from guanxi.notifications.models import Posted
from guanxi.tickets.mail.choices import Mark, Security


class Mailbox(Record):
    """A mailbox whose letters become tickets; replies leave in its name.

    `last_uid` is the newest letter that was taken, under the numbering `uid_validity`. `secret`
    is the enciphered password. While nobody can fetch, `trouble` says why.
    """

    name = models.CharField(_("Name"), max_length=60)
    address = models.EmailField(_("E-mail address"), unique=True)
    host = models.CharField(_("IMAP server"), max_length=253)
    port = models.PositiveIntegerField(_("Port"), default=993)
    security = models.CharField(
        _("Security"), max_length=8, choices=Security.choices, default=Security.TLS
    )
    username = models.CharField(_("User name"), max_length=150)
    folder = models.CharField(_("Folder"), max_length=100, default="INBOX")
    team = models.ForeignKey(
        "people.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Queue"),
        db_index=False,
    )
    is_on = models.BooleanField(_("Fetch"), default=True)
    secret = models.TextField(blank=True, editable=False)
    uid_validity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    checked_at = models.DateTimeField(_("Last looked into"), null=True, editable=False)
    trouble = models.CharField(
        pgettext_lazy("mailbox", "What is wrong"), max_length=500, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("Mailbox")

    def __str__(self) -> str:
        return self.name


class Sender(models.Model):
    """Somebody who writes to us, by their address; `ticket` is what their last letter went to."""

    address = models.CharField(max_length=254, unique=True)
    name = models.CharField(max_length=100, blank=True)
    contact = models.ForeignKey(
        "customers.Contact", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ticket = models.ForeignKey(
        "tickets.Ticket", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Sender")

    def __str__(self) -> str:
        return self.address


class Letter(models.Model):
    """A mail that came in, written down once however often it is brought."""

    key = models.CharField(max_length=64, unique=True)
    mail_id = models.CharField(max_length=255, blank=True, db_index=True)
    references = models.JSONField(default=list)
    subject = models.CharField(max_length=200, blank=True)
    mark = models.CharField(max_length=8, choices=Mark.choices, default=Mark.PERSON)
    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.PROTECT, related_name="letters", db_index=False
    )
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT, related_name="letters")
    message = models.OneToOneField(
        "tickets.Message", on_delete=models.SET_NULL, null=True, related_name="letter"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("Letter")

    def __str__(self) -> str:
        return self.subject


class Post(Posted):
    """A reply on its way to whoever wrote the letter that it answers."""

    message = models.OneToOneField("tickets.Message", on_delete=models.PROTECT, related_name="post")
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("Reply by mail")
        indexes = [models.Index(fields=["state", "due_at"], name="ticket_post_due")]
