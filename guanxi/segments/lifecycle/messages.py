"""The words of refusals about the lifecycle."""

from django.utils.translation import gettext_lazy as _

BAD_BOUNDS = _("The lower limit lies above the upper one.")
NO_STAGES = _("There is no lifecycle stage with a rule: put them in first.")
RUN_ALREADY = _("The stages of this day are there already.")
RUN_IN_EFFECT = _("A run that is being put in effect cannot be discarded.")
