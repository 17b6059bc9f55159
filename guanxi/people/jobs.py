"""Long or slow work of people: the mail with the link for a forgotten password."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext

from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.jobs import RunContext, job
from guanxi.people.models import User
from guanxi.people.services.passwords import issue_reset_link
from guanxi.people.usernames import normal_username


@job("people.send_reset_link")
def send_reset_link(context: RunContext) -> dict[str, Any]:
    """Mail a link to the account of a user name or an e-mail address, if there is just one."""
    user = _find(str(context.run.params["identifier"]))
    if user is not None:
        link = issue_reset_link(user, actor=system_actor("reset", Channel.JOB), at=timezone.now())
        with translation.override(user.locale):
            _message(user, link).send()
    return {}  # The result says nothing: whoever reads runs learns no account from it.


def _find(identifier: str) -> User | None:
    """One active account with an address; two accounts of one address are a case for people."""
    matching = Q(username=normal_username(identifier))
    if "@" in identifier:
        matching |= Q(email__iexact=identifier.strip())
    active = User.objects.filter(matching, is_active=True, archived_at=None).exclude(email="")
    found = list(active[:2])
    return found[0] if len(found) == 1 else None


def _message(user: User, link: str) -> EmailMessage:
    context = {"user": user, "username": user.username, "link": link}
    return EmailMessage(
        subject=gettext("Choose a new password"),
        body=render_to_string("people/mail/reset.txt", context),
        to=[user.email],
    )
