"""What the frame of every page needs; made only when a page has a frame."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from guanxi.kernel.actor import ANONYMOUS, Actor
from guanxi.surfaces import bells, brand
from guanxi.surfaces.html import navigation, system
from guanxi.surfaces.html.requests import now

THEMES = ("auto", "light", "dark")


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of the pages."""
    return {"frame": SimpleLazyObject(lambda: build_frame(request))}


def build_frame(request: HttpRequest) -> dict[str, Any]:
    """Navigation, person, preferences, messages and words for the scripts."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    company = brand.current()
    theme = _theme(request, actor)
    shared = {
        "lang": get_language() or "zh-hans",
        "theme": theme,
        "kit_theme": "dark" if theme == "dark" else "light",
        "nav_state": "folded" if request.COOKIES.get("gx_nav") == "folded" else "open",
        "density": "dense" if request.COOKIES.get("gx_density") == "dense" else "normal",
        "company": company.name or gettext("Guanxi"),
        "logo": company.logo_url or static("guanxi/img/seal.svg"),
        "brand_css": company.css_url,
        "notes": [_note(message) for message in get_messages(request)],
        "live_url": settings.LIVE_URL,
        "preference_url": reverse("preferences"),
        "other_locale": _other_locale(),
        "words": words(get_language() or ""),
    }
    return shared if actor.user_id is None else {**shared, **_personal(request, actor)}


def _personal(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    user = request.user
    locale, shows = get_language() or "", frozenset(actor.grants)
    return {
        "alarms": system.alarm_words(actor, now()),
        **_ways(_Standing(shows, locale, navigation.section(request.path), actor)),
        "at_home": request.path == "/",
        **_messages(request, actor),
        "at_me": any(request.path.startswith(page["url"]) for page in _own_pages()),
        "help_url": reverse("shortcuts"),
        "search_url": reverse("search"),
        "palette_url": reverse("palette"),
        "sign_out_url": reverse("account_logout"),
        "themes": _themes(),
        "person": {
            "id": actor.user_id,
            "name": actor.label,
            "initial": actor.label[:1],
            "line": getattr(user, "title", "") or getattr(user, "username", ""),
            "links": _own_pages(),
        },
    }


def _messages(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """The way to what one is told, with how much waits; without a bell, to what one follows."""
    bell, following = bells.the_bell(), reverse("following")
    url = bell.url if bell else following
    return {
        "messages_url": url,
        "at_messages": request.path in {url, following},
        "bell_topic": bell.topic(actor) if bell else "",
        "bell_count": bells.as_count(bell.count(actor, now())) if bell else "",
    }


@dataclass(frozen=True)
class _Standing:
    """Where a reader stands: whoever may do the same sees the same ways from there."""

    grants: frozenset[str]
    locale: str
    section: str
    actor: Actor = field(compare=False)


@lru_cache(maxsize=1024)
def _ways(standing: _Standing) -> dict[str, Any]:
    """The ways from a page as markup: the same on every page of a section."""
    groups = navigation.navigation(standing.actor, standing.section)
    context = {"nav": groups, "create": navigation.creatable(standing.actor)}
    return {
        "main_list": next((group.items[0] for group in groups[1:]), None),
        "can_create": bool(context["create"]),
        "side_list": render_to_string("surfaces/components/side_list.html", context),
        "menu_list": render_to_string("surfaces/components/menu_list.html", context),
        "create_list": render_to_string("surfaces/components/create_list.html", context),
    }


def _theme(request: HttpRequest, actor: Actor) -> str:
    chosen = request.COOKIES.get("gx_theme", "")
    if actor.user_id is not None:
        chosen = getattr(request.user, "theme", chosen)
    return chosen if chosen in THEMES else "auto"


def _themes() -> list[dict[str, str]]:
    return [
        {"value": "auto", "label": gettext("As the device"), "icon": "monitor"},
        {"value": "light", "label": gettext("Light"), "icon": "sun"},
        {"value": "dark", "label": gettext("Dark"), "icon": "moon"},
    ]


def _other_locale() -> dict[str, str]:
    if (get_language() or "").startswith("en"):
        return {"value": "zh-hans", "label": "简体中文"}
    return {"value": "en", "label": "English"}


def _own_pages() -> list[dict[str, str]]:
    """The person's own pages; most of them the people domain names."""
    known = (
        ("people:profile", gettext("My account"), "user"),
        ("people:sessions", gettext("Devices and sessions"), "monitor"),
        ("people:tokens", gettext("API tokens"), "key"),
        ("notification-wishes", gettext("Notification settings"), "bell"),
        ("drafts", gettext("Drafts"), "pencil"),
    )
    found = []
    for name, label, icon in known:
        try:
            found.append({"url": reverse(name), "label": label, "icon": icon})
        except NoReverseMatch:
            continue
    return found


def _note(message: Any) -> dict[str, Any]:
    """A message with the way back that its tags carry."""
    tags = (message.extra_tags or "").split()
    return {
        "text": str(message),
        "failed": "failed" in tags or message.level_tag == "error",
        "saved": "saved" in tags,
        "undo_url": tags[tags.index("undo") + 1] if "undo" in tags[:-1] else "",
    }


def _helper(path: str) -> str:
    """A file that only makes a form easier: where set-up has not fetched it, pages do without."""
    try:
        return static(path)
    except ValueError:
        return ""


@lru_cache(maxsize=8)
def words(locale: str) -> SafeString:
    """What the scripts say, in the reader's language, and where their helpers lie."""
    del locale  # Part of the key only.
    said = {
        "undo": gettext("Undo"),
        "open": gettext("Open"),
        "copied": gettext("Copied"),
        "copy_failed": gettext("This browser does not allow copying."),
        "just_now": gettext("just now"),
        "offline": gettext("No connection. What you typed is kept; try again in a moment."),
        "failed": gettext("That did not work (%(code)s). Try again, or reload the page."),
        "draft_kept": gettext("Draft kept %(at)s"),
        "draft_too_long": gettext("Too long to be kept as a draft"),
        "draft_waits": gettext("The draft is not kept yet; it will be tried again."),
        "draft_ended": gettext("You have been signed out. What you typed is kept."),
        "draft_sign_in": gettext("Sign in and go on"),
        "draft_old_page": gettext("You have signed in anew meanwhile. What you typed is kept."),
        "draft_reopen": gettext("Open it again"),
        "editing": gettext("%(names)s is editing"),
        "editing_several": gettext("%(names)s are editing"),
        "unsaved_title": gettext("You have unsaved changes"),
        "unsaved_text": gettext("Leave this page?"),
        "unsaved_stay": gettext("Stay"),
        "unsaved_keep": gettext("Leave, keep the draft"),
        "unsaved_drop": gettext("Discard the changes"),
        "step_needs": gettext("Still needed for this step:"),
        "comma": gettext(", "),
        "use_typed": gettext("Use “%(text)s”"),
        "nothing_found": gettext("Nothing found"),
        "changed_by": gettext("%(name)s has just changed this."),
        "changed_elsewhere": gettext("This has just been changed elsewhere."),
        "reload": gettext("Reload"),
    }
    assets = {
        "tom_select": static("vendor/tom-select/tom-select.min.js"),
        "tom_select_css": static("vendor/tom-select/tom-select.min.css"),
        "sortable": static("vendor/sortable/sortable.min.js"),
        "areas": _helper("vendor/area-data/area-data.js"),
    }
    return json_script({**said, "assets": assets}, "gx-words")
