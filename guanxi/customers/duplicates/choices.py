"""The words for why two customers look like one."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.customers.duplicates.matching import Reason
from guanxi.kernel.errors import Message

REASONS: Final[Mapping[Reason, Message]] = {
    Reason.CODE: _("same credit code"),
    Reason.NAME: _("same name"),
    Reason.NAME_ALIKE: _("similar name"),
    Reason.SHORT_NAME: _("same short name"),
    Reason.BRANCH: _("another branch or town"),
    Reason.PHONE: _("same phone"),
    Reason.CONTACT: _("same contact person"),
    Reason.EMAIL: _("same e-mail address"),
    Reason.DOMAIN: _("same e-mail domain"),
    Reason.ADDRESS: _("same address"),
}
