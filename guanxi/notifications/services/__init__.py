"""Every write of notifications."""

from guanxi.notifications.services.notices import (
    mark_all_read,
    mark_read,
    notify,
    settle_notifications,
)
from guanxi.notifications.services.wishes import set_wishes

__all__ = ["mark_all_read", "mark_read", "notify", "set_wishes", "settle_notifications"]
