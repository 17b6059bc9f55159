"""The checks that run as programs: style, bands, translations, types."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, name_of

BIN = Path(sys.executable).parent
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def run(*command) -> subprocess.CompletedProcess:
    """Run a check at the root of the repository."""
    return subprocess.run(
        [str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.once
@pytest.mark.parametrize(
    "command",
    [
        (BIN / "ruff", "check", "."),
        (BIN / "ruff", "format", "--check", "."),
        (BIN / "lint-imports"),
        (sys.executable, "tools/messages.py", "check"),
    ],
    ids=["style", "format", "bands", "translations"],
)
def test_check(command):
    done = run(*(command if isinstance(command, tuple) else (command,)))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.once
@pytest.mark.slow
def test_types():
    done = run(sys.executable, "-m", "mypy", "guanxi")
    assert done.returncode == 0, done.stdout[-6000:]


def test_nothing_is_left_unfinished():
    ours = [*files(".py", ".html", ".js", ".css", tests=True)]
    found = [name_of(path) for path in ours if UNFINISHED.search(path.read_text("utf-8"))]
    assert found == []
