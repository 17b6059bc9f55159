"""What every record type must do, for complaints."""

from typing import ClassVar

import pytest

from guanxi.complaints.tests.factories import NEW
from guanxi.surfaces.testing import RecordSuite

pytestmark = pytest.mark.django_db


class TestComplaint(RecordSuite):
    key = "complaints.complaint"
    new: ClassVar = NEW
    change = ("product", "数控机床 X3")
    is_archivable = False
    statements = 8
