"""Kinds of notification that only these tests know."""

import pytest

from guanxi.notifications import declarations
from guanxi.notifications.declarations import Kind, declare_kind

ASKED = "tests.asked"
DUE = "tests.due"


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """Two kinds: an ordinary one, and one that does not wait."""
    monkeypatch.setattr(declarations, "_kinds", dict(declarations._kinds))
    declare_kind(Kind(ASKED, label="Asked", title="%(who)s asks about %(record)s"))
    declare_kind(Kind(DUE, label="Due", title="%(record)s is due at %(due_at)s", urgent=True))
