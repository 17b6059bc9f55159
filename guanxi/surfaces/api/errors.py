"""Every refusal as `application/problem+json` (RFC 9457), in the reader's language."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import exceptions as django_errors
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf
from rest_framework.response import Response

from guanxi.kernel import errors
from guanxi.kernel.outages import RETRY_SECONDS, Outage, outage_of
from guanxi.kernel.text import TextError
from guanxi.kernel.values import to_json
from guanxi.surfaces.services import KeyReused

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
DOCS = "/api/v1/docs/#problem-"

TITLES = {
    400: _("The request cannot be understood"),
    401: _("Sign-in is needed"),
    403: _("Not allowed"),
    404: _("There is nothing here for you"),
    405: _("This address does not do that"),
    406: _("No such format is offered"),
    409: _("Changed by somebody else"),
    413: _("The body is too large"),
    415: _("This kind of body is not taken"),
    422: _("The key was used for another request"),
    428: _("The version is missing"),
    429: _("Too many requests"),
    500: _("Something broke here"),
    503: _("The database is not reachable"),
}


class TooLarge(errors.GuanxiError):
    """The body is larger than the API takes (HTTP 413)."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass
class Problem:
    """A refusal on its way out."""

    status: int
    code: str
    detail: Any = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The members of the problem document; empty ones are left out."""
        said: dict[str, Any] = {
            "type": DOCS + self.code,
            "title": str(TITLES.get(self.status, TITLES[400])),
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            said["detail"] = str(self.detail)
        if self.errors:
            said["errors"] = self.errors
        return said | self.extra


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """What DRF calls for any exception of a view."""
    problem = as_problem(error)
    if problem.status >= 500:
        request_id = getattr(context["request"], "request_id", "")
        log.error("API request %s failed", request_id, exc_info=error)
        problem.extra["request_id"] = request_id
    return Response(
        problem.body(), problem.status, headers=problem.headers, content_type=MEDIA_TYPE
    )


def as_problem(error: Exception) -> Problem:
    """The problem that stands for an exception; what nobody expected is a 500."""
    for kind, describe in _DESCRIPTIONS:
        if isinstance(error, kind):
            return describe(error)
    if outage := outage_of(error):
        return _unavailable(outage)
    return Problem(500, "internal", _("It has been noted; nothing was half saved."))


def _violations(error: errors.RuleViolation) -> Problem:
    found = [
        {"field": one.field, "code": one.code, "message": one.text} for one in error.violations
    ]
    detail = " ".join(one["message"] for one in found if one["message"])
    return Problem(400, error.code, detail, found)


def _bad_request(error: errors.BadRequest) -> Problem:
    return Problem(400, error.code, error.text)


def _bad_text(error: TextError) -> Problem:
    return _violations(error.as_violation())


def _not_found(_error: Exception) -> Problem:
    return Problem(404, "not_found", _("There is no such record, or none that you may see."))


def _denied(error: Exception) -> Problem:
    extra = {"permission": error.permission} if isinstance(error, errors.Denied) else {}
    return Problem(403, "denied", _("You do not have the right to do this."), extra=extra)


def _unconfirmed(_error: Exception) -> Problem:
    return Problem(403, "unconfirmed", _("Give your password again on the page first."))


def _stale(error: errors.StaleVersion) -> Problem:
    differences = [
        {
            "field": one.field,
            "label": str(one.label),
            "base": to_json(one.base),
            "base_is_known": one.is_base_known,
            "mine": to_json(one.mine),
            "theirs": to_json(one.theirs),
            "changed_by": one.by,
            "changed_at": to_json(one.at),
        }
        for one in error.differences
    ]
    extra = {"version": error.version, "differences": differences}
    detail = _("Somebody set the same since you read it; nothing was written. Compare, send again.")
    return Problem(409, "stale", detail, extra=extra, headers={"ETag": f'"{error.version}"'})


def _version_missing(_error: Exception) -> Problem:
    detail = _('Send the version that you read as If-Match, for example If-Match: "3".')
    return Problem(428, "version_missing", detail)


def _too_many(error: errors.TooMany) -> Problem:
    detail = error.message or _("Wait a little and try again.")
    return Problem(429, "too_many", detail, headers={"Retry-After": str(error.retry_after)})


def _too_large(error: Exception) -> Problem:
    limit = getattr(error, "limit", 0) // 1024
    detail = _("At most %(limit)s kB are taken.") % {"limit": limit} if limit else ""
    return Problem(413, "too_large", detail, headers={"Connection": "close"})


def _key_reused(_error: Exception) -> Problem:
    detail = _("This Idempotency-Key came with another request before; make a new key.")
    return Problem(422, "key_reused", detail)


def _unauthenticated(error: drf.APIException) -> Problem:
    header = getattr(error, "auth_header", "")
    return Problem(401, "unauthenticated", headers={"WWW-Authenticate": header} if header else {})


def _from_framework(error: drf.APIException) -> Problem:
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(int(wait))} if wait else {}
    return Problem(error.status_code, str(error.default_code), str(error.detail), headers=headers)


def _unavailable(outage: Outage) -> Problem:
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return Problem(503, outage.code, outage.words, headers=headers)


def _unreadable(_error: Exception) -> Problem:
    return Problem(400, "bad_request", _("The request cannot be read."))


_Description = Callable[[Any], Problem]
_DESCRIPTIONS: tuple[tuple[Any, _Description], ...] = (
    (errors.RuleViolation, _violations),
    (errors.BadRequest, _bad_request),
    (TextError, _bad_text),
    (errors.NotFound, _not_found),
    (errors.Denied, _denied),
    (errors.Unconfirmed, _unconfirmed),
    (errors.StaleVersion, _stale),
    (errors.VersionMissing, _version_missing),
    (errors.TooMany, _too_many),
    (TooLarge, _too_large),
    (KeyReused, _key_reused),
    ((drf.NotAuthenticated, drf.AuthenticationFailed), _unauthenticated),
    (drf.APIException, _from_framework),
    (Http404, _not_found),
    (django_errors.PermissionDenied, _denied),
    (django_errors.RequestDataTooBig, _too_large),
    ((django_errors.SuspiciousOperation, UnreadablePostError), _unreadable),
)
