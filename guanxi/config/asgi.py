"""ASGI entry of the live updates: server-sent events, nothing else."""

import os

import django

from guanxi.kernel.memory import load_quietly

load_quietly()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
django.setup()

from guanxi.people.session_actor import actor_of_session  # noqa: E402  needs the apps
from guanxi.surfaces.live import LiveUpdates  # noqa: E402

application = LiveUpdates(identify=actor_of_session)
