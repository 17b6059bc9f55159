"""What the generic record pages of this domain show beside the facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from guanxi.customers.models import Attachment
from guanxi.customers.page.related import size
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Actor


def stored_file(actor: Actor, attachment: Model, at: datetime) -> Mapping[str, Any]:
    """The file behind an attachment, to be downloaded by whoever may."""
    del at
    assert isinstance(attachment, Attachment)  # noqa: S101
    rows = Attachment.objects.filter(pk=attachment.pk, archived_at=None)
    return {
        "name": attachment.file.name,
        "size": size(attachment.file.size),
        "may_download": visible(actor, "attachments.download", rows).exists(),
    }
