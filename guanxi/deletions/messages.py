"""The words of this domain's refusals."""

from django.utils.translation import gettext_lazy as _

ASKED_ALREADY = _("Its deletion has been asked for already.")
REFERRED_TO = _("Other records refer to it, so it stays.")
NOBODY_CONFIRMS = _("Nobody else may confirm deletions. Ask an administrator to name somebody.")
NOT_CONFIRMED = _("Only the IT department confirms a deletion.")
CHANGED = _("It was changed just now. Look at it again.")
ENDED = _("This deletion is not in the bin any more.")
