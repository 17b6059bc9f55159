"""Duplicates over the API: what looks like a customer to be created, and asking a colleague."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.customers.duplicates.services import looking, requests
from guanxi.kernel.errors import BadRequest
from guanxi.surfaces.api.base import once
from guanxi.surfaces.api.components import TEXT, Schema, nothing_else
from guanxi.surfaces.api.operations import WRITE_FAULTS, Operation, answer, describes, in_query
from guanxi.surfaces.api.views import RecordView

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
