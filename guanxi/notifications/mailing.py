"""A mail in words: plain text and HTML without anything from elsewhere, safe in its headers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext, ngettext

from guanxi.notifications.models import Mail, Posted
from guanxi.notifications.rules import in_one_line
from guanxi.notifications.telling import Told
from guanxi.surfaces import brand

MOST_LINES: Final = 100
LONGEST_SUBJECT: Final = 150


def write_mail(mail: Mail, told: list[Told]) -> EmailMultiAlternatives:
    """The message about these notifications, in the language that is active."""
    company = brand.current().name or gettext("Guanxi")
    site = settings.SITE_URL.rstrip("/")
    lines = [
        {"label": each.label, "title": each.title, "url": f"{site}{each.url}" if each.url else ""}
        for each in told[:MOST_LINES]
    ]
    context = {
        "name": mail.user.name,
        "company": company,
        "lines": lines,
        "more": len(told) - len(lines),
        "is_digest": mail.is_digest,
        "page_url": f"{site}/notifications/",
        "settings_url": f"{site}/me/notifications/",
    }
    message = EmailMultiAlternatives(
        subject=_subject(mail, told, company),
        body="\n".join(_plain(context)) + "\n",
        to=[mail.user.email],
        headers={
            "Message-ID": message_id(mail),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{site}/me/notifications/>",
        },
    )
    message.attach_alternative(
        render_to_string("notifications/mail/mail.html", context), "text/html"
    )
    return message


def _plain(context: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the plain text: nothing in it is markup, so nothing is escaped."""
    yield gettext("Hello %(name)s,") % context
    yield ""
    if context["is_digest"]:
        yield gettext("this waits for you:")
    for line in context["lines"]:
        yield f"- {line['title']}" if context["is_digest"] else line["title"]
        if line["url"]:
            yield f"  {line['url']}"
    if context["more"]:
        words = ngettext("and %(counter)s more", "and %(counter)s more", context["more"])
        yield words % {"counter": context["more"]}
    yield ""
    yield f"{gettext('All messages')}: {context['page_url']}"
    yield f"{gettext('Choose what comes by mail, and when')}: {context['settings_url']}"


def _subject(mail: Mail, told: list[Told], company: str) -> str:
    words = told[0].title
    if mail.is_digest:
        said = ngettext("%(count)s notification", "%(count)s notifications", len(told))
        words = said % {"count": len(told)}
    return in_one_line(f"[{company}] {words}")[:LONGEST_SUBJECT]


def message_id(mail: Posted) -> str:
    """The same at every try, so that a mail that came twice is known as one."""
    return f"<{mail.pk}@{urlsplit(settings.SITE_URL).hostname or 'guanxi.invalid'}>"
