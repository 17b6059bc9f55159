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
