"""Killed at random under mixed load: nothing acknowledged is lost, nothing doubled (H01, I01)."""

import pytest
from django.db import connection

from tests.crash.rounds import crash_rounds

pytestmark = [pytest.mark.slow, pytest.mark.server, pytest.mark.xdist_group("crash")]
ROUNDS = 25


@pytest.mark.django_db
def test_h01_nothing_acknowledged_is_lost_or_doubled(tmp_path):
    """The run of the tests on each database takes half of the fifty rounds."""
    result = crash_rounds(tmp_path, database=connection.vendor, rounds=ROUNDS, seed=1)
    assert result.wrong == [], result.line()
    assert result.acknowledged > 4 * ROUNDS, result.line()
    assert result.changes_at_once, result.line()
