"""The how-tos for developers, followed literally in a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r'file=(\S+) (?:(end)|(after|replace)="(.*)")$')
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "assets", "*.mo", "*.pyc")


def copy_of_the_tree(folder: Path) -> Path:
    for name in ("guanxi", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=LEFT_BEHIND)
    shutil.copy(ROOT / "manage.py", folder / "manage.py")
    return folder


def write_block(tree: Path, place: str, code: str) -> None:
    found = PLACE.search(place.strip())
    assert found, f"no place in {place!r}"
    name, end, how, anchor = found.groups()
    path = tree / name
    text = path.read_text()
    if end:
        path.write_text(f"{text.rstrip()}\n\n\n{code}")
        return
    assert text.count(f"{anchor}\n") >= 1, f"{name} has no line {anchor!r}"
    old = f"{anchor}\n"
    path.write_text(text.replace(old, code if how == "replace" else old + code, 1))


def run_commands(tree: Path, commands: str) -> str:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GUANXI_DATA": str(tree / "var"),
        "GUANXI_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "guanxi.config.settings",
        "PYTHONPATH": str(tree),
    }
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.once
@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("add-a-field.md", "contract_until"),
        ("add-a-verb.md", "customers.verify"),
        ("add-a-record-type.md", "customers.competitor"),
        ("write-your-own-pack.md", "departments/华北区: new"),
    ],
)
def test_how_to_works_as_written(page: str, expected: str, tmp_path: Path, migrated_folder) -> None:
    tree = copy_of_the_tree(tmp_path)
    migrated_folder(tree / "var")
    said = ""
    for language, place, code in BLOCK.findall((ROOT / "docs/how-to" / page).read_text()):
        if language == "sh":
            said += run_commands(tree, code)
        else:
            write_block(tree, place, code)
    assert expected in said
    assert not run_commands(tree, "python manage.py makemigrations --check --dry-run -v0")
