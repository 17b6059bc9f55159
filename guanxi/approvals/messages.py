"""The words of this domain's refusals."""

from django.utils.translation import gettext_lazy as _

CLOSED = _("This request is closed: %(state)s.")
NOT_NOW = _("This cannot be done while the request is: %(state)s.")
DECIDED_ALREADY = _("Somebody has decided this meanwhile.")
OWN_REQUEST = _("Whoever asks for an approval does not decide it, not even for somebody else.")
CONCERNED = _("Whoever is concerned by a request does not decide it, not even for somebody else.")
TWICE = _("This person has signed already; the flow wants different people.")
COMMENT_MISSING = _("Say why.")
NOBODY_DECIDES = _("Nobody can decide the step “%(step)s”. Name a head or another approver first.")
NO_FLOW = _("No approval flow fits this record.")
NO_STEPS = _("The approval flow has no step yet.")
ASKED_ALREADY = _("An approval of this record is already under way.")
NOT_APPROVER = _("This person may not decide approvals.")
SEATED_ALREADY = _("This person is already asked in this step.")
NO_SUCH_STEP = _("There is no such earlier step.")
WHOSE = _("Say whose part is transferred.")
NOT_REQUESTER = _("Only the person who asked can do this.")
NO_CONDITION = _("Say which records the flow is for, or that it is for all.")
BAD_AUDIENCE = _("Choose a shared view of the same record type that has a condition.")
NO_APPROVER = _("Name the head, a role or a person.")
NO_SUCH_APPROVER = _("There is no role or user “%(name)s”.")
