"""What customers' records do over the API beyond the generic addresses: files and the timeline."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.customers import forms, queries, services
from guanxi.customers.timeline import SHOWN, Line, Moment, Timeline, Wanted, get_events
from guanxi.kernel import files as store
from guanxi.kernel.access import before
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import BadRequest
from guanxi.kernel.models import Event
from guanxi.surfaces.api.base import once
from guanxi.surfaces.api.components import TEXT, Schema, nothing_else, ref
from guanxi.surfaces.api.file_operations import BYTES
from guanxi.surfaces.api.operations import (
    ETAG,
    LOCATION,
    WRITE_FAULTS,
    Operation,
    answer,
    describes,
    in_query,
)
from guanxi.surfaces.api.reading import entry_document
from guanxi.surfaces.api.uploads import TakesFile
from guanxi.surfaces.api.views import RecordList, RecordView
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.history import as_entry
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import get_record_type

_PARTS = ("customer", "kind", "year", "title", "paper_location", "file")
_SHOWN = (*SHOWN, "pinned")


# Files --------------------------------------------------------------------------------------------
class AttachmentList(TakesFile, RecordList):
    """GET the files that the caller may see, POST a file to a customer."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view", "POST": "create"}

    @once
    def post(self, request: Request) -> Response:
        """File an upload with a customer under year and kind (CUS-10)."""
        del request
        sent = self.body(frozenset(_PARTS))
        given = {name: str(value) for name, value in sent.items() if name != "file"}
        customer, filing = forms.read_id(given, "customer"), forms.read_filing(given)
        accepted = self.accepted()
        try:
            made = services.add_attachment(
                customer, accepted=accepted, filing=filing, actor=self.actor, at=self.at
            )
        except Exception:
            store.discard(accepted.id)
            raise
        return self.answer(made.pk, 201, Location=self.url(made.pk))


class AttachmentDownload(RecordView):
    """GET the file itself."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "attachments.download"}

    def get(self, request: Request, pk: Any) -> Any:
        """The bytes, to be kept and never run; the access log says who took them."""
        del request
        return hand_out(services.download_attachment(pk, actor=self.actor, at=self.at).file)


@describes(AttachmentList, "POST")
def _file(view: AttachmentList) -> Operation:
    parts: dict[str, Schema] = {**dict.fromkeys(_PARTS, TEXT), "file": BYTES}
    made = answer(ref("Attachment"), gettext("Created."), {**LOCATION, **ETAG})
    return Operation(
        "attachments_create",
        gettext("File a document with a customer"),
        "attachments",
        {201: made},
        (*WRITE_FAULTS, 404),
        body=nothing_else(parts, ("customer", "year", "file")),
        body_type="multipart/form-data",
        is_once=True,
        permission=view.permission("POST"),
    )


@describes(AttachmentDownload, "GET")
def _download(view: AttachmentDownload) -> Operation:
    file: Schema = {
        "description": gettext("The file."),
        "content": {"*/*": {"schema": BYTES}},
    }
    return Operation(
        "attachments_download",
        gettext("The file itself"),
        "attachments",
        {200: file},
        (403, 404, 429),
        permission=view.permission("GET"),
    )


# Timeline -----------------------------------------------------------------------------------------
class CustomerTimeline(RecordView):
    """GET what happened with a customer, newest first (COM-1)."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}

    def get(self, request: Request, pk: Any) -> Response:
        """Events of the customer and of everything that belongs to it, as far as it is seen."""
        del request
        query = self.query(frozenset({"show", "since", "until", "before"}))
        wanted = read_wanted(query)
        customer, opened = queries.get_opened(pk, self.actor)
        reader = before(self.actor, customer)
        stretch = Timeline(opened, reader).page(wanted)
        lines = [line for group in stretch.groups for line in group.lines]
        events = {
            **get_events([i.id for i in lines if i.id not in stretch.events]),
            **stretch.events,
        }
        link = None
        if stretch.next:
            mark = f"{stretch.next.id}@{stretch.next.at.isoformat()}"
            link = f"{self.url(pk)}timeline/?{urlencode({**query, 'before': mark})}"
        return Response({"results": list(self._documents(lines, events, reader)), "next": link})

    def _documents(
        self, lines: Iterable[Line], events: Mapping[int, Event], reader: Actor
    ) -> Iterable[dict[str, Any]]:
        listings: dict[str, Listing] = {}
        for line in sorted(lines, key=lambda one: (one.at, one.id), reverse=True):
            event = events[line.id]
            key = event.subject_type
            if key not in listings:
                listings[key] = Listing(get_record_type(key), reader, at=self.at)
            subject = {"type": listings[key].type.plural, "id": event.subject_id}
            yield {**entry_document(as_entry(listings[key], event)), "subject": subject}


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Which part of the timeline a query asks for."""
    show = query.get("show", "")
    if show and show not in _SHOWN:
        raise BadRequest("bad_show", _("`show` is one of %(all)s."), all=", ".join(_SHOWN))
    return Wanted(
        show=show,
        since=_day(query, "since"),
        until=_day(query, "until"),
        before=_moment(query.get("before", "")),
    )


def _day(query: Mapping[str, str], name: str) -> date | None:
    written = query.get(name)
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise BadRequest("bad_day", _("“%(name)s” is no day."), name=name) from error


def _moment(written: str) -> Moment | None:
    if not written:
        return None
    number, _at, instant = written.partition("@")
    try:
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None or not is_number(number):
            raise ValueError
        return Moment(at, int(number))
    except ValueError as error:
        raise BadRequest(
            "bad_cursor", _("This page mark is not valid; start again from the first page.")
        ) from error


@describes(CustomerTimeline, "GET")
def _timeline(view: CustomerTimeline) -> Operation:
    subject: Schema = {"type": "object", "properties": {"type": TEXT, "id": TEXT}}
    entry: Schema = {
        "allOf": [ref("HistoryEntry"), {"properties": {"subject": subject}}],
    }
    page: Schema = {
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": entry},
            "next": {"type": ["string", "null"], "format": "uri"},
        },
        "required": ["results", "next"],
    }
    day: Schema = {"type": "string", "format": "date"}
    return Operation(
        "customers_timeline",
        gettext("What happened with the customer, newest first"),
        "customers",
        {200: answer(page, gettext("Events with their changes."))},
        (400, 404, 429),
        parameters=[
            in_query("show", {"type": "string", "enum": list(_SHOWN)}, gettext("A part.")),
            in_query("since", day, gettext("From this day on.")),
            in_query("until", day, gettext("Up to this day.")),
            in_query("before", TEXT, gettext("The mark of the next page, taken from `next`.")),
        ],
        permission=view.permission("GET"),
    )
