"""`doctor` names what is wrong, and only that."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from guanxi.kernel import health
from guanxi.kernel.models import Heartbeat

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, 6, 30, tzinfo=UTC)


def states(at: datetime = NOW) -> dict[str, str]:
    return {finding.check: finding.state for finding in health.examine(at)}


def test_a_sound_database_is_good():
    assert states()["database"] == "good"
    assert "migrations" not in states()


@pytest.mark.parametrize(
    ("silence", "state"), [(timedelta(seconds=5), "good"), (timedelta(minutes=3), "warning")]
)
def test_a_silent_worker_is_named(silence, state):
    Heartbeat.objects.create(name="worker", at=NOW - silence)
    assert states()["worker"] == state


def test_a_short_secret_is_bad(settings):
    settings.SECRET_KEY = "short"
    (finding,) = [f for f in health.examine(NOW) if f.check == "secret key"]
    assert (finding.state, "5 characters" in finding.words) == ("bad", True)
    assert finding.remedy


def test_a_debugging_installation_is_warned_about(settings):
    settings.DEBUG = True
    assert states()["debug"] == "warning"


def test_a_folder_that_is_no_folder_is_bad(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "missing"
    assert states()["data folder"] == "bad"


def test_the_command_prints_json_and_fails_on_what_is_bad(settings, capsys):
    settings.SECRET_KEY = "short"
    with pytest.raises(CommandError, match="secret key"):
        call_command("doctor", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert {"check", "state", "words", "remedy"} == set(printed[0])
    assert "bad" in {finding["state"] for finding in printed}
