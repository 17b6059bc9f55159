"""The description of the API for programs and for people; both only for who is signed in (L11)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from guanxi.surfaces.api.base import SIGNED_IN, ApiView
from guanxi.surfaces.html.requests import answer, signed_in


class Schema(ApiView):
    """GET the OpenAPI 3.1 document."""

    schema = None
    needs: ClassVar[Mapping[str, str]] = {"GET": SIGNED_IN}

    def get(self, request: Request) -> Response:
        """The document in the caller's language."""
        from guanxi.surfaces.api.schema import describe_api

        del request
        return Response(describe_api(), content_type="application/vnd.oai.openapi+json")


@signed_in
def reference(request: HttpRequest) -> HttpResponse:
    """The reference for people."""
    return answer(request, "surfaces/api/reference.html", {"api": _reference()})


def _reference() -> dict[str, Any]:
    return {}
