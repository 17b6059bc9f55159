"""Every write of imports: taking a file in, checking it, carrying it out, taking it back."""

from guanxi.surfaces.importing.services.intake import (
    APPLY,
    PREVIEW,
    UNDO,
    actor_of,
    cancel_import,
    choose_columns,
    create_import,
    describe_failure,
    note_end,
    note_stopped,
    run_import,
    run_preview,
    start_import,
    start_preview,
    start_undo,
)
from guanxi.surfaces.importing.services.undoing import run_undo

__all__ = [
    "APPLY",
    "PREVIEW",
    "UNDO",
    "actor_of",
    "cancel_import",
    "choose_columns",
    "create_import",
    "describe_failure",
    "note_end",
    "note_stopped",
    "run_import",
    "run_preview",
    "run_undo",
    "start_import",
    "start_preview",
    "start_undo",
]
