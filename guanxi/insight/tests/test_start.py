"""The packages of numbers are ten times the product: no process that serves pages loads them."""

import os
import subprocess
import sys

import pytest

CODE = """
import sys
import guanxi.config.wsgi, guanxi.config.asgi
from django.urls import get_resolver
get_resolver().url_patterns
import guanxi.kernel.management.commands.worker
import guanxi.insight.management.commands.insight
heavy = ("numpy", "scipy", "sklearn", "duckdb", "pandas", "joblib")
print([name for name in heavy if name in sys.modules])
"""


@pytest.mark.slow
def test_starting_web_live_worker_and_the_command_loads_no_numbers():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("[]")
