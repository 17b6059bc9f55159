"""Where one can go: the record types that the reader may see, and the pages beside them."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.surfaces.records import RecordType, record_types


@dataclass(frozen=True)
class Item:
    """One line of the navigation."""

    label: str
    url: str
    icon: str
    current: bool = False


@dataclass(frozen=True)
class Group:
    """Lines under a heading."""

    label: str
    items: list[Item]


@dataclass(frozen=True)
class Page:
    """A page of a domain's own, shown to whoever holds its permission."""

    label: Any
    url: str
    icon: str
    permission: str
    group: str = "settings"


#: The headings under which lists and pages stand; `nav_group` and `Page.group` name one.
GROUPS: Final = {
    "desk": "",
    "customers": _("Customers"),
    "service": _("Service"),
    "analysis": _("Analysis"),
    "files": _("Files in and out"),
    "settings": _("Settings"),
}
_pages: list[Page] = []


def declare_page(page: Page) -> None:
    """Add a page of a domain below the lists of its group."""
    _pages.append(page)


def navigation(actor: Actor, path: str) -> list[Group]:
    """The navigation of this reader; only what the reader may use."""
    desk = Item(gettext("Desk"), "/", "home", current=path == "/")
    found: dict[str, list[Item]] = {group: [] for group in GROUPS} | {
        "desk": [desk],
        "files": _files(actor, path),
    }
    for record_type in record_types():
        if record_type.nav_group and actor.can(record_type.allows("view")):
            found[record_type.nav_group].append(_item(record_type, path))
    for page in _pages:
        if actor.can(page.permission):
            found[page.group].append(_page(page, path))
    return [Group(str(GROUPS[name]), items) for name, items in found.items() if items]


def section(path: str) -> str:
    """The address of the navigation to which a page belongs, or the page's own."""
    return next((url for url in _sections() if path.startswith(url)), "/" if path == "/" else "")


@cache
def _sections() -> tuple[str, ...]:
    lists = [f"/{t.plural}/" for t in record_types() if t.nav_group]
    return (*lists, *(page.url for page in _pages), "/imports/", "/exports/")


def _item(record_type: RecordType, path: str) -> Item:
    url = f"/{record_type.plural}/"
    return Item(str(record_type.label_plural), url, record_type.icon, path.startswith(url))


def _page(page: Page, path: str) -> Item:
    return Item(str(page.label), page.url, page.icon, path.startswith(page.url))


def _files(actor: Actor, path: str) -> list[Item]:
    """Import and export, for those who may do either with anything."""
    items = []
    if any(t.is_importable and actor.can(t.allows("import")) for t in record_types()):
        items.append(Item(gettext("Imports"), "/imports/", "upload", path.startswith("/imports/")))
    if any(actor.can(t.allows("export")) for t in record_types()):
        items.append(
            Item(gettext("Exports"), "/exports/", "download", path.startswith("/exports/"))
        )
    return items


def creatable(actor: Actor) -> list[Item]:
    """What the reader may create, most used first."""
    found = [t for t in record_types() if t.is_creatable and actor.can(t.allows("create"))]
    return [
        Item(str(t.label), f"/{t.plural}/new/", t.icon) for t in found if t.nav_group != "settings"
    ]


def pages(actor: Actor) -> list[dict[str, Any]]:
    """Every page of the navigation as the palette offers it."""
    return [
        {"label": item.label, "url": item.url, "icon": item.icon}
        for group in navigation(actor, "")
        for item in group.items
    ]
