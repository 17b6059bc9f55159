"""The words of this domain's refusals, apart so that rules stay free of Django."""

from django.utils.translation import gettext_lazy as _

BAD_CURRENCY = _("A currency is three letters, such as CNY.")
BAD_INFLUENCE = _("Influence lies between 1 and 5.")
NEGATIVE = _("This cannot be negative.")
OTHER_CUSTOMER = _("The superior belongs to another customer.")
OWN_SUPERIOR = _("A contact cannot be their own superior, not even through others.")
SAME_OWNER = _("This person owns the customer already.")
INACTIVE_OWNER = _("This person is no longer active.")
BAD_KIND = _("Choose what kind of file this is.")
BAD_YEAR = _("The year must lie between 1900 and 2200.")
NOT_OF_CUSTOMER = _("This belongs to another customer.")
OF_A_POOL = _("This customer lies in a pool: assign it instead.")
