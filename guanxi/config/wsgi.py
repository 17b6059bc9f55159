"""WSGI entry of the pages and the API."""

import os
from collections.abc import Iterable
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from guanxi.kernel.db.patience import patience
from guanxi.kernel.memory import keep_loaded, load_quietly
from guanxi.kernel.supervisor import wait_at_gate

load_quietly()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
django.setup(set_prefix=False)
get_resolver().url_patterns  # noqa: B018  loads every view
# What is built from here on may look at the data: the static files, to begin with.
wait_at_gate()
_answer = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request; no longer than its patience with the database lasts."""
    with patience(settings.DATABASE_PATIENCE_SECONDS):
        return _answer(environ, start_response)


keep_loaded()
