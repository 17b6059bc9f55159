"""The timeline as the page shows it: pinned entries, days with their entries, ways to narrow it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.customers import timeline
from guanxi.customers.choices import Channel as TalkChannel
from guanxi.customers.events import FileAdded
from guanxi.customers.page.markup import EntryWriter
from guanxi.customers.page.sentences import Teller, Told, Words, talk_sentence, tell_run
from guanxi.customers.page.words import Change, FieldWords
from guanxi.customers.queries import OpenedId, covers
from guanxi.customers.timeline import Group, Moment, Talk, Timeline, Wanted
from guanxi.kernel.actor import Actor, Channel
from guanxi.kernel.errors import BadRequest
from guanxi.kernel.html import format_html_join
from guanxi.kernel.models import Event
from guanxi.surfaces.events import RecordArchived, RecordCreated
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.parsing import is_number

TALK: Final = "customers.interaction"
FILE: Final = "customers.attachment"
SHOWS: Final = ("", "talk", "changes", "orders", "files", "pinned")
_MARK = re.compile(r"(\d{1,17})\.(\d{1,18})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ICONS: Final[Mapping[str, str]] = {
    "phone": "phone",
    "wechat": "message-circle",
    "wecom": "message-circle",
    "email": "mail",
    "sms": "smartphone",
    "web_chat": "message-square",
    "web_form": "globe",
    "social": "megaphone",
    "face": "handshake",
    "customers.customer": "building",
    "customers.contact": "user",
    "customers.order": "package",
    "customers.payment": "wallet",
    FILE: "paperclip",
    TALK: "message-circle",
}


@dataclass
class Entry:
    """One entry of the timeline as the template shows it."""

    look: str
    icon: str
    actor: str
    sentence: Words
    at: datetime
    clock: str
    short: str
    full: str
    event_id: int | None = None
    text: str = ""
    source: str = ""
    changes: Sequence[Change] = ()
    next_contact: str = ""
    url: str = ""
    link: str = ""
    link_icon: str = ""
    took_place: str = ""
    is_pinned: bool = False
    is_gone: bool = False
    is_told_above: bool = False


@dataclass
class Day:
    """The entries of one day."""

    label: str
    writer: EntryWriter
    entries: list[Entry] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        """The entries as markup."""
        return format_html_join("", "{}", ((self.writer.write(e),) for e in self.entries))


@dataclass
class Choice:
    """One way to narrow the timeline."""

    label: str
    query: str
    is_current: bool


@dataclass
class Shown:
    """A page of the timeline with everything around it; its addresses are queries of the page's."""

    days: Sequence[Day]
    pinned: Sequence[Entry]
    choices: Sequence[Choice]
    wanted: Wanted
    more_query: str
    empty: str
    can_pin: bool
    writer: EntryWriter

    @property
    def pinned_html(self) -> SafeString:
        """The pinned entries as markup."""
        written = ((self.writer.write(entry, on_top=True),) for entry in self.pinned)
        return format_html_join("", "{}", written)

    @property
    def query(self) -> str:
        """What is shown now, from its beginning."""
        return as_query(replace(self.wanted, before=None))

    @property
    def filter_query(self) -> str:
        """The same with the form that narrows it."""
        return as_query(replace(self.wanted, before=None), filter="1")

    @property
    def clear_query(self) -> str:
        """The same without what narrows it."""
        return as_query(Wanted(show=self.wanted.show))

    @property
    def channels(self) -> list[tuple[str, str]]:
        """The channels of talk."""
        return [(value, str(label)) for value, label in TalkChannel.choices]

    @property
    def since(self) -> str:
        """The first day."""
        return self.wanted.since.isoformat() if self.wanted.since else ""

    @property
    def until(self) -> str:
        """The last day."""
        return self.wanted.until.isoformat() if self.wanted.until else ""


# What is asked for --------------------------------------------------------------------------------
def read_wanted(query: Mapping[str, str]) -> Wanted:
    """The narrowed timeline that an address asks for; a malformed part is refused."""
    show, channel = query.get("show", ""), query.get("channel", "")
    if show not in SHOWS or (channel and channel not in TalkChannel.values):
        raise _unreadable()
    person = query.get("by", "")
    if person and not is_number(person):
        raise _unreadable()
    return Wanted(
        show=show,
        channel=channel,
        person=int(person) if person else None,
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
        before=_mark(query.get("before", "")),
    )


def _unreadable() -> BadRequest:
    return BadRequest("bad_timeline", gettext("This part of the timeline cannot be shown."))


