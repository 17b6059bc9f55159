"""What the tests of ratings share."""

import pytest


@pytest.fixture(autouse=True)
def facts_of_its_own(settings, tmp_path):
    """Each test has its own file of facts."""
    settings.DATA_DIR = tmp_path
