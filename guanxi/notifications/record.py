"""The faces of notifications: the bell, its live count, the API, the queue of mails."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.outbound import Queue, declare_queue
from guanxi.notifications import api, queries
from guanxi.notifications.models import Mail
from guanxi.notifications.services.mails import fix_digests
from guanxi.surfaces.api.beside import declare_addresses
from guanxi.surfaces.bells import Bell, as_count, provide_bell
from guanxi.surfaces.live_topics import Standing, declare_standing

BELL = "bell"


def _read(ids: Collection[str], at: datetime) -> Mapping[str, Mapping[str, Any]]:
    """How much waits at these people's bells."""
    found = queries.count_unread_of([int(pk) for pk in ids], at)
    return {str(user_id): {"count": as_count(count)} for user_id, count in found.items()}


def _is_own(actor: Actor, pk: str) -> bool:
    return pk == str(actor.user_id)


provide_bell(Bell("/notifications/", queries.count_unread, lambda a: f"{BELL}:{a.user_id}"))
declare_standing(Standing(BELL, _is_own, _read))
declare_queue(Queue("mails", _("Mails"), Mail, fix_digests))
declare_addresses("notifications", *api.ADDRESSES)
