"""The words of this part's refusals, apart so that rules stay free of Django."""

from django.utils.translation import gettext_lazy as _

ONE_RECEIVER = _("Choose one person, one team or one department.")
OVER_ALREADY = _("The end lies in the past.")
ENDS_FIRST = _("The end must lie after the beginning.")
NOT_ONESELF = _("Nobody stands in for themselves.")
OWNER_ALREADY = _("This person owns the customer already.")
INACTIVE_PERSON = _("This person is no longer active.")
TOO_MANY_SHARES = _(
    "%(most)s records are shared with this receiver already. Hand customers over instead, "
    "or name a substitute."
)
IN_NO_POOL = _("This customer lies in no pool.")
CLAIMED_ALREADY = _("Somebody else was quicker: this customer has been claimed already.")
COOLING_DOWN = _(
    "You were the last owner. You may claim this customer again from %(day)s, others may now."
)
LOCKED = _("This customer is locked until %(day)s.")
NO_CLAIMS_LEFT = _("You have claimed as many customers today as you may (%(most)s).")
NO_VIEWS_LEFT = _("You have opened as many customers of pools today as you may (%(most)s).")
BOOK_FULL = _("%(name)s has as many customers as one person may have (%(most)s).")
TIER_FULL = _("%(name)s has as many customers of this tier as one person may have (%(most)s).")
IN_POOL_ALREADY = _("This customer lies in a pool already.")
BAD_TIER_CAPS = _("Caps per tier are numbers by tier, such as core = 20.")
NEEDS_CONDITION = _("A rule in force needs a condition: without one it matches nobody.")
NEEDS_DATE_FIELD = _("Choose a date field of customers.")
BAD_DAYS = _("Between 1 and 3650 days.")
WARNS_TOO_EARLY = _("The warning must come after the counting has begun.")
NOT_DONE = _("Only a night that is done can be taken back, and only once.")
BEGUN_ALREADY = _("This hand-over has begun: it is not changed any more.")
NOT_TO_ONESELF = _("Nobody receives their own book.")
NO_RECEIVER = _("Choose at least one active colleague to receive the book.")
NOT_HANDED_OVER = _("Only a hand-over that is done can be taken back, and only once.")