def _day(written: str) -> date | None:
    try:
        found = date.fromisoformat(written) if written else None
    except ValueError as error:
        raise _unreadable() from error
    if found is not None and not 1900 <= found.year <= 2200:
        raise _unreadable()
    return found


def _mark(written: str) -> Moment | None:
    if not written:
        return None
    parts = _MARK.fullmatch(written)
    if parts is None:
        raise _unreadable()
    return Moment(_EPOCH + timedelta(microseconds=int(parts[1])), int(parts[2]))


def _written(mark: Moment) -> str:
    return f"{(mark.at - _EPOCH) // timedelta(microseconds=1)}.{mark.id}"


def as_query(wanted: Wanted, **more: str) -> str:
    """The query string that asks for this part of the timeline, with its question mark."""
    said = {
        "show": wanted.show,
        "channel": wanted.channel,
        "by": str(wanted.person or ""),
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
        "before": _written(wanted.before) if wanted.before else "",
        **more,
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"?{query}" if query else ""


# Entries ------------------------------------------------------------------------------------------
class Story:
    """Makes the entries of one customer's timeline for one reader."""

    def __init__(self, customer_id: OpenedId, actor: Actor, formatter: Formatter) -> None:
        self.customer_id, self.actor, self.formatter = customer_id, actor, formatter
        self.timeline = Timeline(customer_id, actor)
        self.words = FieldWords(actor, formatter)
        self.teller = Teller(self.words)
        self.knows_contacts = actor.can("contacts.view")
        self.writer = EntryWriter(can_pin=covers("customers.pin", customer_id, actor))
        self._sources = {
            Channel.IMPORT: gettext("by import"),
            Channel.API: gettext("by API"),
            Channel.JOB: gettext("by the system"),
            Channel.COMMAND: gettext("by command"),
        }

    def show(self, wanted: Wanted) -> Shown:
        """One page of the timeline."""
        is_first = wanted.before is None
        pins = self.timeline.pinned() if is_first else []
        entries, pinned, following = self._read(wanted, pins)
        is_plain = not wanted.is_narrowed and not wanted.show
        for entry in entries if is_plain else ():
            # What stands on top in full is only mentioned again at its place.
            entry.is_told_above = entry.is_pinned
        return Shown(
            days=self._days(entries, wanted),
            pinned=pinned if is_plain else [],
            choices=self._choices(wanted),
            wanted=wanted,
            more_query=as_query(replace(wanted, before=following)) if following else "",
            empty=_empty(wanted),
            can_pin=self.writer.can_pin,
            writer=self.writer,
        )

    def _read(
        self, wanted: Wanted, pins: Sequence[int]
    ) -> tuple[list[Entry], list[Entry], Moment | None]:
        if wanted.is_talk:
            talk, following = self.timeline.talk(wanted)
            return self._talk_entries(talk, set(pins)), [], following
        stretch = self.timeline.page(wanted)
        alone = [group.first.id for group in stretch.groups if len(group.lines) == 1]
        missing = [pk for pk in (*alone, *pins) if pk not in stretch.events]
        events = {**stretch.events, **(timeline.get_events(missing) if missing else {})}
        behind = self._behind(events.values())
        pinned_ids = set(pins)
        entries = [
            self._run_entry(group)
            if len(group.lines) > 1
            else self._entry(events[group.first.id], behind, group.first.id in pinned_ids)
            for group in stretch.groups
        ]
        on_top = [events[pk] for pk in pins if pk in events and self.timeline.tells(events[pk])]
        pinned = [self._entry(event, behind, is_pinned=True) for event in on_top]
        return entries, pinned, stretch.next

    def _behind(self, events: Iterable[Event]) -> Mapping[str, Talk]:
        """The talk behind these events; what else they refer to is loaded for its words."""
        found = list(events)
        self.words.load(event for event in found if event.kind != RecordCreated.kind)
        talk = [e.subject_id for e in found if e.subject_type == TALK]
        return timeline.get_talk(talk) if talk else {}

    def _entry(self, event: Event, behind: Mapping[str, Talk], is_pinned: bool) -> Entry:
        talk = behind.get(event.subject_id) if event.subject_type == TALK else None
        if talk is not None and event.kind == RecordCreated.kind:
            entry = self._talk_entry(talk, event.at, event.who, event.pk)
        else:
            entry = self._event_entry(event)
        entry.source = self._sources.get(Channel(event.channel), "")
        entry.is_pinned = is_pinned
        return entry

    def _event_entry(self, event: Event) -> Entry:
        told = self.teller.tell(event)
        entry = self._new(_look(event), self._icon(event), event.who, told, event.at)
        entry.event_id = event.pk
        if event.kind == FileAdded.kind and self.timeline.has_downloads:
            entry.url = f"/attachments/{event.subject_id}/download/"
            entry.link, entry.link_icon = gettext("Download"), "download"
        return entry

    def _icon(self, event: Event) -> str:
        if event.kind == "customers.transferred":
            return "arrow-right"
        if event.kind == RecordArchived.kind:
            return "archive"
        if event.subject_type == "customers.customer" and event.kind != RecordCreated.kind:
            return "pencil"
        return _ICONS.get(event.subject_type, "circle-dot")

    def _talk_entry(self, talk: Talk, at: datetime, by: str, event_id: int | None) -> Entry:
        sentence = talk_sentence(talk, knows_contacts=self.knows_contacts)
        told = Told(sentence, text=talk.content)
        entry = self._new("talk", _ICONS.get(talk.channel, "message-circle"), by, told, at)
        entry.event_id, entry.is_gone = event_id, talk.archived_at is not None
        entry.url, entry.link = f"/interactions/{talk.pk}/", gettext("Open the communication")
        entry.link_icon = "external-link"
        if talk.next_contact_at:
            entry.next_contact = self.formatter.moment(talk.next_contact_at)
        if abs(talk.occurred_at - at) > timedelta(hours=1):
            entry.took_place = self.formatter.moment(talk.occurred_at)
        return entry

    def _talk_entries(self, talk: Sequence[Talk], pinned: set[int]) -> list[Entry]:
        told = timeline.get_creations(TALK, [row.pk for row in talk]) if talk else {}
        entries = []
        for row in talk:
            event_id = told.get(str(row.pk))
            entry = self._talk_entry(row, row.occurred_at, row.user__name or "", event_id)
            entry.is_pinned = event_id in pinned
            entries.append(entry)
        return entries

    def _run_entry(self, group: Group) -> Entry:
        first = group.first
        return self._new(
            "change", "upload", first.actor_label, Told(tell_run(group.lines)), first.at
        )

    def _new(self, look: str, icon: str, by: str, told: Told, at: datetime) -> Entry:
        local = at.astimezone(self.formatter.zone)
        return Entry(
            look=look,
            icon=icon,
            actor=gettext("System") if by in {"", "system"} else by,
            sentence=told.sentence,
            at=at,
            clock=f"{local:%H:%M}",
            short=self.formatter.moment_short(at),
            full=self.formatter.moment(at),
            text=told.text,
            changes=told.changes,
        )

    # Around the entries -------------------------------------------------------------------------
    def _days(self, entries: Iterable[Entry], wanted: Wanted) -> list[Day]:
        """Entries under their days; a page that goes on within a day does not name it again."""
        days: list[Day] = []
        current = self._local_day(wanted.before.at) if wanted.before else None
        for entry in entries:
            day = self._local_day(entry.at)
            if day != current or not days:
                label = "" if day == current else self.formatter.day_heading(day)
                days.append(Day(label, self.writer))
                current = day
            days[-1].entries.append(entry)
        return days

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(self.formatter.zone).date()

    def _choices(self, wanted: Wanted) -> list[Choice]:
        seen = self.timeline.types
        labels = {
            "": (gettext("All"), True),
            "talk": (gettext("Talk"), TALK in seen),
            "changes": (gettext("Changes"), True),
            "orders": (gettext("Orders"), "customers.order" in seen),
            "files": (gettext("Files"), FILE in seen),
            "pinned": (gettext("Pinned"), True),
        }
        return [
            Choice(label, as_query(Wanted(show=show)), wanted.show == show)
            for show, (label, is_there) in labels.items()
            if is_there
        ]


def _look(event: Event) -> str:
    is_created = event.kind not in {"record.changed", RecordArchived.kind}
    return "made" if is_created and event.subject_type != "customers.customer" else "change"


def _empty(wanted: Wanted) -> str:
    if wanted.is_narrowed:
        return gettext("Nothing of this kind happened in that time.")
    said = {
        "talk": gettext("Nobody has talked with this customer yet. Log the first talk above."),
        "changes": gettext("Nothing has been changed yet."),
        "orders": gettext("There are no orders or payments yet."),
        "files": gettext("No file has been filed yet."),
        "pinned": gettext("Nothing is pinned. Pin what everybody should read first."),
    }
    return said.get(wanted.show, gettext("Nothing has happened yet. Log the first talk above."))
