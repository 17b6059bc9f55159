"""Choosing how one is told."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.events import record
from guanxi.notifications import messages, queries
from guanxi.notifications.choices import Channel, MailMode
from guanxi.notifications.declarations import get_kind
from guanxi.notifications.events import WishesSet
from guanxi.notifications.models import Wish
from guanxi.people.models import User


@transaction.atomic
def set_wishes(
    mode: str, hour: int, kinds: Mapping[str, str], *, actor: Actor, at: datetime
) -> Wish:
    """Choose for oneself when mails come, and by which ways each kind does; it counts at once."""
    user = User.objects.select_for_update(of=("self",)).filter(pk=actor.user_id or 0).first()
    if user is None:
        raise NotFound
    if mode not in MailMode.values or not 0 <= hour <= 23:
        raise RuleViolation("not_a_choice", messages.NOT_A_CHOICE, "mode")
    for code, channel in kinds.items():
        if channel not in Channel.values or not queries.is_kind(code):
            raise RuleViolation("not_a_choice", messages.NOT_A_CHOICE, "kinds")
        if channel == Channel.NONE and get_kind(code).urgent:
            raise RuleViolation("urgent", messages.URGENT_IS_SHOWN, "kinds")
    chosen = {code: channel for code, channel in sorted(kinds.items()) if channel != Channel.ALL}
    before = queries.get_wish(user.pk)
    if (before.mode, before.hour, before.kinds) == (mode, hour, chosen):
        return before
    wish, _made = Wish.objects.update_or_create(
        user=user, defaults={"mode": mode, "hour": hour, "kinds": chosen}
    )
    record(WishesSet(mode, hour, chosen), subject=user, actor=actor, at=at)
    return wish
