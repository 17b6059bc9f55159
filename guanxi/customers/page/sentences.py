"""What happened, as a sentence after the name of who did it: 王芳 致电 李娜."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import AttachmentKind
from guanxi.customers.events import CustomerTransferred, FileAdded
from guanxi.customers.page.words import Change, FieldWords
from guanxi.customers.timeline import Line, Talk
from guanxi.kernel.events import changes_of, event_kinds
from guanxi.kernel.html import format_html
from guanxi.kernel.models import Event
from guanxi.surfaces.events import RecordArchived, RecordChanged, RecordCreated, RecordRestored
from guanxi.surfaces.records import get_record_type

Words = SafeString | str

#: How talk reads, by direction and channel; {who} is the contact or the customer.
TALK: Final[Mapping[tuple[str, str], str | Promise]] = {
    ("out", "phone"): _("called {who}"),
    ("out", "wechat"): _("wrote to {who} on WeChat"),
    ("out", "wecom"): _("wrote to {who} on WeCom"),
    ("out", "email"): _("sent {who} an e-mail"),
    ("out", "sms"): _("sent {who} an SMS"),
    ("out", "web_chat"): _("chatted with {who} on the web site"),
    ("out", "web_form"): _("answered the web form of {who}"),
    ("out", "social"): _("wrote to {who} on social media"),
    ("out", "face"): _("visited {who}"),
    ("in", "phone"): _("took a call from {who}"),
    ("in", "wechat"): _("got a WeChat message from {who}"),
    ("in", "wecom"): _("got a WeCom message from {who}"),
    ("in", "email"): _("got an e-mail from {who}"),
    ("in", "sms"): _("got an SMS from {who}"),
    ("in", "web_chat"): _("was asked by {who} in the web chat"),
    ("in", "web_form"): _("got a web form from {who}"),
    ("in", "social"): _("was asked by {who} on social media"),
    ("in", "face"): _("received {who}"),
}


@dataclass
class Told:
    """An event in words: the sentence, what was said, and the changes it does not name itself."""

    sentence: Words
    text: str = ""
    changes: Sequence[Change] = ()


def talk_sentence(talk: Talk, *, knows_contacts: bool) -> Words:
    """Who was talked with, how, and who began."""
    phrase = TALK.get((talk.direction, talk.channel), _("talked with {who}"))
    is_known = knows_contacts and talk.contact_id is not None
    return format_html(str(phrase), who=_who(talk) if is_known else gettext("the customer"))


def _who(talk: Talk) -> SafeString:
    """A contact by name and position, leading to their page."""
    url, name = f"/contacts/{talk.contact_id}/", talk.contact__name
    if not talk.contact__position:
        return format_html('<a href="{}">{}</a>', url, name)
    return format_html(
        '<a href="{}">{}</a> <span class="muted">{}</span>', url, name, talk.contact__position
    )


class Teller:
    """Tells events other than talk."""

    def __init__(self, words: FieldWords) -> None:
        self.words = words

    def tell(self, event: Event) -> Told:
        """One event in words."""
        teller = self._by_kind.get(event.kind)
        return teller(self, event) if teller else self._otherwise(event)

    def _otherwise(self, event: Event) -> Told:
        """What an event's own class says, with whom it names and why."""
        declared, facts = event_kinds().get(event.kind), event.data
        if declared is None or not declared.said:
            return Told(event.subject_label)
        label = str(facts.get("to_label") or "")
        said: Words = f"{declared.said} → {label}" if label else str(declared.said)
        if event.subject_type != "customers.customer":
            said = format_html("{} {}", said, _link(event))
        return Told(said, text=str(facts.get("reason") or facts.get("told") or ""))

    # Created ------------------------------------------------------------------------------------
    def _created(self, event: Event) -> Told:
        if event.subject_type == "customers.customer":
            return Told(gettext("created the customer"))
        if event.subject_type in {"customers.order", "customers.payment"}:
            return Told(self._trade(event))
        kind = _kind(event)
        return Told(format_html(gettext("added the {kind} {name}"), kind=kind, name=_link(event)))

    def _trade(self, event: Event) -> Words:
        """An order or payment with its amount, as far as the reader may know it."""
        pairs = changes_of(event)
        amount = (pairs.get("amount_minor") or [None, 0])[1]
        change = self.words.change(event, "amount_minor", [None, amount])
        shown = change.after if change else ""
        is_back = isinstance(amount, int) and amount < 0 and bool(change)
        phrase = {
            ("customers.order", False): gettext("recorded the order {name} {amount}"),
            ("customers.order", True): gettext("recorded the return {name} {amount}"),
            ("customers.payment", False): gettext("recorded the payment {name} {amount}"),
            ("customers.payment", True): gettext("recorded the refund {name} {amount}"),
        }[(event.subject_type, is_back)]
        return format_html(phrase, name=_link(event), amount=shown)

    # Changed ------------------------------------------------------------------------------------
    def _changed(self, event: Event) -> Told:
        changes = self.words.changes(event)
        if event.subject_type != "customers.customer":
            return self._changed_part(event, changes)
        if len(changes) == 1:
            return self._changed_once(event, changes[0])
        if not changes:
            return Told(gettext("changed the customer"))
        return Told(
            format_html(gettext("changed {fields}"), fields=_fields(changes)), changes=changes
        )

    def _changed_part(self, event: Event, changes: Sequence[Change]) -> Told:
        kind, name = _kind(event), _link(event)
        if not changes:
            return Told(format_html(gettext("changed the {kind} {name}"), kind=kind, name=name))
        phrase = gettext("changed {fields} of the {kind} {name}")
        sentence = format_html(phrase, fields=_fields(changes), kind=kind, name=name)
        return Told(sentence, changes=changes)

    def _changed_once(self, event: Event, change: Change) -> Told:
        """A single short change reads as one sentence."""
        if change.name == "tags":
            return Told(self._tags(event))
        if not change.is_short:
            return Told(gettext("changed %(field)s") % {"field": change.label}, changes=[change])
        if change.name == "next_contact_at" and change.after:
            return Told(format_html(gettext("set the next contact to {to}"), to=change.after))
        if not change.before:
            phrase = gettext("set {field} to “{to}”")
        elif not change.after:
            phrase = gettext("cleared {field}, which was “{before}”")
        else:
            phrase = gettext("changed {field} from “{before}” to “{to}”")
        return Told(format_html(phrase, field=change.label, before=change.before, to=change.after))

    def _tags(self, event: Event) -> Words:
        before, after = (set(part or []) for part in changes_of(event)["tags"])
        added = [self.words.name("customers.tag", pk) for pk in sorted(after - before)]
        removed = [self.words.name("customers.tag", pk) for pk in sorted(before - after)]
        comma = gettext(", ")
        parts = []
        if added:
            parts.append(gettext("added the tag %(tags)s") % {"tags": comma.join(added)})
        if removed:
            parts.append(gettext("took off the tag %(tags)s") % {"tags": comma.join(removed)})
        return gettext("; ").join(parts)

    # Verbs --------------------------------------------------------------------------------------
    def _archived(self, event: Event) -> Told:
        if event.subject_type == "customers.customer":
            return Told(gettext("archived the customer"))
        phrase = gettext("archived the {kind} {name}")
        return Told(format_html(phrase, kind=_kind(event), name=_link(event)))

    def _restored(self, event: Event) -> Told:
        if event.subject_type == "customers.customer":
            return Told(gettext("restored the customer"))
        phrase = gettext("restored the {kind} {name}")
        return Told(format_html(phrase, kind=_kind(event), name=_link(event)))

    def _transferred(self, event: Event) -> Told:
        facts = event.data
        if facts.get("from_label"):
            phrase = gettext("transferred the customer from {before} to {to}")
        else:
            phrase = gettext("gave the customer to {to}")
        sentence = format_html(phrase, before=facts.get("from_label"), to=facts.get("to_label"))
        return Told(sentence, text=str(facts.get("reason", "")))

    def _file_added(self, event: Event) -> Told:
        facts = event.data
        labels = dict(AttachmentKind.choices)
        kind = labels.get(facts.get("kind_of_file", ""), "")
        place = gettext("%(year)s · %(kind)s") % {"year": facts.get("year", ""), "kind": kind}
        return Told(
            format_html(
                '{} <span class="muted">{}</span>',
                gettext("filed “%(title)s”") % {"title": facts.get("title", "")},
                place,
            )
        )

    _by_kind: Mapping[str, Callable[["Teller", Event], Told]] = {
        RecordCreated.kind: _created,
        RecordChanged.kind: _changed,
        RecordArchived.kind: _archived,
        RecordRestored.kind: _restored,
        CustomerTransferred.kind: _transferred,
        FileAdded.kind: _file_added,
    }


