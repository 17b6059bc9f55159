"""Several records at once: choose what, see what it would do, start it, read the report."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import BadRequest, NotFound, RuleViolation
from guanxi.kernel.jobs import cancel_run
from guanxi.kernel.models import Run
from guanxi.surfaces.fields import DOCUMENTS, Field
from guanxi.surfaces.html import forms
from guanxi.surfaces.html.filters import Describer
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    go,
    in_box,
    is_fragment,
    list_url,
    needs,
    now,
    record_url,
    safe_back,
    signed_in,
)
from guanxi.surfaces.html.widgets import Controls, Slot
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.naming import titles_of
from guanxi.surfaces.parsing import is_number
from guanxi.surfaces.records import RecordType, get_record_type
from guanxi.surfaces.services import bulk

NOT_AT_ONCE = DOCUMENTS | {"longtext"}
MOST_IDS = 500
SEEN = "seen_at"


def selection_of(given: QueryDict) -> bulk.Selection:
    """The ticked rows, or everything that the list's query matches."""
    if given.get("all"):
        pairs = dict(parse_qsl(str(given["all"]), keep_blank_values=True))
        kept = {
            k: v
            for k, v in pairs.items()
            if k not in {"after", "before", "size", "columns", "frozen"}
        }
        return bulk.Selection(query=kept)
    ids = [int(i) for i in given.getlist("id") if is_number(i)]
    return bulk.Selection(ids=tuple(ids[:MOST_IDS]))


