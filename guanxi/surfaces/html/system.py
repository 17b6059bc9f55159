"""The state of the installation: a page for administrators, a banner, and answers to machines."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from guanxi import __version__
from guanxi.kernel.actor import Actor
from guanxi.kernel.models import Backup
from guanxi.kernel.outbound import queues
from guanxi.kernel.vitals import Vitals, read_vitals, recent_alarms
from guanxi.surfaces.access import VIEW_SYSTEM
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, allows, answer, now, open_to_all

MOST = 20


# For people ---------------------------------------------------------------------------------------
@require_GET
@allows(VIEW_SYSTEM)
def show_system(request: HttpRequest) -> HttpResponse:
    """Worker, queues, trail, disk and backups, the last good one first."""
    at, tried = now(), Backup.objects.order_by("-started_at")
    vitals, formatter = read_vitals(at), Formatter(actor_of(request), at)
    context = {
        "title": gettext("State of the installation"),
        "version": __version__,
        "facts": list(_facts(vitals, formatter)),
        "backups": [_backup(row, formatter) for row in tried[:MOST]],
    }
    return answer(request, "surfaces/system.html", context)


def _facts(vitals: Vitals, formatter: Formatter) -> Iterator[dict[str, Any]]:
    alarms = vitals.alarms
    never = gettext("never")

    def moment(when: datetime | None) -> str:
        return str(formatter.moment(when)) if when else never

    def fact(label: str, words: str, alarm: str = "", advice: str = "") -> dict[str, Any]:
        is_bad = alarm in alarms
        return {"label": label, "words": words, "is_bad": is_bad, "advice": is_bad and advice}

    yield fact(
        gettext("Worker"),
        gettext("last heard %(when)s") % {"when": moment(vitals.worker_at)},
        "worker",
        gettext("Reactions, imports and backups wait. Start the worker."),
    )
    last = vitals.backup
    yield fact(
        gettext("Last good backup"),
        moment(last.started_at if last else None),
        "backup",
        gettext("Older than 26 hours. Look at the failed one below, or run manage.py backup."),
    )
    yield fact(
        gettext("Held after a restore"),
        str(vitals.held),
        "held",
        gettext("Let it go, or drop it, with manage.py release_outbound."),
    )
    yield fact(gettext("Reactions that wait"), str(vitals.deliveries.get("due", 0)))
    yield fact(gettext("Reactions that failed for good"), str(vitals.parked))
    for queue in queues():
        states = vitals.queues.get(queue.name, {})
        waiting = states.get("due", 0) + states.get("leased", 0)
        words = gettext("%(waiting)s wait, %(parked)s given up")
        shown = fact(
            str(queue.label), words % {"waiting": waiting, "parked": states.get("parked", 0)}
        )
        yield {**shown, "is_bad": bool(states.get("parked"))}
    yield fact(
        gettext("Audit trail sealed"),
        moment(vitals.chore_at),
        "sealing",
        gettext("The trail is not being sealed. Look at the worker's log."),
    )
    yield fact(
        gettext("Free on the disk"),
        f"{vitals.free_bytes / 1024**3:.1f} GB",
        "disk",
        gettext("Make room: when the disk is full nothing can be saved."),
    )


def _backup(row: Backup, formatter: Formatter) -> dict[str, Any]:
    words = {
        "running": gettext("being made"),
        "done": gettext("good"),
        "failed": gettext("failed"),
        "restored": gettext("put in place"),
    }
    return {
        "when": formatter.moment(row.started_at),
        "state": words.get(row.state, row.state),
        "is_bad": row.state == "failed",
        "size": f"{row.size / 1024**2:,.1f} MB" if row.size else "",
        "rows": f"{row.rows:,}" if row.rows else "",
        "files": row.files or "",
        "path": row.path.rpartition("/")[2],
        "error": row.error,
    }


def alarm_words(actor: Actor, at: datetime) -> list[str]:
    """What stands in the banner of whoever looks after the installation (H16)."""
    if not actor.can(VIEW_SYSTEM):
        return []
    words = {
        "worker": gettext("The worker is silent: imports, reactions and backups wait."),
        "backup": gettext("There is no good backup of the last 26 hours."),
        "disk": gettext("The disk is nearly full."),
        "sealing": gettext("The audit trail is not being sealed."),
        "held": gettext("Work is held after a restore."),
    }
    return [words[name] for name in recent_alarms(at)]


# For machines: nothing for strangers but whether it is well (L11) ---------------------------------
@open_to_all
@require_GET
def health(request: HttpRequest, part: str = "") -> HttpResponse:
    """Whether this process and its database answer, or whether a worker lives; one word."""
    del request
    try:
        if part == "worker":
            is_well = not read_vitals(now()).is_worker_silent
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            is_well = True
    except (DatabaseError, OSError):
        is_well = False
    return _plain("ok\n" if is_well else "bad\n", 200 if is_well else 503)


@open_to_all
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever brings the token (GUANXI_METRICS_TOKEN)."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    wanted = settings.METRICS_TOKEN
    if not wanted or not secrets.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    lines = [f'guanxi_info{{version="{__version__}",database="{connection.vendor}"}} 1']
    for name, value in _figures(read_vitals(now())):
        lines.append(f"guanxi_{name} {value:g}")
    return _plain("\n".join(lines) + "\n", 200, "text/plain; version=0.0.4")


def _figures(vitals: Vitals) -> Iterator[tuple[str, float]]:
    def age(when: datetime | None) -> float:
        return (vitals.at - when).total_seconds() if when else float("inf")

    yield "worker_silence_seconds", age(vitals.worker_at)
    for state in ("due", "leased", "parked", "held"):
        yield f'deliveries{{state="{state}"}}', vitals.deliveries.get(state, 0)
    for state in ("queued", "running", "held"):
        yield f'runs{{state="{state}"}}', vitals.runs.get(state, 0)
    for name, states in vitals.queues.items():
        for state in ("due", "leased", "parked", "held"):
            yield f'{name}{{state="{state}"}}', states.get(state, 0)
    yield "deliveries_late", vitals.late
    yield "seal_number", vitals.seal.number if vitals.seal else 0
    yield "sealing_age_seconds", age(vitals.chore_at)
    yield "backup_age_seconds", age(vitals.backup.started_at if vitals.backup else None)
    yield "backup_bytes", vitals.backup.size if vitals.backup else 0
    yield "disk_free_bytes", vitals.free_bytes
    yield "alarms", len(vitals.alarms)


def _plain(text: str, status: int, kind: str = "text/plain") -> HttpResponse:
    response = HttpResponse(text, status=status, content_type=f"{kind}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
