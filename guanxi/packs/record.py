"""The page of the packs in the settings."""

from django.utils.translation import gettext_lazy as _

from guanxi.packs.access import VIEW_PACKS
from guanxi.surfaces.html.navigation import Page, declare_page

declare_page(Page(_("Standard packs"), "/packs/", "download", VIEW_PACKS))
