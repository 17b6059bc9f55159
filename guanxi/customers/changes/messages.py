"""The words of this part's refusals."""

from django.utils.translation import gettext_lazy as _

NOTHING_ASKED = _("Change at least one value.")
OTHER_FILE = _("The evidence is a file of the same customer.")
BY_REQUEST = _("“%(label)s” changes by request: choose “Ask for a change”.")
CLOSED = _("This change request is closed.")
NOT_YOURS = _("Only the person who asked can change the request.")
