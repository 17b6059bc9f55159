"""Who sees what customers are worth: a standing goes with its customer, all else with the whole."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.customers.access import Reaching
from guanxi.kernel.access import NONE, Opening, declare_permission, declare_scope
from guanxi.segments.models import Indicator, Rating, RfmGroup, Standing, ValueModel

RATE: Final = declare_permission("value_models.rate", _("Rate the customers"))
SUBMIT: Final = declare_permission("ratings.submit", _("Submit for approval"))
DISCARD: Final = declare_permission("ratings.discard", _("Discard the rating"))

_through = Reaching("customer__")
declare_scope(
    Standing,
    own=_through.own,
    team=_through.team,
    branch=_through.branch,
    openings=(Opening("customers.customer", "customer_id"),),
    owner_path="customer__owner_id",
)
for _model in (ValueModel, Indicator, Rating, RfmGroup):
    declare_scope(_model, own=lambda _: NONE, team=lambda _: NONE, branch=lambda _: NONE)
