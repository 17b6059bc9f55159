"""The words of this domain's refusals, apart so that rules stay free of Django."""

from django.utils.translation import gettext_lazy as _

NOT_LIVE = _("This ticket is settled; open it again first.")
NOT_SOLVED = _("Only a solved ticket can be closed.")
LIVE_ALREADY = _("This ticket is still open.")
MERGED = _("This ticket was merged into another one.")
TOO_LATE = _("It was solved more than seven days ago: write a new ticket, which follows this one.")
STEPS_MISSING = _("The standard process is not complete: %(steps)s.")
NOTHING_SAID = _("Write something first.")
FORBIDDEN_WORDING = _(
    "“%(phrase)s” should not be said to a customer. %(instead)s"
    " Change it, or confirm that it stays."
)
SAME_TICKET = _("Choose another ticket.")
OTHER_CUSTOMER = _("The two tickets are of different customers.")
OF_ANOTHER = _("This contact belongs to another customer.")
NOT_FREE = _("This person has as many tickets as they can take.")
TAKEN_ALREADY = _("Somebody has this ticket already.")
EMERGENCY_ALREADY = _("This is an emergency already.")
STAYS_EMERGENCY = _("An emergency is declared by its own step, and stays one.")
