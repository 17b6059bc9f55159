"""Asking for a deletion, putting into the bin, bringing back, and deleting for good (SEC-2)."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext_lazy as _

from guanxi.approvals.choices import RequestState, SeatState
from guanxi.approvals.content import digest_parts
from guanxi.approvals.declarations import get_subject
from guanxi.approvals.models import Request
from guanxi.approvals.services import request_approval
from guanxi.deletions import facts, messages
from guanxi.deletions.access import BRING_BACK, CONFIRM
from guanxi.deletions.choices import DeletionState
from guanxi.deletions.declarations import FLAG, get_disposal
from guanxi.deletions.events import (
    BroughtBack,
    DeletedForGood,
    DeletionAsked,
    DeletionConfirmed,
    DeletionRefused,
)
from guanxi.deletions.models import Deletion
from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor, get_actor
from guanxi.kernel.db.rows import insert_rows
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.errors import Denied, RuleViolation, StaleVersion
from guanxi.kernel.events import EventBase, record
from guanxi.kernel.files import discard
from guanxi.kernel.models import StoredFile
from guanxi.kernel.numbering import next_number
from guanxi.people.queries import list_holders
from guanxi.surfaces.fields import Field
from guanxi.surfaces.records import Verb, get_record_type
from guanxi.surfaces.services import customer_of

KEY: Final = "deletions.deletion"
KEPT: Final = timedelta(days=30)
"""How long what was confirmed lies in the bin."""
log = logging.getLogger(__name__)


# Asking -------------------------------------------------------------------------------------------
def deletion_verb(record_key: str, permission: str) -> Verb:
    """The verb by which records of a type are asked to be deleted."""

    def ask(pk: Any, *, reason: str, version: int, actor: Actor, at: datetime) -> Deletion:
        """Ask the IT department to delete a record, read at this version."""
        return ask_deletion(record_key, permission, pk, reason, version, actor, at)

    service: Callable[..., Deletion] = atomic_retried(ask)
    reason = Field("reason", type="text", label=_("Reason"), required=True, max_length=300)
    return Verb(
        "ask_deletion",
        _("Ask for deletion"),
        permission,
        service,
        icon="trash",
        fields=(reason,),
        is_danger=True,
    )


def ask_deletion(  # noqa: PLR0917
    record_key: str,
    permission: str,
    pk: Any,
    reason: str,
    version: int,
    actor: Actor,
    at: datetime,
) -> Deletion:
    """Ask for a deletion: the record stays as it is until the IT department confirms."""
    kind = get_record_type(record_key)
    rows = kind.model._base_manager.select_for_update(of=("self",), no_key=True)
    material: Any = get_allowed(actor, permission, rows, seen_by=kind.allows("view"), pk=pk)
    if actor.user_id is None:
        raise Denied(permission)
    if material.version != version:
        raise StaleVersion(material.version)
    facts.refuse_needed(material)
    _refuse_unconfirmable(actor.user_id)
    deletion = Deletion(
        number=next_number(KEY, prefix="SC"),
        subject_type=record_key,
        subject_id=str(material.pk),
        requester_id=actor.user_id,
        department_id=actor.department_id,
        reason=reason,
        created_at=at,
        updated_at=at,
        created_by_id=actor.user_id,
        **facts.facts_of(material).columns(),
    )
    _store(deletion)
    _note(DeletionAsked(deletion.number, reason), material, actor, at)
    request_approval(deletion, reason=reason, actor=actor, at=at)
    return deletion


def _store(deletion: Deletion) -> None:
    """Of two who ask at once, the index decides."""
    try:
        with transaction.atomic():
            insert_rows([deletion])
    except IntegrityError as error:
        raise RuleViolation("asked_already", messages.ASKED_ALREADY) from error


def _refuse_unconfirmable(requester_id: int) -> None:
    """A request that nobody could ever confirm is refused at once."""
    if not list_holders(CONFIRM).exclude(pk=requester_id).exists():
        raise RuleViolation("nobody_confirms", messages.NOBODY_CONFIRMS)


def _note(happened: EventBase, material: Any, actor: Actor, at: datetime) -> None:
    """Write down what happened to the record, on its customer's timeline as well."""
    kind = get_record_type(f"{material._meta.app_label}.{material._meta.model_name}")
    customer_id = customer_of(kind, material)
    record(happened, subject=material, customer_id=customer_id, actor=actor, at=at)


def _move(deletion: Deletion, to: DeletionState, at: datetime, **columns: Any) -> None:
    """One conditional update: of all who act at once on the same state, one row count is one."""
    known = Deletion.objects.filter(pk=deletion.pk, state=deletion.state)
    columns |= {"state": to, "updated_at": at}
    if not known.update(version=F("version") + 1, **columns):
        raise RuleViolation("ended", messages.ENDED)
    for name, value in columns.items():
        setattr(deletion, name, value)
    deletion.version += 1


