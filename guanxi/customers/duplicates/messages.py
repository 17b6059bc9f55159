"""The words of refusals and notes of this part."""

from django.utils.translation import gettext_lazy as _

IN_CARE = _("looked after by a colleague")
IN_NO_CARE = _("in nobody's care")
ASKED_ALREADY = _("You have asked already; the answer is still to come.")
ANSWERED_ALREADY = _("This has been answered already.")
MANY_LOOKED_UP = _("You have looked up many customers of colleagues; try again in a few minutes.")
