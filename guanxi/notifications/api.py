"""One's own notifications over the API: list with the count, read one, read all."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel.errors import BadRequest
from guanxi.notifications import queries, services
from guanxi.notifications.telling import Told, tell_all
from guanxi.surfaces.api.base import SIGNED_IN, ApiView, once
from guanxi.surfaces.api.components import TEXT, Schema
from guanxi.surfaces.api.operations import Operation, answer, describes, in_query

SIZE: Final = 50


class NotificationBase(ApiView):
    """What the addresses of notifications share."""

    def document(self, told: Told) -> dict[str, Any]:
        """A notification as JSON; `url` is null where the receiver sees no record."""
        return {
            "id": told.id,
            "kind": told.kind,
            "label": told.label,
            "title": told.title,
            "url": self.absolute(told.url) if told.url else None,
            "at": told.at,
            "is_new": told.is_new,
            "is_settled": told.is_settled,
        }


class NotificationList(NotificationBase):
    """GET what one was told, newest first, with how much is new."""

    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN}

    def get(self, request: Request) -> Response:
        """One page; `after` is the id of the last one read, `new` leaves out the rest."""
        del request
        query = self.query(frozenset({"after", "new"}))
        if query.get("new") not in {None, "true", "false"}:
            raise BadRequest("bad_query", _("“new” is true or false."))
        found = queries.list_unread if query.get("new") == "true" else queries.list_own
        rows = found(self.actor, self.at)
        if "after" in query:
            rows = queries.list_before(
                rows, queries.get_own(self.actor, self.at, _id(query["after"]))
            )
        page = list(rows[: SIZE + 1])
        told = tell_all(page[:SIZE], self.actor, self.at)
        return Response(
            {
                "new": queries.list_unread(self.actor, self.at).count(),
                "results": [self.document(each) for each in told],
                "next": told[-1].id if len(page) > SIZE else None,
            }
        )


def _id(written: str) -> str:
    try:
        return str(UUID(written))
    except ValueError:
        raise BadRequest("bad_query", _("“after” is the id of a notification.")) from None


class NotificationRead(NotificationBase):
    """POST that one has read a notification."""

    needs: ClassVar[Mapping[str, str]] = {"POST": SIGNED_IN}

    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """The notification as it is now; reading twice changes nothing."""
        del request
        self.body(frozenset())
        row = services.mark_read(str(pk), actor=self.actor, at=self.at)
        return Response(self.document(tell_all([row], self.actor, self.at)[0]))


class NotificationsRead(NotificationBase):
    """POST that one has read everything."""

    needs: ClassVar[Mapping[str, str]] = {"POST": SIGNED_IN}

    @once
    def post(self, request: Request) -> Response:
        """How many there were."""
        del request
        self.body(frozenset())
        return Response({"read": services.mark_all_read(actor=self.actor, at=self.at)})


ADDRESSES: Final = (
    path("notifications/", NotificationList.as_view(), name="notifications-list"),
    path("notifications/read/", NotificationsRead.as_view(), name="notifications-read"),
    path("notifications/<uuid:pk>/read/", NotificationRead.as_view(), name="notification-read"),
)


# Descriptions -------------------------------------------------------------------------------------
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_ONE = _object(
    id={**TEXT, "format": "uuid"},
    kind=TEXT,
    label=TEXT,
    title=TEXT,
    url={"type": ["string", "null"], "format": "uri"},
    at={**TEXT, "format": "date-time"},
    is_new=_FLAG,
    is_settled=_FLAG,
)


@describes(NotificationList, "GET")
def _list(view: NotificationList) -> Operation:
    del view
    next_one: Schema = {"type": ["string", "null"], "format": "uuid"}
    page = _object(new=_COUNT, results={"type": "array", "items": _ONE}, next=next_one)
    return Operation(
        "notifications_list",
        gettext("What one was told, newest first"),
        "notifications",
        {200: answer(page, gettext("A page."))},
        (400, 404, 429),
        parameters=[
            in_query("after", {**TEXT, "format": "uuid"}, gettext("The id taken from `next`.")),
            in_query("new", {**TEXT, "enum": ["true", "false"]}, gettext("Only what is unread.")),
        ],
    )


@describes(NotificationRead, "POST")
def _read(view: NotificationRead) -> Operation:
    del view
    return Operation(
        "notifications_read_one",
        gettext("Note that one has read it"),
        "notifications",
        {200: answer(_ONE, gettext("As it is now."))},
        (400, 403, 404, 413, 415, 422, 429),
        is_once=True,
    )


@describes(NotificationsRead, "POST")
def _read_all(view: NotificationsRead) -> Operation:
    del view
    return Operation(
        "notifications_read_all",
        gettext("Note that one has read everything"),
        "notifications",
        {200: answer(_object(read=_COUNT), gettext("How many there were."))},
        (400, 403, 413, 415, 422, 429),
        is_once=True,
    )
