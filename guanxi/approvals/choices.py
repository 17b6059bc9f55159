"""The words that approvals choose from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    """How many of a step's approvers must agree."""

    ALL = "all", _("All sign")
    ANY = "any", _("Any one signs")


class RequestState(models.TextChoices):
    """Where a request stands."""

    OPEN = "open", _("Under approval")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SeatKind(models.TextChoices):
    """Who is meant by an approver of a flow."""

    HEAD = "head", _("Head of the department")
    ROLE = "role", _("Role")
    PERSON = "person", _("Named person")


class SeatState(models.TextChoices):
    """What became of an approver's part."""

    LATER = "later", _("Not yet asked")
    ASKED = "asked", _("Waiting to sign")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    RETURNED = "returned", _("Returned")
    SPARED = "spared", _("Not needed")
    VOID = "void", _("Void")


class Act(models.TextChoices):
    """What may be done to a request."""

    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")
    RETURN = "return", _("Send back")
    TRANSFER = "transfer", _("Transfer")
    ADD_SIGNER = "add_signer", _("Add a signer")
    WITHDRAW = "withdraw", _("Withdraw")
    RESUBMIT = "resubmit", _("Submit again")
