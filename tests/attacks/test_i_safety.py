"""I. What is kept stays kept: retention, backups, the way from one database to another."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from guanxi.config import environment


def test_i09_less_than_six_months_is_refused(monkeypatch) -> None:
    monkeypatch.setenv("GUANXI_AUDIT_KEEP_MONTHS", "5")
    with pytest.raises(ImproperlyConfigured, match="six months"):
        environment.audit_months()
    monkeypatch.setenv("GUANXI_AUDIT_KEEP_MONTHS", "6")
    assert environment.audit_months() == 6
