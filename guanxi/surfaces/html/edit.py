"""Creating and changing records on pages: forms, conflicts, archive, undo."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import (
    Denied,
    NotFound,
    RuleViolation,
    RuleViolations,
    StaleVersion,
    VersionMissing,
)
from guanxi.kernel.models import Event
from guanxi.surfaces import services
from guanxi.surfaces.drafts import EDIT, NEW
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html import advancing, forms, once
from guanxi.surfaces.html.conflicts import conflict_page, resolved, sent, with_kept
from guanxi.surfaces.html.drafts import FormDraft, save_form
from guanxi.surfaces.html.formats import in_sentence
from guanxi.surfaces.html.list_query import parameters
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    go,
    list_url,
    needs,
    now,
    record_url,
    safe_back,
    signed_in,
    version_of,
)
from guanxi.surfaces.listing import Listing
from guanxi.surfaces.naming import title_in
from guanxi.surfaces.records import RecordType
from guanxi.surfaces.services.undo import undo_event


# Create -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@needs("create")
def create(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """The form of a new record; a link may fill some of it in beforehand."""
    if not record_type.is_creatable:
        raise NotFound
    actor = actor_of(request)
    every = record_type.all_fields()
    fields = forms.form_fields(every, actor)
    draft = FormDraft(request, record_type, "", NEW)
    if request.method == "GET":
        first = {**forms.first_values(record_type, fields), **_given(request, fields, actor)}
        return _show_new(request, record_type, every, first | draft.typed(fields), draft)
    raw, wrong = forms.read_form(request.POST, fields, actor)
    try:
        values = _parsed(record_type, fields, raw, _filled(raw), wrong, actor)
        made = save_form(request, lambda: once.make_once(
            request, lambda: services.create_record(record_type, values, actor=actor, at=now())
        ))  # fmt: skip
    except RuleViolation as error:
        typed = forms.as_typed(request.POST, fields)
        return _show_new(request, record_type, every, typed, draft, error=error)
    told = gettext("%(label)s created") % {"label": record_type.label}
    if request.POST.get("then") == "another":
        return go(request, f"/{record_type.plural}/new/", told=told)
    return go(request, safe_back(request, record_url(record_type, made)), told=told)


def _parsed(  # noqa: PLR0917
    record_type: RecordType, fields: Mapping[str, Field], raw: Mapping[str, Any],
    kept: Mapping[str, Any], wrong: list[RuleViolation], actor: Actor,
) -> dict[str, Any]:  # fmt: skip
    """The typed values; all that is wrong or missing is said together."""
    values: dict[str, Any] = {}
    try:
        values = services.parse_values(record_type, kept, actor=actor)
    except RuleViolation as error:
        wrong = [*wrong, *error.violations]
    wrong = [*wrong, *forms.missing(fields, raw)]
    if wrong:
        raise RuleViolations(wrong)
    return values


def _filled(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A new record leaves the defaults of blank fields to the model."""
    return {n: v for n, v in raw.items() if v not in ("", [])}


def _given(request: HttpRequest, fields: Mapping[str, Field], actor: Actor) -> dict[str, Any]:
    """Values that the link to the form carries, as `?customer=17` from a customer's page."""
    given: dict[str, Any] = {}
    for name, value in parameters(request.GET).items():
        field = fields.get(name)
        if field is None or not value:
            continue
        given[name] = _named_reference(field, value, actor) if field.type == "ref" else value[:500]
    return given


def _named_reference(field: Field, value: str, actor: Actor) -> Any:
    from guanxi.surfaces.html.pickers import reference_label

    return reference_label(field.ref, value, actor)


def _show_new(
    request: HttpRequest, record_type: RecordType, every: Mapping[str, Field],
    values: Mapping[str, Any], draft: FormDraft, *, error: RuleViolation | None = None,
) -> HttpResponse:  # fmt: skip
    back = safe_back(request, "")
    form = forms.Form(
        title=gettext("New %(label)s") % {"label": in_sentence(record_type.label)},
        url=f"/{record_type.plural}/new/",
        cancel_url=back or list_url(record_type),
        submit_label=gettext("Create"),
        draft=draft,
        check_url=f"/{record_type.plural}/duplicates/" if record_type.duplicates else "",
        can_add_another=True,
    )
    form.hidden.append((once.NAME, once.new_key()))
    if back:
        form.hidden.append(("back", back))
    return _show(request, record_type, every, form, values, error=error)


def _show(
    request: HttpRequest, record_type: RecordType, every: Mapping[str, Field], form: forms.Form,
    values: Mapping[str, Any], *, error: RuleViolation | None, actor: Actor | None = None,
) -> HttpResponse:  # fmt: skip
    actor = actor or actor_of(request)
    by_field: dict[str, list[str]] = {}
    if error is not None:
        form.problems, by_field = forms.problems(error, every)
    maker = forms.FormMaker(record_type, every, actor)
    form.sections = maker.sections(values, by_field)
    names = ",".join(forms.form_fields(every, actor))
    form.hidden.append(("_fields", names))
    return answer(request, "surfaces/form.html", {"form": form}, status=422 if error else 200)


