"""Handing out the files of messages."""

from datetime import datetime

from django.db import transaction

from guanxi.kernel.access import get_visible
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.kernel.events import Seen, record_access
from guanxi.kernel.models import StoredFile
from guanxi.tickets.models import MessageFile, Ticket
from guanxi.tickets.services.steps import KEY


@transaction.atomic
def download_file(ticket_id: int, *, file_id: int, actor: Actor, at: datetime) -> StoredFile:
    """A file of a message, to whoever sees its ticket; the access log keeps who took it."""
    ticket = get_visible(actor, "tickets.view", Ticket.objects.all(), pk=ticket_id)
    rows = MessageFile.objects.filter(pk=file_id, message__ticket=ticket).select_related("file")
    found = rows.first()
    if found is None or found.file is None:
        raise NotFound
    seen = Seen("download", KEY, str(ticket.pk), ticket.customer_id, (found.name,))
    record_access(seen, actor=actor, at=at)
    return found.file
