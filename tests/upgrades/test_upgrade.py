"""Data of every released version comes whole into this one (I06): stored backups, put in place.

`make snapshots` stores one of the present version, while that is not released, in `data/`.
"""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from guanxi import __version__
from guanxi.kernel import dump
from guanxi.kernel.audit.checking import check_trail
from guanxi.kernel.audit.chores import seal_trail
from guanxi.kernel.backup import container
from guanxi.kernel.backup.reading import read_backup
from guanxi.kernel.backup.writing import write_backup
from tests.fixtures.api import Callers
from tests.fixtures.company import AT, Company, Founder, model
from tests.snapshots import snapshot

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
FOLDER = Path(__file__).parent / "data"
PHRASE = "no secret: made-up data of the tests"
NAME = "Übergang 升级 🚚"


@pytest.fixture(autouse=True)
def place(other_databases, settings, tmp_path):
    settings.DATA_DIR, settings.FILES_DIR = tmp_path, tmp_path / "files"
    settings.BACKUP_PASSPHRASE, settings.BACKUP_KEY_FILE = PHRASE, ""


def stored() -> list[Path]:
    return sorted(FOLDER.glob("*.guanxi"))


def test_one_of_the_present_version_is_stored():
    """Written anew by `make snapshots`; a released one is never written again."""
    path = FOLDER / f"{__version__}.guanxi"
    if snapshot.IS_WRITING and connection.vendor == "sqlite":
        company = Founder().found()
        model("customers.Customer").objects.filter(owner=company.users["sales"]).update(name=NAME)
        seal_trail(AT)
        write_backup(path, PHRASE.encode(), at=AT)
    assert path in stored()


@pytest.mark.parametrize("path", stored(), ids=lambda path: path.stem)
def test_i06_what_a_version_has_stored_is_all_there_in_this_one(path):
    manifest = read_backup(path, container.key_of())
    call_command("restore", str(path), "--replace", stdout=StringIO())
    found = dump.fingerprint(connection)
    fewer = {
        name: (facts["count"], found.get(name))
        for name, facts in manifest.tables.items()
        if facts["count"] and found.get(name, (0, ""))[0] < facts["count"]
    }
    assert fewer == {}
    assert check_trail().flaws == []
    users = {user.username: user for user in model("people.User").objects.order_by("pk")}
    program = Callers(Company(users=users))("administrator")
    names = {row["name"] for row in program.get("customers/?columns=name").json()["results"]}
    assert NAME in names
    assert program.post("customers/", {"name": "after the upgrade"}).status_code == 201
