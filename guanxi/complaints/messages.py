"""The words of this domain's refusals, apart so that rules stay free of Django."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import Message

NOT_NOW = _("The complaint is not at this step.")
NEEDS: Final[Mapping[str, Message]] = {
    "handler": _("Say first who handles the complaint."),
    "apart": _("Whoever is concerned by a complaint does not decide on it."),
    "second": _("This takes a second person: not the one who handles the complaint."),
    "finding": _("Write down first what was found: an interview, records or an on-site check."),
    "legal": _("Legal has not approved the responsibility yet."),
    "remedy": _("Add at least one remedy first."),
    "carried_out": _("Not every remedy is carried out yet."),
    "told_plan": _("Tell the customer the solution and by when first."),
    "told": _("Tell the customer first that everything is done."),
    "answered": _(
        "Closing takes a visit at which the customer accepts, or three attempts to reach them."
    ),
    "ruling": _("Note first what the outside body decided."),
    "undecided": _("An approval is running: take it back first."),
}
SHARES = _("The shares of company, customer and third party make 100 %% together.")
THIRD_PARTY = _("Name the third party.")
DAYS = _("An investigation lasts at most 10 working days in all.")
TOO_LATE = _("The deadline is missed or met already; it cannot be moved.")
DETERMINED = _("Responsibility was determined on this; open the complaint again to change it.")
ANONYMOUS = _("An anonymous complaint names nobody.")
REPRESENTS = _("Say on whose behalf.")
WHO = _("Say who complains: a customer, or a name.")
NOT_ENDED = _("Only a complaint that is ended can be archived.")
OTHER_CONTACT = _("The contact is one of the same customer.")
NO_REMEDY = _("There is no such remedy to be carried out.")
IN_WRITING = _("Where the customer can turn to next is told in writing.")
NO_FILE = _("Choose a file.")
AMOUNT = _("An amount is not below zero.")
SHUT = _("This link has been used or is no longer valid.")
