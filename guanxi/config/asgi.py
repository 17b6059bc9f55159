"""ASGI entry of the live updates: server-sent events, nothing else."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings")
django.setup()

from guanxi.surfaces.live import application  # noqa: E402  needs the apps

__all__ = ["application"]
