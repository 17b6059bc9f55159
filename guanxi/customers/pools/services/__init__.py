"""The writes of this part."""

from guanxi.customers.pools.services.handing import (
    check_hand_over,
    start_hand_over,
    undo_hand_over,
)
from guanxi.customers.pools.services.ownership import (
    assign_customer,
    claim_customer,
    lock_customer,
    note_pool_view,
    protect_customer,
    release_customer,
)
from guanxi.customers.pools.services.releasing import undo_batch
from guanxi.customers.pools.services.settings import check_pool, check_rule, open_pool
from guanxi.customers.pools.services.sharing import (
    check_substitution,
    share_customer,
    substitution_archived,
    substitution_saved,
    unshare_customer,
)
from guanxi.customers.pools.services.taking import MOST, Taken, assign_many, claim_many

__all__ = [
    "MOST",
    "Taken",
    "assign_customer",
    "assign_many",
    "check_hand_over",
    "check_pool",
    "check_rule",
    "check_substitution",
    "claim_customer",
    "claim_many",
    "lock_customer",
    "note_pool_view",
    "open_pool",
    "protect_customer",
    "release_customer",
    "share_customer",
    "start_hand_over",
    "substitution_archived",
    "substitution_saved",
    "undo_batch",
    "undo_hand_over",
    "unshare_customer",
]
