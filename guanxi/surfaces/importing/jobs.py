"""The background passes over an import: preview, import, undo."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone, translation

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.jobs import Cancelled, RunContext, job
from guanxi.surfaces.importing import services
from guanxi.surfaces.importing.reading import UnreadableFile
from guanxi.surfaces.models import Import, ImportState

Pass = Callable[..., None]


@job(services.PREVIEW)
def preview_import(context: RunContext) -> dict[str, Any]:
    """Check every row of a file."""
    return _pass(context, services.run_preview)


@job(services.APPLY)
def apply_import(context: RunContext) -> dict[str, Any]:
    """Write the rows of a file; goes on where a killed worker was."""
    return _pass(context, services.run_import)


@job(services.UNDO)
def undo_import(context: RunContext) -> dict[str, Any]:
    """Take an import back."""
    return _pass(context, services.run_undo)


def _pass(context: RunContext, work: Pass) -> dict[str, Any]:
    source = Import.objects.select_related("file").get(pk=context.run.params["import"])
    actor: Actor = services.actor_of(context.run, source)
    with translation.override(actor.locale):
        try:
            work(source, actor=actor, progress=context.progress, clock=timezone.now)
        except Cancelled:
            services.note_stopped(source, at=timezone.now())
            raise
        except (GuanxiError, UnreadableFile) as error:
            message = services.describe_failure(error)
            services.note_end(source, ImportState.FAILED, at=timezone.now(), message=message)
    return {"counts": source.counts}
