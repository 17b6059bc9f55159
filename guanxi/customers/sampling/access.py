"""Who sees checks of entries: whoever entered them, and whoever heads the customer's department."""

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.customers.access import Reaching
from guanxi.customers.sampling.models import EntryCheck, SamplingRule
from guanxi.kernel.access import NONE, declare_permission, declare_scope
from guanxi.kernel.actor import Actor

CHECK: Final = declare_permission("entry_checks.check", _("Check what others entered"))


def _mine(actor: Actor) -> Q:
    return Q(entered_by_id=actor.user_id or 0)


declare_scope(
    EntryCheck,
    own=_mine,
    team=_mine,
    branch=lambda actor: _mine(actor) | Reaching("customer__").branch(actor),
)
declare_scope(SamplingRule, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
