"""What every record type must do, for to-dos and promises."""

from typing import ClassVar

import pytest

from guanxi.surfaces.testing import RecordSuite

pytestmark = pytest.mark.django_db


class TestCommitment(RecordSuite):
    key = "commitments.commitment"
    outsider = "auditor"
    new: ClassVar = {"title": "核对送货地址", "due_at": "2026-03-12T18:00:00+08:00"}
    change = ("details", "先打电话")
