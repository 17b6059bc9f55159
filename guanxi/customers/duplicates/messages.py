"""The words of refusals and notes of this part."""

from django.utils.translation import gettext_lazy as _

SAME_CUSTOMER = _("Choose another customer.")
MERGED_ALREADY = _("This customer has been merged into another one.")
ARCHIVED = _("Bring an archived customer back before you merge it.")
NOT_UNDOABLE = _("A merge can be taken back within 30 days.")
UNDONE_ALREADY = _("This merge has been taken back already.")
LATER_MERGE = _("The customer has been merged on; take that merge back first.")
SAME_PERSON = _("You confirmed this pair already; a second person has to.")
DECIDED = _("This pair has been decided already.")
OTHER_CHOICE = _("The first person chose the other customer to stay; agree, or say no duplicate.")
IN_CARE = _("looked after by a colleague")
IN_POOL = _("in a public pool")
PROTECTED = _("looked after by a colleague, protected")
IN_NO_CARE = _("in nobody's care")
ASKED_ALREADY = _("You have asked already; the answer is still to come.")
ANSWERED_ALREADY = _("This has been answered already.")
MANY_LOOKED_UP = _("You have looked up many customers of colleagues; try again in a few minutes.")
