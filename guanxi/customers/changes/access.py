"""Who sees change requests: whoever asked, and whoever has the customer."""

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.customers.access import Reaching
from guanxi.customers.changes.models import ChangeRequest, KeyField
from guanxi.kernel.access import NONE, declare_permission, declare_scope
from guanxi.kernel.actor import Actor

KEY: Final = declare_permission("customers.change_key", _("Change key values without a request"))
FILE: Final = declare_permission("customers.request_change", _("Ask for a change of key values"))
REVISE: Final = declare_permission("change_requests.revise", _("Revise one's change requests"))


def _asked(actor: Actor) -> Q:
    return Q(requester_id=actor.user_id or 0)


_through = Reaching("customer__")
declare_scope(
    ChangeRequest,
    own=lambda actor: _asked(actor) | _through.own(actor),
    team=lambda actor: _asked(actor) | _through.team(actor),
    branch=lambda actor: _asked(actor) | _through.branch(actor),
)
declare_scope(KeyField, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
