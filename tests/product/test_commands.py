"""Commands on a data folder of their own, without anything started before."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.once]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def manage(tmp_path):
    """Run a command of the product on an empty data folder."""
    environment = {k: v for k, v in os.environ.items() if k != "GUANXI_DATABASE_URL"}
    environment |= {
        "GUANXI_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "guanxi.config.settings",
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run


def test_an_import_makes_the_database_that_is_missing(manage, tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text("name,phone\n甲公司,13800138001\n", "utf-8")
    done = manage("import_file", "customers", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["created"] == 1
    assert json.loads(manage("import_file", "customers", str(file), "--json").stdout) == {
        "created": 0, "updated": 0, "unchanged": 1, "duplicates": 0, "forbidden": 0,
        "invalid": 0, "errors_file": None,
    }  # fmt: skip


def test_a_command_refuses_an_older_database_and_says_what_to_do(manage):
    assert manage("create_user", "somebody", "--make-password").returncode == 0
    assert manage("migrate", "surfaces", "0003").returncode == 0
    done = manage("create_token", "somebody")
    assert done.returncode == 1
    assert "manage.py migrate" in done.stderr
    assert "Traceback" not in done.stderr
