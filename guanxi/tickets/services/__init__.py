"""Every write of tickets."""

from guanxi.tickets.services.ending import (
    close_settled,
    close_ticket,
    reopen_ticket,
    solve_ticket,
    tick_step,
    wait_for_customer,
)
from guanxi.tickets.services.hooks import (
    before_archive,
    begin_ticket,
    check_ticket,
    fill_ticket,
)
from guanxi.tickets.services.joining import link_ticket, merge_ticket, split_ticket
from guanxi.tickets.services.owning import assign_ticket, declare_emergency, take_ticket
from guanxi.tickets.services.papers import download_file
from guanxi.tickets.services.routing import drain_backlog
from guanxi.tickets.services.shifts import change_shift
from guanxi.tickets.services.talking import hear_customer, note_on_ticket, reply_to_ticket
from guanxi.tickets.services.timing import follow_moved

__all__ = [
    "assign_ticket",
    "before_archive",
    "begin_ticket",
    "change_shift",
    "check_ticket",
    "close_settled",
    "close_ticket",
    "declare_emergency",
    "download_file",
    "drain_backlog",
    "fill_ticket",
    "follow_moved",
    "hear_customer",
    "link_ticket",
    "merge_ticket",
    "note_on_ticket",
    "reopen_ticket",
    "reply_to_ticket",
    "solve_ticket",
    "split_ticket",
    "take_ticket",
    "tick_step",
    "wait_for_customer",
]
