"""Every write of the surfaces: records, saved views, marks, list settings, reveals."""

from guanxi.surfaces.services.idempotency import Answer, Keyed, KeyReused, answer_once
from guanxi.surfaces.services.marks import (
    mark_record,
    note_read,
    note_refused,
    note_viewed,
    unmark_record,
)
from guanxi.surfaces.services.reconciling import Touch, require_unchanged
from guanxi.surfaces.services.records import (
    archive_record,
    change_record,
    check_reference,
    create_record,
    customer_of,
    fetch_for,
    merge_record,
    parse_values,
    restore_record,
    split_personal,
)
from guanxi.surfaces.services.reveal import reveal_value
from guanxi.surfaces.services.verbs import is_versioned, must_be_given, perform_verb
from guanxi.surfaces.services.views import (
    ViewSpec,
    archive_view,
    change_view,
    create_view,
    keep_list_settings,
)

__all__ = [
    "Answer",
    "KeyReused",
    "Keyed",
    "Touch",
    "ViewSpec",
    "answer_once",
    "archive_record",
    "archive_view",
    "change_record",
    "change_view",
    "check_reference",
    "create_record",
    "create_view",
    "customer_of",
    "fetch_for",
    "is_versioned",
    "keep_list_settings",
    "mark_record",
    "merge_record",
    "must_be_given",
    "note_read",
    "note_refused",
    "note_viewed",
    "parse_values",
    "perform_verb",
    "require_unchanged",
    "restore_record",
    "reveal_value",
    "split_personal",
    "unmark_record",
]
