"""Forms that make something once: a double click or a retry sends the same key again (G02)."""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest

from guanxi.surfaces import drafts
from guanxi.surfaces.html.requests import actor_of, now
from guanxi.surfaces.services import Answer, Keyed, answer_once

NAME: Final = "once"
_KEY = re.compile("[0-9a-f]{32}")
_NOT_CONTENT: Final = frozenset({NAME, "csrfmiddlewaretoken", "then", "back", drafts.NAME})


def new_key() -> str:
    """What tells one showing of a form from every other."""
    return secrets.token_hex(16)


def make_once(request: HttpRequest, make: Callable[[], Any]) -> str:
    """The key of the record that a form makes, or of the one that it made when first sent.

    Whoever goes back and writes something else wants another record, so the content belongs
    to the key.
    """
    key = str(request.POST.get(NAME, ""))
    if not _KEY.fullmatch(key):
        return str(make().pk)
    digest = _digest(request)
    first = answer_once(
        Keyed(f"form:{key}:{digest[:40]}", digest),
        lambda: Answer(201, str(make().pk)),
        actor=actor_of(request),
        at=now(),
    )
    return first.body


def _digest(request: HttpRequest) -> str:
    """Tells what was sent from anything else that could have been sent from the same form."""
    sent = [pair for pair in sorted(request.POST.lists()) if pair[0] not in _NOT_CONTENT]
    files = [
        (name, str(each), getattr(each, "size", 0))
        for name, sent in sorted(request.FILES.lists())
        for each in sent
    ]
    written = json.dumps([request.path, sent, files], ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()
