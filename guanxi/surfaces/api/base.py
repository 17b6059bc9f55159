"""What every address of the API shares: who asks, how often, in which language, once or again."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from guanxi.kernel.actor import ANONYMOUS, Actor
from guanxi.kernel.errors import BadRequest, Denied, NotFound, RuleViolation, RuleViolations
from guanxi.surfaces import limits
from guanxi.surfaces.api.errors import log
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.moved import successor_in_scope
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services import Answer, Keyed, answer_once, note_refused

SIGNED_IN = "signed in"
CHANGING = frozenset({"POST", "PATCH", "DELETE"})
_KEY = re.compile("[!-~]{1,100}")
KEPT_HEADERS = ("Location", "ETag")
Handler = Callable[..., Response]


class OnlyJSON(BaseContentNegotiation):
    """The API speaks JSON whatever is asked for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The parser of the body's media type, or None (415)."""
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        """The one renderer."""
        del request, format_suffix
        return renderers[0], renderers[0].media_type


def is_read_only(request: Request) -> bool:
    """Whether the caller's token may only read: then it changes nothing whatever (A17)."""
    scopes = getattr(request.auth, "scopes", None)
    return scopes is not None and "write" not in scopes.values()


class ApiView(APIView):
    """An address for callers who are signed in; `needs` names the permission of each method."""

    http_method_names = ["get", "head", "post", "patch", "delete"]  # the rest is answered 405
    content_negotiation_class = OnlyJSON
    needs: ClassVar[Mapping[str, str]] = {}
    record_type: RecordType | None = None
    is_repeatable = False  # True: each request is an act of its own, whatever its key

    @property
    def actor(self) -> Actor:
        """Who asks."""
        found: Actor = getattr(self.request._request, "actor", ANONYMOUS)
        return found

    @property
    def at(self) -> datetime:
        """The instant of the request."""
        if not hasattr(self, "_at"):
            self._at = timezone.now()
        return self._at

    def permission(self, method: str) -> str:
        """The permission that a method needs, `signed in` when it needs none."""
        needed = self.needs.get(method, "")
        if self.record_type is None or needed in {"", SIGNED_IN} or "." in needed:
            return needed
        return self.record_type.allows(needed)

    # A request -----------------------------------------------------------------------------------
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who is it, are they allowed so many requests, and do they hold the right at all?"""
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
        try:
            self._authenticate(request)
        finally:
            self._speak(request)
        self.check_permissions(request)
        self._require(request, kwargs.get("pk"))

    def _authenticate(self, request: Request) -> None:
        try:
            if request.user is not None and self.actor.user_id is not None:
                limits.callers.take(self.actor.token_id or -self.actor.user_id)
                return
        except exceptions.APIException:
            limits.strangers.take(self.actor.ip)
            raise
        limits.strangers.take(self.actor.ip)
        raise exceptions.NotAuthenticated

    def _speak(self, request: Request) -> None:
        """A program says its language by Accept-Language; a person has chosen one."""
        if not self.actor.session_key and request.headers.get("Accept-Language"):
            translation.activate(translation.get_language_from_request(request._request))

    def _require(self, request: Request, pk: Any) -> None:
        """Refuse who lacks the right everywhere; what is not theirs to see is not found."""
        if request.method in CHANGING and is_read_only(request):
            raise Denied("write")
        needed = self.permission("GET" if request.method == "HEAD" else str(request.method))
        if needed in {"", SIGNED_IN} or self.actor.can(needed):
            return
        if pk is not None and not self._sees(pk):
            raise NotFound
        raise Denied(needed)

    def _sees(self, pk: Any) -> bool:
        assert self.record_type is not None  # noqa: S101  only records have ids
        return Listing(self.record_type, self.actor, at=self.at).base().filter(pk=pk).exists()

    def require_seen(self, pk: Any) -> None:
        """What is not the caller's to see is not found, whatever was sent."""
        if not self._sees(pk):
            raise NotFound

    def handle_exception(self, exc: Exception) -> Response:
        """Note a refused look at a record (M02), then say what was wrong."""
        pk = self.kwargs.get("pk")
        if isinstance(exc, NotFound) and (moved := self._moved(pk)):
            return moved
        if isinstance(exc, (NotFound, Denied)) and pk is not None and self.record_type:
            try:
                wanted = f"{self.request.method} {self.request.path}"
                note_refused(self.record_type, pk, wanted, actor=self.actor, at=self.at)
            except DatabaseError:
                log.exception("a refusal could not be noted")
        return super().handle_exception(exc)

    def _moved(self, pk: Any) -> Response | None:
        """Where the record is that stands for the one asked for, in its place."""
        if pk is None or self.record_type is None:
            return None
        found = successor_in_scope(self.record_type, pk, self.actor)
        old = f"/{self.record_type.plural}/{pk}/"
        if found is None:
            return None
        url = self.request.get_full_path().replace(old, f"/{self.record_type.plural}/{found}/", 1)
        return Response({"id": found, "url": url}, 308, headers={"Location": self.absolute(url)})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What was said to one caller is kept by no cache and shown to nobody else."""
        answered = super().finalize_response(request, response, *args, **kwargs)
        answered.headers.setdefault("Cache-Control", "private, no-store")
        patch_vary_headers(answered, ["Authorization", "Cookie", "Accept-Language"])
        return answered

    # Parts of a request --------------------------------------------------------------------------
    def body(self, known: frozenset[str] | None = None) -> dict[str, Any]:
        """The object that was sent, nothing sent is an empty one; only `known` names, if said."""
        data = self.request.data
        if not isinstance(data, dict):
            raise BadRequest("not_an_object", _("A JSON object is expected."))
        wrong = [
            RuleViolation("unknown_field", _("There is no such field."), name[:60])
            for name in data
            if known is not None and name not in known
        ]
        if wrong:
            raise RuleViolations(wrong)
        return data

    def query(self, known: frozenset[str] | None = None) -> dict[str, str]:
        """The query string, each name once and as texts can be; only `known` names, if said."""
        read: dict[str, str] = {}
        for name, values in self.request.GET.lists():
            if len(values) > 1:
                raise BadRequest(
                    "repeated", _("“%(name)s” was given more than once."), name=name[:60]
                )
            if "\0" in name or "\0" in values[0]:
                raise BadRequest("bad_query", _("The address holds a character that no text can."))
            read[name] = values[0]
        unknown = read.keys() - known if known is not None else ()
        if unknown:
            raise BadRequest(
                "unknown_parameter", _("There is no parameter “%(name)s”."), name=min(unknown)[:60]
            )
        return read

    def absolute(self, path: str) -> str:
        """An address for the caller: the host that was asked, never plain HTTP behind HTTPS."""
        is_secure = settings.IS_SECURE or self.request.is_secure()
        return f"{'https' if is_secure else 'http'}://{self.request.get_host()}{path}"


# Once only ----------------------------------------------------------------------------------------
def once(handler: Handler) -> Handler:
    """Let an Idempotency-Key make a write happen once, however often it is sent (G02)."""

    @wraps(handler)
    def inner(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            words = _("An Idempotency-Key has 1 to 100 printable ASCII characters, no blanks.")
            raise BadRequest("bad_key", words)
        answer = answer_once(
            Keyed(key, _digest(view, request)),
            lambda: _as_answer(handler(view, request, *args, **kwargs)),
            actor=view.actor,
            at=view.at,
        )
        headers = dict(answer.headers) | {"Idempotency-Replayed": str(answer.is_repeated).lower()}
        body = json.loads(answer.body) if answer.body else None
        return Response(body, answer.status, headers=headers)

    inner.is_once = True  # type: ignore[attr-defined]
    return inner


def _as_answer(response: Response) -> Answer:
    # Kept as text: PostgreSQL would sort the names of an object.
    rendered = JSONRenderer().render(response.data).decode()
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return Answer(response.status_code, rendered, kept)


def _digest(view: ApiView, request: Request) -> str:
    """Tell this request from every other under the same key; the caller's rights belong to it."""
    actor = view.actor
    parts = [
        str(request.method),
        request.get_full_path(),
        request.headers.get("If-Match", ""),
        str(actor.token_id),
        _fingerprint({**actor.grants, **{f"level {n}": v for n, v in actor.levels.items()}}),
        _fingerprint(_content(request)),
    ]
    return salted_hmac("guanxi.idempotency", "\n".join(parts), algorithm="sha256").hexdigest()


def _content(request: Request) -> Any:
    data = request.data
    if not hasattr(data, "lists"):
        return data
    return [[name, [_sent(value) for value in values]] for name, values in sorted(data.lists())]


def _sent(value: Any) -> str:
    """A form value, or a file by its name and content: the boundary differs at every try."""
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"{value.name}:{digest.hexdigest()}"


def _fingerprint(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
