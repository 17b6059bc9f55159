"""The customer's page as a whole: header, facts, timeline with composer, what belongs to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.customers.choices import Channel, Direction
from guanxi.customers.page import markup
from guanxi.customers.page.related import Related
from guanxi.customers.page.timeline import Shown, Story
from guanxi.customers.queries import OpenedId, covers
from guanxi.customers.timeline import Wanted
from guanxi.kernel.html import format_html_join
from guanxi.surfaces.drafts import TALK
from guanxi.surfaces.html import facts, record_verbs
from guanxi.surfaces.html.drafts import FormDraft
from guanxi.surfaces.html.record_verbs import Verb
from guanxi.surfaces.html.records import RecordPage
from guanxi.surfaces.records import get_record_type

LEAD: Final = ("owner", "next_contact_at", "last_contact_at", "total_minor")
IN_HEADER: Final = frozenset({"name", "number", "tags"})


@dataclass
class Composer:
    """The line in which a talk is written down."""

    url: str
    contacts: Sequence[tuple[str, str]]
    draft: FormDraft
    days: Sequence[tuple[str, str]]
    given: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()

    @cached_property
    def values(self) -> Mapping[str, str]:
        """What stands in it: what was refused, what was typed before, or nothing yet."""
        return self.draft.values_or(self.given)

    @property
    def channels(self) -> SafeString:
        """The channels, with the one that is chosen."""
        return _options(Channel.choices, self.values.get("channel") or Channel.PHONE)

    @property
    def directions(self) -> SafeString:
        """Who began the talk."""
        return _options(Direction.choices, self.values.get("direction") or Direction.OUT)

    @property
    def people(self) -> SafeString:
        """With whom."""
        return _options(self.contacts, self.values.get("contact", ""))


def _options(pairs: Iterable[tuple[str, Any]], chosen: str) -> SafeString:
    rows = ((value, " selected" if value == chosen else "", label) for value, label in pairs)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@dataclass(frozen=True)
class FactBlock:
    """A section of facts, what is known first and what is not yet folded away."""

    key: str
    label: str
    known: Sequence[facts.Fact]
    blank: Sequence[facts.Fact]
    is_open: bool

    @property
    def known_html(self) -> SafeString:
        """What is known, as markup."""
        return markup.facts(self.known)

    @property
    def blank_html(self) -> SafeString:
        """What is not filled in, as markup."""
        # A blank field's past is in the record's history; a button each would only weigh.
        return markup.facts(replace(fact, history_url="") for fact in self.blank)


class CustomerPage(RecordPage):
    """What the customer's template shows."""

    def __init__(self, request: HttpRequest, pk: int) -> None:
        super().__init__(request, get_record_type("customers.customer"), pk)
        self.values = self.row.values
        self.opened = OpenedId(pk, is_by_share=self.row.is_opened)

    # Header -------------------------------------------------------------------------------------
    @property
    def tier(self) -> Any:
        """Shape and word of the tier."""
        return self.formatter.html(self.listing.fields["tier"], self.values["tier"])

    @property
    def stage(self) -> str:
        """Where the relationship stands."""
        return self.formatter.choice(self.listing.fields["stage"], self.values["stage"])

    @property
    def tags(self) -> list[dict[str, Any]]:
        """The customer's tags."""
        return list(self.values.get("tags") or [])

    @property
    def disturb_rule(self) -> str:
        """What to mind before contacting, blank when one may."""
        if not self.values.get("is_do_not_disturb"):
            return ""
        return self.values.get("do_not_disturb_rule") or gettext("Do not disturb")

    @property
    def lead(self) -> list[facts.Fact]:
        """The few facts in the header."""
        return [self._lead(name) for name in LEAD if name in self.listing.fields]

    def _lead(self, name: str) -> facts.Fact:
        field = self.listing.fields[name]
        fact = facts.one_fact(self.type, self.row, field, self.formatter, can_change=False)
        moment = self.values.get(name)
        if name == "last_contact_at" and moment:
            return replace(fact, html=self.formatter.when(moment))
        return fact

    @property
    def verbs(self) -> list[Verb]:
        """Log a talk, edit."""
        found = []
        if self.can_log:
            found.append(
                Verb(gettext("Log a talk"), "#talk-text", "message-circle", primary=True, key="l")
            )
        return [*found, *record_verbs.main(self)]

    @property
    def more(self) -> list[Verb]:
        """Transfer, merge, follow, copy, print, history, archive."""
        merging = []
        if self.actor.can("customers.merge") and not self.row.archived_at:
            merging.append(Verb(gettext("Merge with another"), f"{self.url}merge/", "link"))
        return merging + [
            replace(verb, url=f"{self.url}print/", print=False) if verb.print else verb
            for verb in record_verbs.more(self)
        ]

    @cached_property
    def can_log(self) -> bool:
        """Whether the reader may write talk down here."""
        return not self.row.archived_at and covers("interactions.create", self.opened, self.actor)

    # Facts --------------------------------------------------------------------------------------
    @cached_property
    def blocks(self) -> list[FactBlock]:
        """The sections, without what the header says already."""
        return [_block(section) for section in self.sections]

    # Timeline -----------------------------------------------------------------------------------
    def story(self, wanted: Wanted) -> Shown:
        """A page of the timeline."""
        return Story(self.opened, self.actor, self.formatter).show(wanted)

    @cached_property
    def related(self) -> Related:
        """What belongs to the customer."""
        return Related(self.opened, self.actor, self.formatter)

    def composer(
        self, values: Mapping[str, str] | None = None, errors: Sequence[str] = ()
    ) -> Composer | None:
        """The composer, holding what was typed when something in it was refused."""
        if not self.can_log:
            return None
        preferred = str(self.values.get("preferred_channel") or "")
        return Composer(
            url=f"{self.url}log/",
            contacts=[(str(c.pk), c.name) for c in self.related.contacts],
            draft=FormDraft(self.request, self.type, self.id, TALK, is_new=not errors),
            days=self.days,
            given=values or {"channel": preferred},
            errors=errors,
        )

    @property
    def next_day(self) -> str:
        """The day of the next contact, as a date control holds it."""
        moment = self.values.get("next_contact_at")
        return moment.astimezone(self.formatter.zone).date().isoformat() if moment else ""

    @property
    def days(self) -> list[tuple[str, str]]:
        """Days that are often agreed on."""
        today = self.formatter.today
        labels = {
            1: gettext("tomorrow"),
            3: gettext("in three days"),
            7: gettext("in a week"),
            30: gettext("in a month"),
        }
        return [((today + timedelta(days=n)).isoformat(), label) for n, label in labels.items()]


def _block(section: facts.FactSection) -> FactBlock:
    shown = [fact for fact in section.facts if fact.name not in IN_HEADER]
    return FactBlock(
        section.key,
        section.label,
        [fact for fact in shown if fact.html],
        [fact for fact in shown if not fact.html],
        section.is_open,
    )