# Change -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@needs("change")
def edit(request: HttpRequest, record_type: RecordType, pk: Any) -> HttpResponse:
    """The form of a record; what somebody else changed meanwhile is shown, never overwritten."""
    at = now()
    listing = Listing(record_type, actor_of(request), at=at)
    row = listing.read(pk)
    actor = listing.actor  # what this very record guards is not to be filled in
    every = listing.every_field
    fields = forms.form_fields(every, actor)
    draft = FormDraft(request, record_type, pk, EDIT)
    if request.method == "GET":
        _require_change(record_type, pk, actor)
        version = (draft.restored and draft.restored.read_version) or row.version
        values = {**row.values, **draft.typed(fields)}
        return _show_edit(request, listing, version, values, draft, title=row.values)
    raw, wrong = forms.read_form(request.POST, fields, actor)
    raw = forms.keep_instants(resolved(raw, request.POST), fields, row.values, actor)
    try:
        values = _parsed(record_type, fields, raw, raw, wrong, actor)
        merged = save_form(request, lambda: services.merge_record(
            record_type, pk, values, version=version_of(request), actor=actor, at=at
        ))  # fmt: skip
    except RuleViolation as error:
        typed = {**row.values, **forms.as_typed(request.POST, sent(fields, request.POST))}
        version = version_of(request) or row.version
        return _show_edit(request, listing, version, typed, draft, title=row.values, error=error)
    except StaleVersion as error:
        return conflict_page(request, listing, row, error, raw)
    told = with_kept(gettext("Saved"), listing, merged)
    undo = undo_url(record_type, pk, actor) if merged.is_changed else ""
    return go(request, safe_back(request, record_url(record_type, pk)), told=told, undo=undo)


def _require_change(record_type: RecordType, pk: Any, actor: Actor) -> None:
    """Seeing a record is not yet the right to change it: say so before somebody types."""
    if not record_type.in_scope(actor, "change").filter(pk=pk).exists():
        raise Denied(record_type.allows("change"))


def _show_edit(
    request: HttpRequest, listing: Listing, version: int, values: Mapping[str, Any],
    draft: FormDraft, *, title: Mapping[str, Any], error: RuleViolation | None = None,
) -> HttpResponse:  # fmt: skip
    record_type = listing.type
    pk = request.resolver_match.kwargs["pk"] if request.resolver_match else ""
    url = record_url(record_type, pk)
    form = forms.Form(
        title=gettext("Edit %(label)s") % {"label": in_sentence(record_type.label)},
        subtitle=title_in(record_type, title)[:80],
        url=f"{url}edit/",
        cancel_url=safe_back(request, url),
        submit_label=gettext("Save"),
        draft=draft,
        edits=f"{record_type.key}:{pk}",
        hidden=[("version", str(version))],
    )
    back = safe_back(request, "")
    if back:
        form.hidden.append(("back", back))
    fields = forms.form_fields(listing.every_field, listing.actor)
    form.steps = advancing.hints(record_type, fields, title)
    return _show(
        request, record_type, listing.every_field, form, values, error=error, actor=listing.actor
    )


# Archive and undo ---------------------------------------------------------------------------------
@require_POST
@needs("archive")
def archive(request: HttpRequest, record_type: RecordType, pk: Any) -> HttpResponse:
    """Take a record out of daily lists; undo instead of "are you sure"."""
    actor = actor_of(request)
    services.archive_record(record_type, pk, version=_version(request), actor=actor, at=now())
    told = gettext("%(label)s archived") % {"label": record_type.label}
    undo = undo_url(record_type, pk, actor)
    return go(request, safe_back(request, list_url(record_type)), told=told, undo=undo)


@require_POST
@needs("archive")
def restore(request: HttpRequest, record_type: RecordType, pk: Any) -> HttpResponse:
    """Bring a record back."""
    actor = actor_of(request)
    services.restore_record(record_type, pk, version=_version(request), actor=actor, at=now())
    told = gettext("%(label)s is back") % {"label": record_type.label}
    return go(request, record_url(record_type, pk), told=told)


def _version(request: HttpRequest) -> int:
    version = version_of(request)
    if version is None:
        raise VersionMissing
    return version


def undo_url(record_type: RecordType, pk: Any, actor: Actor) -> str:
    """Where the last change of this record by this person is taken back."""
    event = (
        Event.objects.filter(
            subject_type=record_type.key, subject_id=str(pk), actor_user_id=actor.user_id
        )
        .order_by("-id")
        .values_list("pk", flat=True)
        .first()
    )
    return f"/undo/{event}/" if event else ""


@require_POST
@signed_in
def undo(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take one's own last change back."""
    from guanxi.surfaces.records import get_record_type_of_model

    actor = actor_of(request)
    instance = undo_event(event_id, actor=actor, at=now())
    record_type = get_record_type_of_model(type(instance))
    url = record_url(record_type, instance) if record_type else "/"
    return go(request, safe_back(request, url), told=gettext("Taken back"))


# Likely duplicates --------------------------------------------------------------------------------
@require_POST
@needs("create")
def duplicates(request: HttpRequest, record_type: RecordType) -> HttpResponse:
    """Records that look like the one being typed, as far as the person may see them."""
    look = record_type.duplicates
    actor = actor_of(request)
    typed = {k: v[:200] for k, v in parameters(request.POST).items() if k in record_type.declared()}
    found = look(actor, typed, now()) if look else []
    context = {"found": found[:5], "record_type": record_type}
    return answer(request, "surfaces/components/duplicates.html", context)
