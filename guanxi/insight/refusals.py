"""The reasons of `guanxi.numerics` in the reader's language."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.numerics.refusal import Refused

REASONS: Final = {
    "amounts_do_not_differ": _("all customers spend the same"),
    "margin_out_of_range": _("the margin must lie between 0 and 1"),
    "mean_spend_infinite": _("the amounts vary too much for a mean to exist (q is not above 1)"),
    "more_came_than_were": _("more were active in a period than in the one before"),
    "nobody_watched": _("nobody was watched"),
    "no_answers": _("there are no answers"),
    "no_maximum": _("no parameters fit these data"),
    "no_time_watched": _(
        "all customers bought on the last day only: nobody was watched afterwards"
    ),
    "nobody_or_all_left": _("either nobody left or everybody did at once"),
    "one_outcome_only": _("only one of the two outcomes occurs"),
    "rates_do_not_differ": _("the customers do not differ in how often they buy"),
    "too_few_customers": _("%(count)s customers are too few; at least %(least)s are needed"),
    "too_few_periods": _("at least two periods are needed"),
    "too_few_repeats": _("%(count)s repeated purchases are too few; at least %(least)s are needed"),
    "too_few_spenders": _(
        "%(count)s customers with repeated purchases that cost something are too few; "
        "at least %(least)s are needed"
    ),
    "bad_shares": _("the shares must be above 0 and together below 100"),
    "answers_do_not_differ": _("all answers to a question are the same"),
    "diagonal_not_one": _("the diagonal must be 1 (row %(row)s)"),
    "judgement_not_positive": _("a judgement must be greater than 0"),
    "judgements_not_connected": _("the judgements do not link all items with each other"),
    "matrix_too_large": _("at most %(limit)s items can be compared, the matrix has %(size)s"),
    "negative_for_sum_scaling": _("negative values cannot be scaled by their sum; use minmax"),
    "negative_weight": _("a weight or score is negative or missing"),
    "no_purchases": _("there is no purchase until that day"),
    "not_reciprocal": _("the judgement is not the reciprocal of its counterpart"),
    "not_square": _("the matrix has %(rows)s rows and %(columns)s columns; it must be square"),
    "nothing_given": _("row %(row)s gives no weight to anything"),
    "sizes_differ": _("the matrices are not of one size"),
    "thresholds_not_falling": _("the thresholds must fall from the best class downwards"),
    "too_few_bins": _("at least 2 scores are needed, not %(bins)s"),
    "too_few_items": _("at least two questions and two answers are needed"),
    "too_few_of_one_outcome": _(
        "one outcome has %(count)s rows only; at least %(least)s are needed"
    ),
    "too_few_rows": _("%(count)s rows are too few; at least %(least)s are needed"),
    "too_short_a_log": _("the orders do not reach back far enough (%(days)s days)"),
    "unknown_scaling": _("there is no scaling called %(how)s"),
    "weights_exclude_each_other": _("what one source weighs, another sets to 0"),
}


def reason(refused: Refused) -> str:
    """Why, as a sentence."""
    return str(REASONS[refused.code]) % refused.params
