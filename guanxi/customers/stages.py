"""What a customer's file must hold before the relationship moves on (CUS-1, CUS-3, CUS-4)."""

from typing import Final

from guanxi.customers.choices import CustomerKind, Stage
from guanxi.customers.needs.queries import list_stage_needs
from guanxi.surfaces.advances import Advance, Need

_OF_COMPANIES: Final = ("kind", (CustomerKind.COMPANY.value,))

STAGES: Final = Advance(
    "stage",
    (Stage.PROSPECT.value, Stage.ACQUISITION.value, Stage.GROWTH.value, Stage.MATURE.value),
    {
        Stage.ACQUISITION.value: (Need("source"),),
        Stage.GROWTH.value: (
            Need("industry", _OF_COMPANIES),
            Need("products"),
            Need("first_cooperated_on"),
        ),
        Stage.MATURE.value: (
            Need("credit_code", _OF_COMPANIES),
            Need("registered_address", _OF_COMPANIES),
            Need("purchase_cycle"),
        ),
    },
    own=list_stage_needs,
)