# An import's run ----------------------------------------------------------------------------------
def tell_run(lines: Sequence[Line]) -> Words:
    """What an import did with this customer: 导入：新增 3 位联系人、12 笔订单，更新客户资料."""
    counts = Counter((line.kind, line.subject_type) for line in lines)
    created = _parts(counts, RecordCreated.kind)
    changed = _parts(counts, RecordChanged.kind)
    others = sum(n for (kind, _key), n in counts.items() if kind not in _RUN_KINDS)
    comma = gettext(", ")
    parts = []
    if created:
        parts.append(gettext("added %(things)s") % {"things": comma.join(created)})
    if changed:
        parts.append(gettext("updated %(things)s") % {"things": comma.join(changed)})
    if others:
        words = ngettext("%(n)s other change", "%(n)s other changes", others)
        parts.append(words % {"n": others})
    return gettext("imported: %(parts)s") % {"parts": gettext("; ").join(parts)}


_RUN_KINDS: Final = (RecordCreated.kind, RecordChanged.kind)


def _parts(counts: Counter[tuple[str, str]], kind: str) -> list[str]:
    found = []
    for key in _COUNTED:
        n = counts[(kind, key)]
        if n:
            found.append(_COUNTED[key](n) % {"n": n})
    return found


_COUNTED: Final[Mapping[str, Callable[[int], Any]]] = {
    "customers.customer": lambda _n: gettext("the customer's record"),
    "customers.contact": lambda n: ngettext("%(n)s contact", "%(n)s contacts", n),
    "customers.order": lambda n: ngettext("%(n)s order", "%(n)s orders", n),
    "customers.payment": lambda n: ngettext("%(n)s payment", "%(n)s payments", n),
    "customers.interaction": lambda n: ngettext("%(n)s communication", "%(n)s communications", n),
    "customers.attachment": lambda n: ngettext("%(n)s file", "%(n)s files", n),
}


# Pieces -------------------------------------------------------------------------------------------
def _kind(event: Event) -> str:
    return str(get_record_type(event.subject_type).label).lower()


def _link(event: Event) -> SafeString:
    """The record that an event is about, as a link to its page."""
    plural = get_record_type(event.subject_type).plural
    name = event.subject_label or f"#{event.subject_id}"
    return format_html('<a href="/{}/{}/">{}</a>', plural, event.subject_id, name[:60])


def _fields(changes: Sequence[Change]) -> str:
    """The names of up to four changed fields."""
    names = gettext(", ").join(change.label for change in changes[:4])
    if len(changes) <= 4:
        return names
    return gettext("%(names)s and %(n)s more") % {"names": names, "n": len(changes) - 4}
