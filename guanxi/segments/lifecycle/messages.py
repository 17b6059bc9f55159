"""The words of refusals about the lifecycle."""

from django.utils.translation import gettext_lazy as _

BAD_BOUNDS = _("The lower limit lies above the upper one.")
NO_STAGES = _("There is no lifecycle stage with a rule: put them in first.")
RUN_ALREADY = _("The stages of this day are there already.")
RUN_IN_EFFECT = _("A run that is being put in effect cannot be discarded.")
CLOSED = _("This warning is closed.")
IN_HAND = _("This warning is in hand already.")
LEFT_ALONE = _("Drawn for the control group: left alone, so that the effect can be told.")
BAD_PERCENT = _("A control group is at most 50 of a hundred.")
SAY_PLAY = _("Say what is done.")
NOT_SAID = _("That a customer bought again is found in the orders.")
