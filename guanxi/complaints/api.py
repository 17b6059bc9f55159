"""The file of a complaint and its remedies for programs, oldest first, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.complaints import queries
from guanxi.complaints.choices import Channel, EntryKind, Outcome, RemedyKind
from guanxi.complaints.models import Complaint, Entry, Remedy
from guanxi.kernel.errors import BadRequest
from guanxi.surfaces.api.components import INSTANT, TEXT, Schema, nothing_else
from guanxi.surfaces.api.operations import Operation, answer, describes, in_query
from guanxi.surfaces.api.views import RecordView
from guanxi.surfaces.parsing import is_number

_LONGEST: Final = 18


class _Parts(RecordView):
    """GET what belongs to a complaint, after a part that one has read."""

    needs: ClassVar[Mapping[str, str]] = {"GET": "view"}
    name: ClassVar[str]

    def get(self, request: Request, pk: int) -> Response:
        """One page; `next` leads on, without it one has read everything."""
        del request
        complaint = queries.get_complaint(pk, self.actor)
        found, has_more = self.read(complaint, _after(self.query(frozenset({"after"}))))
        url = f"{self.url(pk)}{self.name}/?after={found[-1]['id']}" if has_more else None
        return Response({"results": found, "next": url})

    def read(self, complaint: Complaint, after: int) -> tuple[Sequence[Mapping[str, Any]], bool]:
        """A page as JSON, and whether there is more."""
        raise NotImplementedError


def _after(query: Mapping[str, str]) -> int:
    written = query.get("after", "0")
    if not is_number(written) or len(written) > _LONGEST:
        raise BadRequest("bad_number", _("“%(name)s” is not a number here."), name="after")
    return int(written)


class ComplaintEntries(_Parts):
    """The findings, the evidence and what was said to and by the customer."""

    name = "entries"

    def read(self, complaint: Complaint, after: int) -> tuple[Sequence[Mapping[str, Any]], bool]:
        """A page of the file."""
        found, has_more = queries.list_parts(complaint.entries.select_related("by", "file"), after)
        return [entry_of(each) for each in found], has_more


class ComplaintRemedies(_Parts):
    """What is done for the customer."""

    name = "remedies"

    def read(self, complaint: Complaint, after: int) -> tuple[Sequence[Mapping[str, Any]], bool]:
        """A page of the remedies."""
        found, has_more = queries.list_parts(complaint.remedies.select_related("done_by"), after)
        return [remedy_of(each) for each in found], has_more


def entry_of(entry: Entry) -> dict[str, Any]:
    """A line of the file as JSON; the file itself is behind the right to open evidence."""
    file = entry.file
    return {
        "id": entry.pk,
        "round": entry.round,
        "kind": entry.kind,
        "at": entry.at,
        "by": _person(entry.by),
        "channel": entry.channel,
        "text": entry.text,
        "outcome": entry.outcome,
        "file": {"name": file.name, "size": file.size, "sha256": file.sha256} if file else None,
    }


def remedy_of(remedy: Remedy) -> dict[str, Any]:
    """A remedy as JSON."""
    return {
        "id": remedy.pk,
        "round": remedy.round,
        "kind": remedy.kind,
        "text": remedy.text,
        "amount_minor": remedy.amount_minor,
        "done_at": remedy.done_at,
        "done_by": _person(remedy.done_by),
        "proof": remedy.proof,
    }


def _person(user: Any) -> dict[str, Any] | None:
    return {"id": user.pk, "label": user.name} if user else None


# As the description of the API says it ------------------------------------------------------------
_COUNT: Schema = {"type": "integer", "minimum": 0}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _words(values: Sequence[str], *, may_be_blank: bool = False) -> Schema:
    return {**TEXT, "enum": [*values, ""] if may_be_blank else list(values)}


def _whole(properties: dict[str, Schema]) -> Schema:
    return nothing_else(properties, tuple(properties))


_PERSON: Schema = _or_null(_whole({"id": {"type": "integer"}, "label": TEXT}))
_FILE: Schema = _or_null(_whole({"name": TEXT, "size": _COUNT, "sha256": TEXT}))
_ENTRY: dict[str, Schema] = {
    "id": _COUNT,
    "round": _COUNT,
    "kind": _words(EntryKind.values),
    "at": INSTANT,
    "by": _PERSON,
    "channel": _words(Channel.values, may_be_blank=True),
    "text": TEXT,
    "outcome": _words(Outcome.values, may_be_blank=True),
    "file": _FILE,
}
_REMEDY: dict[str, Schema] = {
    "id": _COUNT,
    "round": _COUNT,
    "kind": _words(RemedyKind.values),
    "text": TEXT,
    "amount_minor": {"type": "integer"},
    "done_at": _or_null(INSTANT),
    "done_by": _PERSON,
    "proof": TEXT,
}


def _described(view: _Parts, part: dict[str, Schema], summary: str) -> Operation:
    page = _whole(
        {
            "results": {"type": "array", "items": _whole(part)},
            "next": {"type": ["string", "null"], "format": "uri"},
        }
    )
    return Operation(
        f"complaints_{view.name}",
        summary,
        "complaints",
        {200: answer(page, summary)},
        (400, 404, 429),
        parameters=[in_query("after", _COUNT, gettext("The last one that was read."))],
        permission=view.permission("GET"),
    )


@describes(ComplaintEntries, "GET")
def _entries(view: ComplaintEntries) -> Operation:
    return _described(view, _ENTRY, gettext("The file of a complaint, oldest first"))


@describes(ComplaintRemedies, "GET")
def _remedies(view: ComplaintRemedies) -> Operation:
    return _described(view, _REMEDY, gettext("The remedies of a complaint, oldest first"))
