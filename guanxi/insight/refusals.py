"""The reasons of `guanxi.numerics` in the reader's language."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.numerics.refusal import Refused

REASONS: Final = {
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
    "too_few_bins": _("at least 2 scores are needed, not %(bins)s"),
    "weights_exclude_each_other": _("what one source weighs, another sets to 0"),
}


def reason(refused: Refused) -> str:
    """Why, as a sentence."""
    return str(REASONS[refused.code]) % refused.params
