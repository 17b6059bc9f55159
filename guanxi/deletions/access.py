"""Who sees deletions: whoever asked, their head, and the IT department."""

from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.deletions.models import Deletion
from guanxi.kernel.access import declare_permission, declare_scope
from guanxi.kernel.actor import Actor

CONFIRM: Final = declare_permission("deletions.confirm", _("Confirm deletions"))
BRING_BACK: Final = declare_permission("deletions.bring_back", _("Bring back from the bin"))


def _asked(actor: Actor) -> Q:
    return Q(requester_id=actor.user_id or 0)


declare_scope(
    Deletion,
    own=_asked,
    team=_asked,
    branch=lambda actor: _asked(actor) | Q(department_id__in=sorted(actor.branch_ids)),
)
