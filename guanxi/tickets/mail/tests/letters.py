"""Mails as people and mail servers send them."""

from email.message import EmailMessage
from typing import Any


def a_mail(text: str = "水泵漏水，请尽快处理。", *, html: str = "", **headers: Any) -> EmailMessage:
    """A mail of 李雪; an underscore in a header's name stands for a hyphen."""
    mail = EmailMessage()
    given = {
        "From": "李雪 <lixue@example.org>",
        "To": "help@example.com",
        "Subject": "水泵漏水",
        "Message_ID": "<1@example.org>",
        "Date": "Sun, 22 Nov 2026 10:00:00 +0800",
        **headers,
    }
    for name, value in given.items():
        if value:
            mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def a_bounce(message_id: str, action: str = "failed") -> bytes:
    """A mail server gives a letter back."""
    return (
        "From: MAILER-DAEMON@mx.example.org\r\nTo: help@example.com\r\n"
        "Subject: Undelivered Mail\r\nMessage-ID: <bounce@mx.example.org>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; lixue@example.org\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such mailbox\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{message_id}>\r\nSubject: Re: x\r\n\r\n--b--\r\n"
    ).encode()
