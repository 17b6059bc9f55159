"""WSGI entry of the pages and the API."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")

application = get_wsgi_application()

# What is loaded now stays for good: looking through it for garbage at every few requests would
# cost a tenth of each.
get_resolver().url_patterns  # noqa: B018  loads every view
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
