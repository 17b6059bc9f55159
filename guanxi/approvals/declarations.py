"""What can be approved: each domain says what of its records an approver must have seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanxi.kernel.actor import Actor
from guanxi.kernel.models import StoredFile

#: Told the record, the outcome (a RequestState), the last decider and when; may refuse.
Decided = Callable[[Any, str, Actor, datetime], None]


def _nobody(record: Any) -> Iterable[int]:
    del record
    return ()


def _no_files(record: Any) -> Iterable[StoredFile]:
    del record
    return ()


def _nothing(record: Any) -> Mapping[str, Any]:
    del record
    return {}


def _own_department(record: Any) -> int | None:
    found: int | None = getattr(record, "department_id", None)
    return found


@dataclass(frozen=True)
class Subject:
    """A kind of record that can be approved.

    `content` are the values that are decided upon, by the names of the record type's fields:
    a decision is bound to their hash and that of the `files`. `before` are the values that they
    would replace, for the reader alone. `parties` never decide.
    """

    record_key: str
    content: Callable[[Any], Mapping[str, Any]]
    before: Callable[[Any], Mapping[str, Any]] = _nothing
    files: Callable[[Any], Iterable[StoredFile]] = _no_files
    parties: Callable[[Any], Iterable[int]] = _nobody
    department: Callable[[Any], int | None] = _own_department
    decided: Decided | None = None


_subjects: dict[str, Subject] = {}


def declare_subject(subject: Subject) -> Subject:
    """Let records of a type be approved; declaring it twice is a mistake."""
    if subject.record_key in _subjects:
        raise ValueError(f"approvals of {subject.record_key} are declared twice")
    _subjects[subject.record_key] = subject
    return subject


def forget_subject(record_key: str) -> None:
    """Take a declaration back (a test's own)."""
    del _subjects[record_key]


def get_subject(record_key: str) -> Subject:
    """How records of a type are approved; KeyError when they are not."""
    return _subjects[record_key]


def subjects() -> Mapping[str, Subject]:
    """Everything that can be approved."""
    return dict(_subjects)
