"""The packages of numbers are ten times the product: no process that serves pages loads them."""

import os
import subprocess
import sys

import pytest

HEAVY = ("numpy", "scipy", "sklearn", "duckdb", "pandas", "joblib")
STARTS = {
    "web": "import guanxi.config.wsgi; from django.urls import get_resolver as r; r().url_patterns",
    "live": "import guanxi.config.asgi",
    "worker": "import django; django.setup(); import guanxi.kernel.management.commands.worker",
    "command": "import django; django.setup(); import guanxi.insight.management.commands.insight",
}


@pytest.mark.parametrize(
    "start",
    [pytest.param("web"), *(pytest.param(s, marks=pytest.mark.slow) for s in STARTS if s != "web")],
)
def test_starting_loads_no_numbers(start):
    code = f"{STARTS[start]}\nimport sys; print([n for n in {HEAVY} if n in sys.modules])"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("[]")
