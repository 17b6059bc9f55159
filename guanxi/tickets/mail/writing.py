"""A reply as a mail: plain text, in the mailbox's name, in the thread of the customer's letters."""

from email.utils import formataddr

from django.core.mail import EmailMessage

from guanxi.kernel.files import open_stored
from guanxi.notifications.mailing import message_id
from guanxi.notifications.rules import in_one_line
from guanxi.tickets.mail import queries
from guanxi.tickets.mail.models import Post

MOST_REFERENCES = 20


def write_reply(post: Post) -> EmailMessage:
    """The same mail at every try; nothing that somebody wrote gets into its headers (D11)."""
    letter, ticket = post.letter, post.message.ticket
    thread = [letter.mail_id, *letter.references][:MOST_REFERENCES][::-1]
    known = [f"<{each}>" for each in thread if "@" in each and each.isascii()]
    headers = {"Message-ID": message_id(post)}
    if known:
        headers |= {"In-Reply-To": known[-1], "References": " ".join(known)}
    message = EmailMessage(
        subject=in_one_line(f"Re: {ticket.subject} {queries.token_of(ticket)}"),
        body=post.message.body + "\n",
        from_email=formataddr((in_one_line(letter.mailbox.name), letter.mailbox.address)),
        to=[letter.sender.address],
        headers=headers,
    )
    for each in post.message.files.select_related("file"):
        if each.file:
            with open_stored(each.file.pk) as stream:
                message.attach(each.name, stream.read(), each.file.mime)
    return message