@require_GET
@needs("view")
def choose(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Where the bar below the list leads: the form of the verb that was pressed."""
    verb = request.GET.get("verb", "change")
    if verb == "export":
        return _export(request, record_type)
    if verb != "change":
        raise NotFound
    selection = selection_of(request.GET)
    actor, at = actor_of(request), now()
    count = len(selection.pks(record_type, actor, at))
    back = safe_back(request, list_url(record_type))
    if not count:
        return go(request, back, told=gettext("Select some rows first."), failed=True)
    context = {
        "title": gettext("Change several at once"),
        "url": f"/{record_type.plural}/bulk/preview/",
        "back": back,
        "count": count,
        "label": record_type.label_plural,
        "hidden": _selection_inputs(request.GET),
        "fields": _fields(record_type, request),
    }
    return answer(request, "surfaces/bulk.html", context)


def _export(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    query = QueryDict(mutable=True)
    query["type"] = record_type.key
    if request.GET.get("all"):
        query["query"] = request.GET["all"]
    else:
        query.setlist("id", request.GET.getlist("id")[:MOST_IDS])
    return HttpResponseRedirect(f"/exports/new/?{query.urlencode()}")


def _selection_inputs(given: QueryDict) -> list[tuple[str, str]]:
    names = ("all",) if given.get("all") else ("id",)
    return [(n, v) for n in names for v in given.getlist(n)[:MOST_IDS]]


def _editable(record_type: RecordType, request: HttpRequest) -> dict[str, Field]:
    fields = forms.form_fields(record_type.all_fields(), actor_of(request))
    keys = {name for key in record_type.import_keys for name in key if len(key) == 1}
    return {n: f for n, f in fields.items() if f.type not in NOT_AT_ONCE and n not in keys}


def _fields(record_type: RecordType, request: HttpRequest) -> list[dict[str, Any]]:
    controls = Controls(actor_of(request))
    return [
        {
            "name": f.name,
            "label": f.label,
            "control": controls.control(f, None, Slot(f.name, f"id_{f.name}", label=str(f.label))),
        }
        for f in _editable(record_type, request).values()
    ]


@require_POST
@needs("change")
def preview(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """What would change, before anything does."""
    actor, at = actor_of(request), now()
    raw = _chosen(request, record_type)
    back = safe_back(request, list_url(record_type))
    context: dict[str, Any] = {
        "title": gettext("Look before you change"),
        "url": f"/{record_type.plural}/bulk/start/",
        "back": back,
        "fields_url": _fields_url(record_type, request, back),
        "label": record_type.label_plural,
        "hidden": [
            *forms.hidden_inputs(request.POST, frozenset({"csrfmiddlewaretoken", SEEN})),
            (SEEN, at.isoformat()),
        ],
    }
    try:
        if not raw:
            raise RuleViolation("nothing", gettext("Tick at least one field to change."))
        found = bulk.preview_bulk_change(
            record_type, selection_of(request.POST), raw, actor=actor, at=at
        )
        context.update(preview=found, sample=_sample(record_type, found, request))
    except RuleViolation as error:
        context["problems"] = forms.problems(error, record_type.all_fields())[0]
        return answer(request, "surfaces/bulk_preview.html", context, status=422)
    return answer(request, "surfaces/bulk_preview.html", context)


def _fields_url(record_type: RecordType, request: HttpRequest, back: str) -> str:
    """The form of fields for the same selection."""
    asked = [("verb", "change"), ("back", back), *_selection_inputs(request.POST)]
    return f"/{record_type.plural}/bulk/?{urlencode(asked)}"


def _chosen(request: HttpRequest, record_type: RecordType) -> dict[str, Any]:
    """The fields that were ticked, with their values."""
    ticked = set(request.POST.getlist("set"))
    fields = {n: f for n, f in _editable(record_type, request).items() if n in ticked}
    posted = request.POST.copy()
    posted["_fields"] = ",".join(fields)
    return forms.read_raw(posted, fields, actor_of(request))


def _sample(
    record_type: RecordType, found: bulk.Preview, request: HttpRequest
) -> list[dict[str, Any]]:
    actor, at = actor_of(request), now()
    formatter = Formatter(actor, at)
    describer = Describer(Listing(record_type, actor, at=at), formatter)
    by_label = {str(f.label): f for f in record_type.all_fields().values()}
    changes = [(by_label[str(c["label"])], c) for row in found.sample for c in row["changes"]]
    describer.prepare(
        {"field": f.name, "value": v} for f, c in changes for v in (c["old"], c["new"])
    )

    def said(field: Field, value: Any) -> str:
        if field.type in {"ref", "refs"}:
            return describer.value(field, "is", value)
        return formatter.text(field, value)

    return [
        {
            "label": row["label"],
            "url": record_url(record_type, row["id"]),
            "changes": [
                {
                    "label": c["label"],
                    "old": said(by_label[str(c["label"])], c["old"]),
                    "new": said(by_label[str(c["label"])], c["new"]),
                }
                for c in row["changes"]
            ],
        }
        for row in found.sample
    ]


@require_POST
@needs("change")
def start(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Start the change as a run, and watch it."""
    run = bulk.start_bulk_change(
        record_type,
        selection_of(request.POST),
        _chosen(request, record_type),
        actor=actor_of(request),
        at=now(),
        seen_at=_seen_at(request),
    )
    return go(request, f"/runs/{run.pk}/")


def _seen_at(request: HttpRequest) -> datetime | None:
    """When the preview was shown: what others set after that is kept."""
    try:
        seen_at = datetime.fromisoformat(str(request.POST.get(SEEN, "")))
    except ValueError:
        return None
    is_likely = seen_at.tzinfo is not None and abs(now() - seen_at) < timedelta(days=30)
    return seen_at if is_likely else None


# Runs ---------------------------------------------------------------------------------------------
def own_run(request: HttpRequest, run_id: Any) -> Run:
    """A run that the person started; anybody else's is none (A12)."""
    run = Run.objects.filter(pk=run_id, actor_user_id=actor_of(request).user_id).first()
    if run is None:
        raise NotFound
    return run


@require_GET
@signed_in
def show_run(request: HttpRequest, run_id: Any) -> HttpResponse:
    """How far a run has come, then its report."""
    run = own_run(request, run_id)
    total = run.progress_total or 1
    context: dict[str, Any] = {
        "run": run,
        "title": _run_titles().get(run.kind, gettext("Background work")),
        "percent": min(100, int(run.progress_done * 100 / total)),
        "is_over": run.state in {"done", "failed", "cancelled"},
        "failures": _failures(run, actor_of(request)),
        "back_url": _back(run),
        "can_undo": run.kind == "bulk_change" and run.state == "done" and run.result.get("changed"),
    }
    if is_fragment(request):
        return answer(request, "surfaces/_run.html", context)
    return in_box(request, "surfaces/_run.html", context)


def _run_titles() -> dict[str, str]:
    return {
        "bulk_change": gettext("Change several at once"),
        "bulk_undo": gettext("Taking a change of many back"),
    }


def _back(run: Run) -> str:
    key = run.params.get("record_key")
    try:
        return list_url(get_record_type(key)) if key else "/"
    except KeyError:
        return "/"


def _failures(run: Run, actor: Actor) -> list[dict[str, Any]]:
    key = run.params.get("record_key", "")
    try:
        record_type = get_record_type(key)
    except KeyError:
        return []
    rows = [dict(f) for f in bulk.failures_of(run)]
    seen = record_type.in_scope(actor).filter(pk__in=[r["id"] for r in rows])
    names = titles_of(record_type, seen, actor)
    return [
        {**r, "label": names.get(r["id"], f"#{r['id']}"), "url": record_url(record_type, r["id"])}
        for r in rows
    ]


@require_http_methods(["POST"])
@signed_in
def run_verb(request: HttpRequest, run_id: Any, verb: str) -> HttpResponse:
    """Stop a run, or take back what it did."""
    run, actor, at = own_run(request, run_id), actor_of(request), now()
    if verb == "cancel":
        cancel_run(run.pk, actor=actor, at=at)
        return go(request, f"/runs/{run.pk}/")
    if run.kind != "bulk_change":
        raise BadRequest("not_undoable", gettext("This cannot be taken back here."))
    back = bulk.undo_bulk_change(run, actor=actor, at=at)
    return go(request, f"/runs/{back.pk}/")
