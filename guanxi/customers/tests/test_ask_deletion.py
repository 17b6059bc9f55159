"""Nothing is deleted but by request, IT's word and thirty days in the bin (SEC-2)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from guanxi.approvals import services as approvals
from guanxi.approvals.models import Request
from guanxi.customers.models import Attachment, ChangeRequest
from guanxi.customers.tests.deletions import FILES, ask, decide, paper
from guanxi.deletions import jobs, services
from guanxi.deletions.models import Deletion
from guanxi.kernel.audit.services import seal_due
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.files import stored_path
from guanxi.kernel.models import Event, StoredFile
from guanxi.people.models import Role, RoleGrant, User
from guanxi.surfaces.services import change_record
from tests.fixtures.company import AT, stamps

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 4, 11, 20, 0, tzinfo=UTC)  # four in the morning, 31 days later


def binned(office, file):
    deletion = ask(office, file)
    decide(office, deletion)
    return deletion


def seen_by(office, who, file):
    return FILES.in_scope(office.actor(who)).filter(pk=file.pk).exists()


def test_to_ask_changes_nothing_but_that_it_is_asked(office):
    file = paper(office)
    deletion = ask(office, file)
    assert (deletion.state, deletion.size, deletion.rows) == ("asked", file.file.size, 2)
    assert deletion.file_digests == file.file.sha256
    assert seen_by(office, "sales", file)
    event = Event.objects.get(kind="deletions.asked")
    assert (event.subject_id, event.customer_id) == (str(file.pk), file.customer_id)
    with pytest.raises(RuleViolation) as found:
        ask(office, file, "head")
    assert found.value.code == "asked_already"


def test_confirmed_it_is_out_of_everybodys_sight_and_comes_back_as_it_was(office):
    file = paper(office)
    before = Attachment.objects.filter(pk=file.pk).values().get()
    deletion = binned(office, file)
    assert (deletion.state, deletion.due_at) == ("binned", AT + timedelta(days=30))
    assert deletion.confirmed_by == office.users["it"]
    for who in ("sales", "head", "administrator", "it"):
        assert not seen_by(office, who, file)
    assert stored_path(file.file_id).exists()
    with pytest.raises(Denied):
        services.bring_back(deletion.pk, actor=office.actor("sales"), at=AT)
    services.bring_back(deletion.pk, actor=office.actor("head"), at=AT)
    deletion.refresh_from_db()
    after = Attachment.objects.filter(pk=file.pk).values().get()
    assert deletion.state == "back"
    assert after | {"version": 1} == before | {"version": 1}
    told = Event.objects.get(kind="deletions.brought_back")
    assert told.data["digest"] == deletion.digest
    with pytest.raises(RuleViolation):
        services.bring_back(deletion.pk, actor=office.actor("it"), at=AT)
    assert ask(office, Attachment.objects.get(pk=file.pk)).state == "asked"


@pytest.mark.parametrize(
    ("verb", "who", "values", "state"),
    [("reject", "it", {"comment": "仍需保存"}, "rejected"), ("withdraw", "sales", {}, "withdrawn")],
)
def test_refused_or_taken_back_leaves_everything(office, verb, who, values, state):
    file = paper(office)
    deletion = ask(office, file)
    decide(office, deletion, verb, who, **values)
    assert (deletion.state, seen_by(office, "sales", file)) == (state, True)
    assert Event.objects.get(kind="deletions.refused").data["state"] == state
    assert jobs.empty_bin(NIGHT) == 0


def test_after_thirty_days_row_and_bytes_are_gone_and_the_tombstone_stays(
    office, django_capture_on_commit_callbacks
):
    file = paper(office)
    deletion = binned(office, file)
    assert jobs.empty_bin(NIGHT.replace(hour=4)) == 0  # by day
    assert jobs.empty_bin(NIGHT - timedelta(days=3)) == 0  # too early
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.empty_bin(NIGHT) == 1
    assert not Attachment.objects.filter(pk=file.pk).exists()
    assert not StoredFile.objects.filter(pk=file.file_id).exists()
    assert not stored_path(file.file_id).exists()
    deletion.refresh_from_db()
    assert deletion.state == "gone"
    stone = Event.objects.get(kind="deletions.deleted")
    assert stone.subject_label == deletion.number
    assert stone.data["record_id"] == str(file.pk)
    assert stone.data["files"] == [file.file.sha256]
    assert stone.data["digest"] == deletion.digest
    assert (stone.data["asked_by"], stone.data["confirmed_by"]) == ("Person sales", "Person it")
    assert file.title not in str(stone.data) + stone.subject_label
    assert jobs.empty_bin(NIGHT) == 0
    seal_due(at=NIGHT)
    call_command("verify")


def test_only_who_holds_the_right_confirms_whatever_the_flow_says(office):
    """A flow that names somebody else, or a decision that was transferred, confirms nothing."""
    file = paper(office)
    deletion = ask(office, file)
    request = Request.objects.get(subject_id=deletion.pk, subject_type=services.KEY)
    to = office.users["quality"].pk
    approvals.transfer_seat(request.pk, to_user=to, actor=office.actor("it"), at=AT)
    with pytest.raises(RuleViolation) as found:
        decide(office, deletion, who="quality")
    assert found.value.code == "not_confirmed"
    assert Deletion.objects.get().state == "asked"


def test_nobody_confirms_their_own_request_nor_by_a_second_account(office):
    RoleGrant.objects.filter(role__code="it", permission="deletions.view").update(reach=4)
    user = office.users["sales"]
    user.roles.add(Role.objects.get(code="it"))
    deletion = ask(office, paper(office))
    with pytest.raises((Denied, RuleViolation)):
        decide(office, deletion, who="sales")
    User.objects.filter(username__in=["sales", "it"]).update(phone="+8613800138000")
    with pytest.raises((Denied, RuleViolation)):
        decide(office, deletion)
    assert Deletion.objects.get().state == "asked"


def test_what_nobody_else_could_confirm_is_not_asked(office):
    User.objects.filter(username="it").update(is_active=False)
    with pytest.raises(RuleViolation) as found:
        ask(office, paper(office))
    assert found.value.code == "nobody_confirms"
    assert not Deletion.objects.exists()


def test_who_edits_meanwhile_has_it_asked_anew_and_an_old_version_asks_nothing(office):
    file = paper(office)
    deletion = ask(office, file)
    request = Request.objects.get(subject_id=deletion.pk)
    actor = office.actor("sales")
    change_record(FILES, file.pk, {"title": "另一份"}, version=1, actor=actor, at=AT)
    with pytest.raises(StaleVersion):
        decide(office, deletion)
    after = Request.objects.get(subject_id=deletion.pk)
    assert (after.round, after.changed) == (2, ["digest"])
    assert after.seen != request.seen
    decide(office, deletion)
    assert deletion.state == "binned"
    with pytest.raises(NotFound):
        change_record(FILES, file.pk, {"title": "x"}, version=3, actor=actor, at=AT)
    other = paper(office)
    change_record(FILES, other.pk, {"title": "新"}, version=1, actor=actor, at=AT)
    with pytest.raises(StaleVersion):
        ask(office, other)


def test_what_others_refer_to_stays(office):
    file = paper(office)
    ChangeRequest.objects.create(
        customer=file.customer, requester=office.users["sales"], base_version=1, reason="x",
        evidence=file, **stamps(),
    )  # fmt: skip
    with pytest.raises(RuleViolation) as found:
        ask(office, file)
    assert found.value.code == "referred_to"


@pytest.mark.parametrize(
    ("who", "of"), [("sales", "stranger"), ("it", "sales"), ("quality", "sales")]
)
def test_only_who_may_and_sees_it_asks(office, who, of):
    with pytest.raises((NotFound, Denied)):
        ask(office, paper(office, of), who)


def test_by_page_and_by_program_with_nothing_of_the_content_before_it(office, enter, callers):
    file = paper(office)
    page, it = enter("sales"), enter("it")
    shelf = f"/customers/{file.customer_id}/files/"
    assert f"/attachments/{file.pk}/ask_deletion/" in page.get(shelf).content.decode()
    form = {"reason": "重复上传", "version": "1", "_fields": "reason"}
    assert page.post(f"/attachments/{file.pk}/ask_deletion/", form).status_code == 302
    assert "已申请删除" in page.get(shelf).content.decode()
    deletion, request = Deletion.objects.get(), Request.objects.get()
    program = callers("it")
    told = [
        it.get("/").content.decode(),
        it.get("/deletions/").content.decode(),
        it.get(f"/deletions/{deletion.pk}/").content.decode(),
        it.get(f"/approvals/{request.pk}/").content.decode(),
        program.get(f"deletions/{deletion.pk}/").content.decode(),
        program.get(f"approvals/{request.pk}/").content.decode(),
    ]
    secret = (file.title, file.customer.name, file.file.name)
    assert not [(word, n) for n, text in enumerate(told) for word in secret if word in text]
    assert deletion.digest in told[3]
    assert file.file.sha256 in told[3]
    assert "decide-buttons" in told[3]
    for address in (f"/attachments/{file.pk}/", f"/attachments/{file.pk}/download/", shelf):
        assert it.get(address).status_code in {403, 404}, address
    answer = program.post(f"approvals/{request.pk}/approve/", {"seen": request.seen})
    assert answer.status_code == 200, answer.content
    assert file.title not in page.get(shelf).content.decode()
    assert page.get(f"/attachments/{file.pk}/").status_code == 404
    assert page.get(f"/attachments/{file.pk}/download/").status_code == 404
    assert program.post(f"deletions/{deletion.pk}/bring_back/", {}).status_code == 200
    back = page.get(f"/attachments/{file.pk}/download/")
    assert b"".join(back.streaming_content) == b"words"
    back.close()
