"""Reads of deletions that are not plain lists."""

from collections.abc import Collection

from guanxi.deletions.choices import DeletionState
from guanxi.deletions.models import Deletion


def list_asked(record_key: str, ids: Collection[str]) -> set[str]:
    """Those of these records whose deletion waits for the IT department."""
    rows = Deletion.objects.filter(subject_type=record_key, state=DeletionState.ASKED)
    return set(rows.filter(subject_id__in=list(ids)).values_list("subject_id", flat=True))
