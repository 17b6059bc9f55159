"""Addresses that belong to no record type: oneself, search, the list of addresses, nowhere."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.kernel.errors import BadRequest, NotFound
from guanxi.surfaces.api.base import SIGNED_IN, ApiView
from guanxi.surfaces.api.beside import names_beside
from guanxi.surfaces.records import get_record_type, record_types
from guanxi.surfaces.search import search_everywhere

LONGEST_SEARCH = 200
ONLY_READ: Mapping[str, str] = {"GET": SIGNED_IN}


class Me(ApiView):
    """GET who the API takes the caller for, and what they may do."""

    needs: ClassVar[Mapping[str, str]] = ONLY_READ

    def get(self, request: Request) -> Response:
        """User, place, language and rights; rights are already narrowed by a token's scopes."""
        del request
        actor = self.actor
        return Response(
            {
                "id": actor.user_id,
                "label": actor.label,
                "locale": actor.locale,
                "time_zone": actor.time_zone,
                "department": actor.department_id,
                "teams": sorted(actor.team_ids),
                "token": actor.token_id,
                "permissions": {p: r.name.lower() for p, r in sorted(actor.grants.items())},
                "levels": {g: v.name.lower() for g, v in sorted(actor.levels.items())},
            }
        )


class Search(ApiView):
    """GET the records of every type that a few characters find (CUS-12)."""

    needs: ClassVar[Mapping[str, str]] = ONLY_READ

    def get(self, request: Request) -> Response:
        """At most six matches of each type that the caller may see; `type` narrows to one."""
        del request
        query = self.query(frozenset({"q", "type"}))
        wanted = query.get("q", "").strip()
        if not wanted or len(wanted) > LONGEST_SEARCH:
            raise BadRequest("bad_query", _("`q` holds 1 to 200 characters."))
        types = [t for t in record_types() if query.get("type") in {None, t.plural}]
        hits = search_everywhere(wanted, types, self.actor)
        return Response({"results": [self._hit(hit) for hit in hits]})

    def _hit(self, hit: Any) -> dict[str, Any]:
        plural = get_record_type(hit.record_key).plural
        return {
            "type": plural,
            "id": hit.object_id,
            "title": hit.title,
            "customer": hit.customer_id,
            "url": self.absolute(f"/api/v1/{plural}/{hit.object_id}/"),
        }


class Index(ApiView):
    """GET the lists that the caller may open."""

    needs: ClassVar[Mapping[str, str]] = ONLY_READ

    def get(self, request: Request) -> Response:
        """The addresses of the lists by name, and of the description of the API."""
        del request
        lists = [t.plural for t in record_types() if self.actor.can(t.allows("view"))]
        names = [*lists, *names_beside(), "views", "search", "me", "schema", "docs"]
        return Response({name: self.absolute(f"/api/v1/{name}/") for name in names})


class Nowhere(ApiView):
    """Every other address: 404 for whoever is signed in, 401 for strangers."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Whatever the method, there is nothing here."""
        del request, args, kwargs
        raise NotFound
