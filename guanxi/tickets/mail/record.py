"""The face of mailboxes."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.outbound import Queue, declare_queue
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import Hooks, ListDefaults, RecordType, Section, Verb, register
from guanxi.tickets.mail.models import Mailbox, Post
from guanxi.tickets.mail.services import boxes

declare_queue(Queue("replies", _("Replies by mail"), Post))

MAILBOXES = register(
    RecordType(
        key="tickets.mailbox",
        model=Mailbox,
        plural="mailboxes",
        label=_("Mailbox"),
        label_plural=_("Mailboxes"),
        icon="mail",
        nav_group="settings",
        nav_order=84,
        has_custom_fields=False,
        is_importable=False,
        fields=(
            Field("name", section="basics", sortable=True),
            Field("address", section="basics", sortable=True),
            Field("team", ref="people.team", section="basics"),
            Field("is_on", section="basics"),
            Field("host", section="server"),
            Field("port", section="server", column=False),
            Field("security", section="server", column=False),
            Field("username", section="server", column=False),
            Field("folder", section="server", column=False),
            Field("checked_at", readonly=True, sortable=True, section="progress"),
            Field("trouble", readonly=True, section="progress"),
            Field("created_at", sortable=True),
            Field("updated_at", sortable=True),
        ),
        sections=(
            Section("basics", _("Basics")),
            Section("server", pgettext_lazy("mailbox", "Server")),
            Section("progress", _("Progress")),
        ),
        listing=ListDefaults(
            ("name", "address", "team", "is_on", "checked_at", "trouble"), sort="name"
        ),
        search={"": ("name", "address")},
        hooks=Hooks(check=boxes.check_mailbox, after=boxes.follow_mailbox),
        verbs=(
            Verb(
                "secure", _("Set the password"), "mailboxes.secure", boxes.secure_mailbox,
                icon="key",
                fields=(
                    Field("password", type="text", label=_("Password"), max_length=500,
                          required=True, look="secret"),
                ),
                is_main=True,
            ),
        ),
    )
)  # fmt: skip
