"""The writes of this part."""

from guanxi.customers.pools.services.sharing import (
    check_substitution,
    share_customer,
    substitution_archived,
    substitution_saved,
    unshare_customer,
)

__all__ = [
    "check_substitution",
    "share_customer",
    "substitution_archived",
    "substitution_saved",
    "unshare_customer",
]
