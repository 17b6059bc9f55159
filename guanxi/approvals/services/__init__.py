"""Every write of approvals."""

from guanxi.approvals.services.asking import (
    request_approval,
    resubmit_request,
    withdraw_request,
    withdraw_subject,
)
from guanxi.approvals.services.deciding import approve_request, reject_request, return_request
from guanxi.approvals.services.flows import check_flow, check_step, flow_saved, step_saved
from guanxi.approvals.services.moving import open_request, renew_request
from guanxi.approvals.services.seats import add_signer, reseat_request, transfer_seat

__all__ = [
    "add_signer",
    "approve_request",
    "check_flow",
    "check_step",
    "flow_saved",
    "open_request",
    "reject_request",
    "renew_request",
    "request_approval",
    "reseat_request",
    "resubmit_request",
    "return_request",
    "step_saved",
    "transfer_seat",
    "withdraw_request",
    "withdraw_subject",
]
