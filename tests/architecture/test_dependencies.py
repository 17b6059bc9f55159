"""What the product stands on: locked without addresses, explained, and free to use."""

import json
import re
from importlib import metadata

import pytest

from tests.architecture.source import ROOT, files

DOCUMENT = ROOT / "docs/explanation/dependencies.md"
LOCKS = ["base", "celery", "insight", "test", "node", "uv"]
#: What the product itself imports, always or with an extra.
RUNTIME = ["base", "celery", "insight"]
#: A licence that would bind the product's own code; LGPL libraries are used, not built in.
BINDING = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|Affero|GNU General Public)", re.IGNORECASE)


def direct_python() -> list[str]:
    """The names that requirements/*.in ask for."""
    lines = [
        line
        for name in LOCKS
        for line in (ROOT / f"requirements/{name}.in").read_text().splitlines()
    ]
    return [re.split(r"[\[<>=]", line)[0] for line in lines if line and line[0] not in "#-"]


def direct_node() -> list[str]:
    """The names that package.json asks for."""
    package = json.loads((ROOT / "package.json").read_text())
    return [*package["dependencies"], *package["devDependencies"]]


def locked(name: str) -> dict[str, str]:
    """What a lock file pins."""
    text = (ROOT / f"requirements/{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_a_python_lock_holds_names_versions_and_hashes_only(name):
    text = (ROOT / f"requirements/{name}.txt").read_text()
    assert locked(name)
    assert not re.search(r"://|--(extra-)?index-url|--find-links|file:", text)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_node_lock_holds_no_address():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert len(packages) > 5
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert [name for name, facts in packages.items() if name and "integrity" not in facts] == []


def test_every_wanted_package_is_locked():
    pinned = {name for lock in LOCKS for name in locked(lock)}
    assert set(direct_python()) - pinned == set()


def test_every_dependency_is_explained():
    text = DOCUMENT.read_text("utf-8")
    assert [name for name in direct_python() + direct_node() if f"| {name} |" not in text] == []


#: What a package is called where it is used, if not by its own name with other dashes.
USED_AS = {
    "djangorestframework": "rest_framework",
    "django-allauth": "allauth",
    "django-axes": "axes",
    "django-csp": "csp",
    "argon2-cffi": "Argon2PasswordHasher",
    "psycopg": "django.db.backends.postgresql",
    "python-calamine": "python_calamine",
    "python-stdnum": "stdnum",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}


def test_nothing_is_carried_that_nothing_uses():
    lines = [
        line
        for lock in RUNTIME
        for line in (ROOT / f"requirements/{lock}.in").read_text().splitlines()
    ]
    names = [re.split(r"[\[<>=]", line)[0] for line in lines if line and line[0] != "#"]
    code = "\n".join(path.read_text("utf-8") for path in [*files(".py"), *ROOT.glob("tools/*.py")])
    words = {name: USED_AS.get(name, name.replace("-", "_")) for name in names}
    assert len(words) > 10
    assert [n for n, word in words.items() if not re.search(rf"\b{re.escape(word)}\b", code)] == []


def test_nothing_is_explained_that_is_gone():
    explained = re.findall(r"^\| ([@a-z0-9./-]+) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert set(explained) - {"package"} - set(direct_python() + direct_node()) == set()


@pytest.mark.parametrize("name", sorted({name for lock in RUNTIME for name in locked(lock)}))
def test_no_runtime_licence_binds_the_product(name):
    try:
        facts = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        assert name in {"colorama", "tzdata"}, f"{name} is locked but not installed"
        return
    words = [facts.get("License-Expression") or facts.get("License") or ""]
    words += [c for c in facts.get_all("Classifier") or [] if c.startswith("License")]
    assert any(words), f"{name} does not say its licence"
    assert not BINDING.search(" ".join(words)[:400])


@pytest.mark.parametrize(
    ("words", "binds"),
    [("AGPL-3.0", True), ("GPLv3", True), ("LGPL-3.0-only", False), ("MIT", False)],
)
def test_the_licence_check_can_tell_them_apart(words, binds):
    assert bool(BINDING.search(words)) is binds
