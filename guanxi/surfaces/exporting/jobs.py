"""The background writing of exports."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone, translation

from guanxi.kernel.actor import get_actor
from guanxi.kernel.chores import chore
from guanxi.kernel.errors import BadRequest, GuanxiError, RuleViolation
from guanxi.kernel.jobs import Cancelled, LeaseLost, RunContext, job
from guanxi.surfaces.exporting import services
from guanxi.surfaces.models import Export, ExportState


@job(services.KIND)
def run_export(context: RunContext) -> dict[str, Any]:
    """Write one export from the start; a killed worker's half file is never offered (H07)."""
    export = Export.objects.get(pk=context.run.params["export"])
    channel = services.channel_of(context.run.params)
    actor = get_actor(context.run.actor_user_id, channel).within(str(context.run.pk))
    with translation.override(actor.locale):
        try:
            services.write_export(export, actor=actor, progress=context.progress, at=timezone.now())
        except (Cancelled, LeaseLost) as stopped:
            if isinstance(stopped, Cancelled):
                services.note_end(export, ExportState.CANCELLED, at=timezone.now())
            raise
        except GuanxiError as error:
            said = error.text if isinstance(error, RuleViolation | BadRequest) else ""
            message = said or translation.gettext(
                "Your rights have changed: this export is not allowed any more."
            )
            services.note_end(export, ExportState.FAILED, at=timezone.now(), message=message)
    return {"rows": export.row_count}


@chore("exports", every=timedelta(hours=1))
def drop_old_exports(at: datetime) -> int:
    """Remove the bytes of exports that are over."""
    return services.drop_old_files(at=at)
