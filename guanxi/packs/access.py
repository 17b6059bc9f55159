"""Who may see what a pack would do, and apply it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access import declare_permission

VIEW_PACKS: Final = declare_permission("packs.view", _("See standard packs"))
APPLY_PACKS: Final = declare_permission("packs.apply", _("Apply standard packs"))
