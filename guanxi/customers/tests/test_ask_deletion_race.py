"""Of all who act on a deletion at the same moment, one is first: no orphans (G10)."""

import pytest

from guanxi.approvals import services as approvals
from guanxi.approvals.models import Request
from guanxi.customers.duplicates.services.merging import Merging, merge_customers
from guanxi.customers.models import Attachment
from guanxi.customers.tests import factories
from guanxi.customers.tests.deletions import FILES, ask, decide, paper
from guanxi.deletions import services
from guanxi.deletions.models import Deletion
from guanxi.kernel.errors import Denied, NotFound, RuleViolation, StaleVersion
from guanxi.kernel.models import Event, StoredFile
from guanxi.surfaces.services import change_record
from tests.concurrency.crowd import answers
from tests.fixtures.company import AT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REFUSALS = (RuleViolation, StaleVersion, Denied, NotFound)


def at_once(*acts):
    """What each got; whatever is no refusal is a defect."""
    found = answers(len(acts), lambda number: acts[number]())
    assert [f for f in found if isinstance(f, Exception) and not isinstance(f, REFUSALS)] == []
    return [not isinstance(f, Exception) for f in found]


def test_one_asks_and_confirm_and_withdrawal_have_one_outcome(office):
    for turn in range(3):
        file = paper(office)
        asked = at_once(lambda f=file: ask(office, f), lambda f=file: ask(office, f, "head"))
        assert sum(asked) == 1
        deletion = Deletion.objects.get(subject_id=str(file.pk))
        request = Request.objects.get(subject_id=deletion.pk, subject_type=services.KEY)
        asker = "sales" if asked[0] else "head"
        it, who = office.actor("it"), office.actor(asker)

        def confirm(request=request, it=it):
            return approvals.approve_request(request.pk, seen=request.seen, actor=it, at=AT)

        def withdraw(request=request, who=who):
            return approvals.withdraw_request(request.pk, actor=who, at=AT)

        assert sum(at_once(confirm, confirm if turn == 2 else withdraw)) == 1
        deletion.refresh_from_db()
        file.refresh_from_db()
        assert file.is_binned == (deletion.state == "binned")
        assert deletion.state in {"binned", "withdrawn"}


def test_what_is_binned_is_what_was_confirmed(office):
    """An edit, or a merge of its customer, comes before or after, never between."""
    for turn in range(3):
        file = paper(office)
        deletion = ask(office, file)
        survivor = factories.customer(factories.SYSTEM, f"云岭{turn}")
        asking = Merging(survivor.pk, file.customer_id, 1, file.customer.version, {})
        values, clerk = {"title": "改"}, office.actor("sales")
        acts = [
            lambda d=deletion: decide(office, d),
            lambda f=file, c=clerk, v=values: change_record(
                FILES, f.pk, v, version=1, actor=c, at=AT
            ),
        ]
        if turn == 2:
            acts.append(lambda m=asking: merge_customers(m, actor=factories.SYSTEM, at=AT))
        confirmed, edited, *_merged = at_once(*acts)
        deletion.refresh_from_db()
        file.refresh_from_db()
        assert confirmed == (deletion.state == "binned") == file.is_binned
        assert edited == (file.title == "改")
        if turn < 2:
            assert confirmed != edited
        assert file.customer.merged_into_id is None


def test_brought_back_or_gone_but_not_both(office):
    for _turn in range(3):
        file = paper(office)
        deletion = ask(office, file)
        decide(office, deletion)
        later, head = deletion.due_at, office.actor("head")

        def back(deletion=deletion, head=head, later=later):
            return services.bring_back(deletion.pk, actor=head, at=later)

        def delete(later=later):
            return services.delete_due(actor=factories.SYSTEM, at=later)

        at_once(back, delete, delete)
        deletion.refresh_from_db()
        is_there = Attachment.objects.filter(pk=file.pk, is_binned=False).exists()
        assert is_there == (deletion.state == "back")
        assert is_there == StoredFile.objects.filter(pk=file.file_id).exists()
        assert is_there or deletion.state == "gone"
        stones = Event.objects.filter(kind="deletions.deleted", subject_id=str(deletion.pk))
        assert stones.count() == (0 if is_there else 1)
