"""The words of this domain's refusals."""

from django.utils.translation import gettext_lazy as _

BAD_HOURS = _("Write hours like 09:00-12:00 13:00-18:00; they may not overlap.")
NO_SUCH_ZONE = _("There is no such time zone; an example is Asia/Shanghai.")
BAD_NOTICE_ROW = _(
    "Row %(number)s cannot be read: “%(text)s”. Write 2027-01-01,holiday,元旦 with each date of "
    "the year once."
)
EMPTY_NOTICE = _("A notice has at least one date.")
PUBLISHED = _("A published notice is not changed any more. Make a new one for the year.")
ALREADY_PUBLISHED = _("Only a draft can be published.")
IN_FORCE = _("A notice in force cannot be archived. Publish another one for the year instead.")
NOT_PAUSABLE = _("This deadline is not paused for such a reason.")
TOO_LATE_TO_REOPEN = _("This was done more than seven days ago; make a new record instead.")
NEVER_DUE = _(
    "The calendar has no working hours in which this deadline could end. An administrator enters "
    "its hours under Settings, Calendars."
)
NO_SUCH_KIND = _("There is no such deadline.")
BAD_TARGET = _("The time allowed lies between one minute and five years.")
NO_MOMENT = _("This deadline leads up to nothing that days ahead could be counted from.")
BAD_LEVEL = _(
    "“%(line)s” cannot be read. Write one per line, such as: 80%% owner — +4h head, duty — "
    "-1d owner. Days go with working days, hours and minutes with working hours."
)
BAD_AUDIENCE = _("Choose a shared view of these records that has a filter.")
BAD_SHIFT = _("A shift ends after it begins.")
REHEARSE_FIRST = _(
    "Clocks run by this calendar. Rehearse first which of them would move, then put it in force."
)
NOT_IN_FORCE = _("The policy is not in force.")
NOT_BREACHED = _("Only a missed deadline can be excused.")
