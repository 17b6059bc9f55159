"""Who sees stages: a customer's stage goes with the customer, rules and runs with the whole."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.customers.access import Reaching
from guanxi.kernel.access import NONE, Opening, declare_permission, declare_scope
from guanxi.segments.lifecycle.models import ChurnWarning, LifecycleStage, StageRun, StageStanding

RECOUNT: Final = declare_permission("lifecycle_stages.recount", _("Find everybody's stage"))
DISCARD: Final = declare_permission("stage_runs.discard", _("Discard the run"))
TAKE: Final = declare_permission("churn_warnings.take", _("Take in hand"))
CLOSE: Final = declare_permission("churn_warnings.close", _("Close the warning"))

_through = Reaching("customer__")
for _model in (StageStanding, ChurnWarning):
    declare_scope(
        _model,
        own=_through.own,
        team=_through.team,
        branch=_through.branch,
        openings=(Opening("customers.customer", "customer_id"),),
        owner_path="customer__owner_id",
    )
for _whole in (LifecycleStage, StageRun):
    declare_scope(_whole, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
