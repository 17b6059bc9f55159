"""A worker that hangs is ended, one that shows life is not (H15)."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from guanxi.kernel.watchdog import show_life, watched

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
HANGS = """
from guanxi.kernel.watchdog import watched
with watched(0.3):
    print("begins", flush=True)
    while True:
        pass
"""


def test_what_hangs_ends_and_says_where():
    done = subprocess.run(
        [sys.executable, "-c", HANGS], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "begins\n")
    assert 'File "<string>", line' in done.stderr


def test_what_shows_life_goes_on_for_as_long_as_it_likes():
    with watched(2), watched(5):
        for _ in range(4):
            time.sleep(0.1)
            show_life()
    show_life()


def test_nobody_is_watched_outside_of_work():
    with watched(0.3):
        pass
    show_life()
    time.sleep(0.6)
