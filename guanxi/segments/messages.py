"""The words of this domain's refusals, apart so that rules stay free of Django."""

from django.utils.translation import gettext_lazy as _

BAD_MONTHS = _("The window is between 1 and 60 months.")
BAD_CUTS = _("Name the upper tiers with a number each, such as core = 10; 3 to 5 tiers in all.")
BAD_SHARES = _("The shares of the upper tiers are above 0 and together below 100.")
BAD_SCORES = _("Scores lie between 0 and 100 and fall from tier to tier.")
BAD_RFM_CUTS = _("RFM thresholds are four rising numbers for recency, frequency or amount.")
BAD_JUDGEMENTS = _("A judgement compares two measures, such as amount/frequency = 3, or 1/3.")
NO_WEIGHT = _("At least one indicator needs a weight.")
NO_INDICATORS = _("Give the model at least one indicator before it is put in force.")
UNKNOWN_METRIC = _("There is no such measure.")
BAD_WEIGHT = _("A weight lies between 0 and 1000.")
BAD_RANGE = _("Scores lie between 1 and 5, the lower one first.")
FUTURE_DAY = _("A day is rated when it is over.")
RATED_ALREADY = _("This day is rated already: discard that rating first.")
NOT_COMPUTED = _("Only a computed rating can be submitted.")
NOT_DISCARDABLE = _("A rating that is under approval or in effect cannot be discarded.")
NO_MODEL = _("There is no value model in force.")
INCONSISTENT = _(
    "The judgements contradict each other (CR %(cr)s, at most 0.10). Look at: %(worst)s"
)
NO_CUSTOMERS = _("There is no customer to rate.")
OTHERS_RATE = _("Another rating is being computed; this one is begun again in a while.")