# Decided ------------------------------------------------------------------------------------------
def settle_deletion(deletion: Deletion, outcome: str, actor: Actor, at: datetime) -> None:
    """Put the record into the bin once that is confirmed, or leave it as it is."""
    material = facts.material_of(deletion, is_locked=True)
    if outcome == RequestState.APPROVED:
        _confirm(deletion, material, actor, at)
        return
    _move(deletion, DeletionState(outcome), at, ended_at=at)
    if material is not None:
        _note(DeletionRefused(deletion.number, outcome), material, actor, at)


def _confirm(deletion: Deletion, material: Any, actor: Actor, at: datetime) -> None:
    """The record goes out of sight; its version moves, so whoever edits it at once is told."""
    request = Request.objects.filter(subject_type=KEY, subject_id=deletion.pk).latest("pk")
    confirmer_id = _confirmer(request, actor)
    seen = digest_parts(get_subject(KEY), deletion, request.salt)
    if material is None or seen != request.digests:
        raise RuleViolation("changed", messages.CHANGED)
    facts.refuse_needed(material)
    known = facts.facts_of(material)
    _set_aside(material, is_binned=True)
    due_at = at + KEPT
    _move(
        deletion,
        DeletionState.BINNED,
        at,
        confirmed_by_id=confirmer_id,
        confirmed_at=at,
        due_at=due_at,
        **known.columns(),
    )
    files = known.file_digests.split()
    happened = DeletionConfirmed(deletion.number, known.digest, files, due_at.isoformat())
    _note(happened, material, actor, at)


def _confirmer(request: Request, actor: Actor) -> int:
    """Who of those who signed holds the right to confirm themselves, whatever the flow says."""
    seats = request.seats.filter(state=SeatState.APPROVED, decided_by__isnull=False)
    for pk in seats.order_by("-position").values_list("decided_by_id", flat=True):
        if get_actor(pk, actor.channel).can(CONFIRM):
            return int(pk or 0)
    raise RuleViolation("not_confirmed", messages.NOT_CONFIRMED)


def _set_aside(material: Any, *, is_binned: bool) -> None:
    rows = type(material)._base_manager.filter(pk=material.pk, **{FLAG: not is_binned})
    if not rows.update(version=F("version") + 1, **{FLAG: is_binned}):
        raise RuleViolation("ended", messages.ENDED)


# The bin ------------------------------------------------------------------------------------------
@atomic_retried
def bring_back(deletion_id: int, *, actor: Actor, at: datetime) -> Deletion:
    """Take a record out of the bin: it is there again as it was."""
    rows = Deletion.objects.select_for_update(of=("self",), no_key=True)
    deletion = get_allowed(actor, BRING_BACK, rows, seen_by="deletions.view", pk=deletion_id)
    if deletion.state != DeletionState.BINNED:
        raise RuleViolation("ended", messages.ENDED)
    material = facts.material_of(deletion, is_locked=True)
    _set_aside(material, is_binned=False)
    _move(deletion, DeletionState.BACK, at, ended_at=at)
    happened = BroughtBack(deletion.number, facts.facts_of(material).digest)
    _note(happened, material, actor, at)
    return deletion


def delete_due(*, actor: Actor, at: datetime) -> int:
    """Delete for good what has lain in the bin long enough; how many records that were."""
    due = Deletion.objects.filter(state=DeletionState.BINNED, due_at__lte=at).order_by("pk")
    done = 0
    for pk in list(due.values_list("pk", flat=True)[:500]):
        try:
            done += _delete(pk, actor, at)
        except (ProtectedError, RuleViolation):
            log.exception("deletion %s stays in the bin", pk)
    return done


@atomic_retried
def _delete(deletion_id: int, actor: Actor, at: datetime) -> bool:
    """Rows and files go, the tombstone stays; the bytes follow once that is certain."""
    rows = Deletion.objects.select_for_update(of=("self",), no_key=True)
    deletion = rows.get(pk=deletion_id)
    if deletion.state != DeletionState.BINNED:
        return False
    material: Any = facts.material_of(deletion, is_locked=True)
    files = list(get_disposal(deletion.subject_type).files(material))
    facts.refuse_needed(material)
    _move(deletion, DeletionState.GONE, at, ended_at=at, **facts.facts_of(material).columns())
    record(_tombstone(deletion), subject=deletion, actor=actor, at=at)
    material.delete()
    ids = [file.pk for file in files]
    StoredFile.objects.filter(pk__in=ids).delete()
    for pk in ids:
        transaction.on_commit(partial(discard, pk))
    return True


def _tombstone(deletion: Deletion) -> DeletedForGood:
    who = deletion.confirmed_by.name if deletion.confirmed_by else ""
    when = deletion.confirmed_at.isoformat() if deletion.confirmed_at else ""
    return DeletedForGood(
        record_key=deletion.subject_type,
        record_id=deletion.subject_id,
        rows=deletion.rows,
        size=deletion.size,
        digest=deletion.digest,
        files=deletion.file_digests.split(),
        asked_by=deletion.requester.name,
        asked_at=deletion.created_at.isoformat(),
        confirmed_by=who,
        confirmed_at=when,
    )
