"""Rights over the installation itself."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import declare_permission

VIEW_SYSTEM: Final = declare_permission(
    "system.view", _("See the state of the installation and its backups")
)
