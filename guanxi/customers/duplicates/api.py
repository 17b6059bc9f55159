"""Duplicates over the API: look-alikes, asking a colleague, merging and taking it back."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeGuard

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.customers.duplicates.services import looking, merging, requests, undoing
from guanxi.customers.duplicates.services.merging import Merging
from guanxi.kernel.errors import BadRequest
from guanxi.surfaces.api.base import once
from guanxi.surfaces.api.components import TEXT, Schema, nothing_else
from guanxi.surfaces.api.operations import WRITE_FAULTS, Operation, answer, describes, in_query
from guanxi.surfaces.api.views import RecordView, version_of

_TYPED = ("name", "short_name", "kind", "credit_code", "phone", "email", "province", "city")


class Duplicates(RecordView):
    """GET the customers that look like one, POST a request about one of a colleague."""

    is_of_all = True
    needs: ClassVar[Mapping[str, str]] = {"GET": "create", "POST": "create"}

    def get(self, request: Request) -> Response:
        """Look-alikes in one's scope with their reasons; of others no more than may be told."""
        del request
        typed = self.query(frozenset(_TYPED))
        if not any(value.strip() for value in typed.values()):
            raise BadRequest("nothing_given", _("Give a name, a credit code or a phone."))
        alike = looking.look_up(typed, actor=self.actor, at=self.at)
        own = [
            {
                "id": each.customer.pk,
                "url": self.url(each.customer.pk),
                "name": each.customer.name,
                "number": each.customer.number,
                "likeness": each.likeness.percent,
                "reasons": [reason.value for reason in each.likeness.reasons],
            }
            for each in alike.own
        ]
        strange = [
            {
                "masked_name": each.masked_name,
                "department": each.department,
                "standing": str(each.standing),
                "handle": each.handle,
            }
            for each in alike.strange
        ]
        return Response({"results": own, "of_colleagues": strange})

    @once
    def post(self, request: Request) -> Response:
        """Ask whoever looks after the customer behind a handle to cooperate."""
        del request
        sent = self.body(frozenset({*_TYPED, "handle", "message"}))
        given = {name: str(value) for name, value in sent.items()}
        asked = requests.ask_to_cooperate(
            {name: value for name, value in given.items() if name in _TYPED},
            handle=given.get("handle", ""),
            message=given.get("message", ""),
            actor=self.actor,
            at=self.at,
        )
        return Response({"masked_name": asked.masked_name, "state": asked.state}, 201)


class MergeCustomers(RecordView):
    """POST makes another customer part of this one."""

    needs: ClassVar[Mapping[str, str]] = {"POST": "customers.merge"}

    @once
    def post(self, request: Request, pk: int) -> Response:
        """`other` goes, read at `other_version`; `picks` says `mine` or `theirs` by field."""
        self.require_seen(pk)
        sent = self.body(frozenset({"other", "other_version", "picks"}))
        other, version = sent.get("other"), sent.get("other_version")
        picks = sent.get("picks", {})
        if not _is_whole(other) or not _is_whole(version) or not isinstance(picks, dict):
            raise BadRequest("bad_merge", _("Give `other` and `other_version` as whole numbers."))
        asked = Merging(
            pk, other, version_of(request), version, {str(n): str(v) for n, v in picks.items()}
        )
        made = merging.merge_customers(asked, actor=self.actor, at=self.at)
        return Response({"merge": made.pk, "customer": pk, "url": self.url(pk)})


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62


class UndoMerge(RecordView):
    """POST takes a merge into this customer back."""

    needs: ClassVar[Mapping[str, str]] = {"POST": "customers.merge"}

    @once
    def post(self, request: Request, pk: int) -> Response:
        """What was edited since is kept and listed."""
        del request
        self.require_seen(pk)
        sent = self.body(frozenset({"merge"}))
        if not _is_whole(sent.get("merge")):
            raise BadRequest("bad_merge", _("Give `merge` as a whole number."))
        made = undoing.undo_merge(sent["merge"], of=pk, actor=self.actor, at=self.at)
        return Response({"customer": made.survivor_id, "again": made.loser_id, "kept": made.kept})


@describes(MergeCustomers, "POST")
def _merge(view: MergeCustomers) -> Operation:
    picks: Schema = {
        "type": "object",
        "additionalProperties": {"type": "string", "enum": ["mine", "theirs"]},
    }
    whole: Schema = {"type": "integer"}
    done: Schema = {
        "type": "object",
        "properties": {"merge": whole, "customer": whole, "url": TEXT},
    }
    body = nothing_else(
        {"other": whole, "other_version": whole, "picks": picks}, ("other", "other_version")
    )
    return Operation(
        "customers_merge",
        gettext("Make another customer part of this one"),
        "customers",
        {200: answer(done, gettext("Which merge it was, and where the customer is."))},
        (*WRITE_FAULTS, 404, 409, 428),
        body=body,
        needs_version=True,
        is_once=True,
        permission=view.permission("POST"),
    )


@describes(UndoMerge, "POST")
def _undo(view: UndoMerge) -> Operation:
    whole: Schema = {"type": "integer"}
    told: Schema = {
        "type": "object",
        "properties": {
            "customer": whole,
            "again": whole,
            "kept": {"type": "array", "items": TEXT},
        },
    }
    return Operation(
        "customers_unmerge",
        gettext("Take a merge back within 30 days"),
        "customers",
        {200: answer(told, gettext("Both customers, and what was edited since and kept."))},
        (*WRITE_FAULTS, 404),
        body=nothing_else({"merge": whole}, ("merge",)),
        is_once=True,
        permission=view.permission("POST"),
    )


@describes(Duplicates, "GET")
def _look(view: Duplicates) -> Operation:
    own = {
        "id": {"type": "integer"}, "url": TEXT, "name": TEXT, "number": TEXT,
        "likeness": {"type": "integer"}, "reasons": {"type": "array", "items": TEXT},
    }  # fmt: skip
    strange = dict.fromkeys(("masked_name", "department", "standing", "handle"), TEXT)
    found: Schema = {
        "type": "object",
        "properties": {
            "results": {"type": "array", "items": {"type": "object", "properties": own}},
            "of_colleagues": {"type": "array", "items": {"type": "object", "properties": strange}},
        },
        "required": ["results", "of_colleagues"],
    }
    return Operation(
        "customers_duplicates",
        gettext("Customers that look like one to be created"),
        "customers",
        {200: answer(found, gettext("Own ones with reasons, those of colleagues masked."))},
        (400, 403, 429),
        parameters=[in_query(name, TEXT, gettext("As it would be created.")) for name in _TYPED],
        permission=view.permission("GET"),
    )


@describes(Duplicates, "POST")
def _ask(view: Duplicates) -> Operation:
    parts: dict[str, Schema] = dict.fromkeys((*_TYPED, "handle", "message"), TEXT)
    made: Schema = {"type": "object", "properties": {"masked_name": TEXT, "state": TEXT}}
    return Operation(
        "customers_duplicates_ask",
        gettext("Ask a colleague to cooperate on a customer"),
        "customers",
        {201: answer(made, gettext("The request as it stands."))},
        (*WRITE_FAULTS, 404),
        body=nothing_else(parts, ("handle",)),
        is_once=True,
        permission=view.permission("POST"),
    )
