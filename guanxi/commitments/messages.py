"""The words of this domain's refusals, apart so that rules stay free of Django."""

from django.utils.translation import gettext_lazy as _

TO_WHOM = _("Say to which customer this was promised.")
WHY_LATER = _("Say what was agreed with the customer: a promise moves only with a reason.")
AGREE_FIRST = _("A promised time changes by “Reschedule”, with what was agreed with the customer.")
STAYS_A_PROMISE = _("A promise stays one: keep it, or drop it and tell the customer.")
SETTLED = _("This is settled already; open it again first.")
NO_OWNER = _("Say who is to do it.")
NOT_OPEN = _("This is not open any more.")
NOT_UNTOLD = _("The customer is told when the work is done.")
OPEN_ALREADY = _("This is still open.")
HOW_TOLD = _("Write how and when the customer was told.")
TELL_BEFORE_DROPPING = _("Tell the customer first, and write how.")
TELL_BEFORE_ARCHIVING = _("Keep the promise or drop it first; then it can be archived.")
NO_SOURCE = _("There is no such record.")
HALF_A_SOURCE = _("A source is a kind of record and an id.")
BAD_EVERY = _("A round lasts between 1 and 366 of its units.")
WHICH_CUSTOMERS = _("Say which customers it is about before it is put in force.")
