"""What every record type must do, for tickets and wordings."""

from typing import ClassVar

import pytest

from guanxi.surfaces.testing import RecordSuite

pytestmark = pytest.mark.django_db


def _of_a_customer(company):
    return {"subject": "水泵漏水", "customer": company.belongings["administrator"].customer.pk}


class TestTicket(RecordSuite):
    key = "tickets.ticket"
    new = staticmethod(_of_a_customer)
    change: ClassVar = ("description", "接头处渗水")


class TestWording(RecordSuite):
    key = "tickets.wording"
    outsider = "hr"
    new: ClassVar = {"phrase": "不归我管", "instead": "我帮您联系负责的同事"}
    change = ("instead", "我帮您跟进")
