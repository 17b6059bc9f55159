"""The words of this part's refusals."""

from django.utils.translation import gettext_lazy as _

NOTHING_CHECKED = _("Say of at least one value whether it is right.")
SAY_WHAT = _("Say what is wrong.")
OWN_ENTRY = _("Somebody else checks what you entered yourself.")
CHECKED = _("This entry is checked already.")
NOT_KEY = _("This value does not count as key; it is not compared.")
BOUNDS = _("At most is not less than at least.")
