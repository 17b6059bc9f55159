"""F. Two pairs of eyes: nobody decides what they asked for, and no door deletes anything."""

import pytest

from guanxi.approvals.models import Request
from guanxi.commitments.tests.factories import promise
from guanxi.customers.changes.services import request_change
from guanxi.deadlines.tests.test_calendars import made
from guanxi.kernel.actor import system_actor
from guanxi.kernel.models import StoredFile
from guanxi.surfaces.records import get_record_type, record_types
from guanxi.surfaces.services import create_record
from tests.fixtures.company import AT, model

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SECRET = "机密内容不可见"
DEADLY = (
    "customers.customer", "customers.attachment", "customers.changerequest",
    "commitments.commitment", "commitments.cadence", "approvals.request", "approvals.flow",
    "approvals.flowstep", "deadlines.clock", "deadlines.calendar", "deadlines.policy",
    "deadlines.notice",
)  # fmt: skip


def approved_by(code: str) -> None:
    """Change requests are decided by whoever holds a role."""
    role, made = model("people.Role").objects.get(code=code), {}
    for key, values in (
        ("flow", {"record_key": "customers.changerequest", "is_for_all": True}),
        ("flowstep", {"place": 1, "roles": [role.pk]}),
    ):
        given = {"name": "审核", **values} | ({"flow": made["flow"].pk} if made else {})
        kind = get_record_type(f"approvals.{key}")
        made[key] = create_record(kind, given, actor=system_actor(), at=AT)


def ask(company, who: str, **values) -> Request:
    """Somebody asks for other key values of their own customer."""
    customer = company.belongings[who].customer
    given = {"reason": "营业执照已变更", "version": 1, "name": "新名称", **values}
    change = request_change(customer.pk, actor=company.actor(who), at=AT, **given)
    return Request.objects.get(subject_id=change.pk)


@pytest.mark.parametrize(
    ("asked_by", "tried_by", "twin"),
    [
        ("sales", "sales", {}),
        ("sales", "colleague", {"email": ("ann@guanxi.example", "Ann@Guanxi.example")}),
        ("sales", "administrator", {"phone": ("+8613800138000", "+8613800138000")}),
        ("administrator", "administrator", {}),
    ],
)
def test_f01_no_door_lets_anybody_decide_what_they_asked_for(
    company, enter, callers, asked_by, tried_by, twin
):
    """Neither with the approver's role, nor by a second account, nor as the administrator."""
    approved_by("legal")
    role = model("people.Role").objects.get(code="legal")
    for name, values in zip((asked_by, tried_by), zip(*twin.values(), strict=True), strict=False):
        users = model("people.User").objects.filter(pk=company.users[name].pk)
        users.update(**dict(zip(twin, values, strict=True)))
    for name in (asked_by, tried_by):
        company.users[name].roles.add(role)
    request = ask(company, asked_by)
    path, asked = f"approvals/{request.pk}/approve/", {"seen": request.seen, "comment": "同意"}
    assert enter(tried_by).post(f"/{path}", asked).status_code >= 400
    assert callers(tried_by).post(path, asked).status_code >= 400
    request.refresh_from_db()
    assert (request.state, request.signed_by.count()) == ("open", 0)
    answer = callers("legal").post(path, asked)
    assert answer.status_code == 200, answer.content
    request.refresh_from_db()
    assert request.state == "approved"


def test_f04_no_door_deletes_anything(company, enter, callers):
    """What is there stays there, whoever asks by whichever way: at most it is put away."""
    program, page = callers("administrator"), enter("administrator")
    furnish(company)
    for key in DEADLY:
        assert get_record_type(key).model._base_manager.exists(), key
    before = {t.key: rows_of(t) for t in record_types()}
    files = set(StoredFile.objects.values_list("pk", flat=True))
    put_away = 0
    for record_type in record_types():
        for row in record_type.model._base_manager.order_by("pk")[:2]:
            address = f"{record_type.plural}/{row.pk}/"
            answer = program.delete(address, getattr(row, "version", 1))
            assert answer.status_code < 500, (address, answer.content)
            put_away += answer.status_code < 300
            for verb in ("delete", "remove", "purge"):
                assert page.post(f"/{address}{verb}/").status_code in {403, 404, 405}
    assert put_away > 5
    for record_type in record_types():
        assert before[record_type.key] <= rows_of(record_type), record_type.key
    assert files <= set(StoredFile.objects.values_list("pk", flat=True))


def furnish(company) -> None:
    """Something of each kind that deadlines, promises, approvals and packs know."""
    approved_by("legal")
    ask(company, "sales")
    promise(company.actor("sales"), company.belongings["sales"].customer)
    made("policy", name="录入", kind="customers.enter", unit="hours", amount=24)
    made("notice", year=2027, dates="2027-01-01,holiday,元旦")
    visits = {"name": "回访", "title": "回访", "every": 1, "unit": "month"}
    create_record(get_record_type("commitments.cadence"), visits, actor=system_actor(), at=AT)


def rows_of(record_type) -> set:
    return set(record_type.model._base_manager.values_list("pk", flat=True))


def test_f05_who_confirms_is_told_what_it_is_about_and_sees_no_content(company, enter, callers):
    """IT decides on a customer's matter without coming to see the customer or its files."""
    approved_by("it")
    own = company.belongings["sales"]
    type(own.customer).objects.filter(pk=own.customer.pk).update(notes=SECRET, focus=SECRET)
    request = ask(company, "sales", evidence=own.attachment.pk)
    confirmer, program = enter("it"), callers("it")
    page = confirmer.get(f"/approvals/{request.pk}/").content.decode()
    assert own.attachment.file.name in page
    assert "decide-buttons" in page
    for address in (
        f"/customers/{own.customer.pk}/",
        f"/change-requests/{request.subject_id}/",
        f"/attachments/{own.attachment.pk}/",
        f"/files/{own.attachment.file_id}/",
    ):
        assert confirmer.get(address).status_code in {403, 404}, address
        assert program.get(f"/api/v1{address}").status_code in {403, 404}, address
    assert SECRET not in page + program.get(f"approvals/{request.pk}/").content.decode()
    answer = program.post(f"approvals/{request.pk}/approve/", {"seen": request.seen})
    assert answer.status_code == 200, answer.content
