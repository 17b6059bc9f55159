"""A company whose IT department confirms deletions, and a file to be deleted (SEC-2)."""

import pytest

from guanxi.approvals import services as approvals
from guanxi.approvals.models import Request
from guanxi.customers.models import Attachment
from guanxi.customers.tests import factories
from guanxi.deletions import services
from guanxi.people.models import Role
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record
from guanxi.surfaces.services.verbs import perform_verb
from tests.fixtures.company import AT

FILES = get_record_type("customers.attachment")
ASK = FILES.verb("ask_deletion")


@pytest.fixture
def office(company):
    """The company whose flow asks the IT department."""
    flow = create_record(
        get_record_type("approvals.flow"),
        {"name": "删除确认", "record_key": services.KEY, "is_for_all": True},
        actor=factories.SYSTEM,
        at=AT,
    )
    step = {"flow": flow.pk, "place": 1, "name": "IT", "roles": [Role.objects.get(code="it").pk]}
    create_record(get_record_type("approvals.flowstep"), step, actor=factories.SYSTEM, at=AT)
    return company


def paper(office, who="sales", **values):
    """A file of a person's own customer, with bytes behind it."""
    filed = factories.attachment(office.belongings[who].customer, "云澜秘密合同", **values)
    return Attachment.objects.select_related("file").get(pk=filed.pk)


def ask(office, file, who="sales", **values):
    given = {"reason": "重复上传", **values}
    return perform_verb(
        FILES, ASK, file.pk, given, version=file.version, actor=office.actor(who), at=AT
    )


def decide(office, deletion, verb="approve", who="it", **values):
    request = Request.objects.get(subject_type=services.KEY, subject_id=deletion.pk)
    act = getattr(approvals, f"{verb}_request")
    given = {} if verb == "withdraw" else {"seen": request.seen}
    act(request.pk, **given, actor=office.actor(who), at=AT, **values)
    deletion.refresh_from_db()
