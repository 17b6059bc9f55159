"""One field changed where it stands: a cell of a list, a fact of a record."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from guanxi.kernel.errors import NotFound, RuleViolation, StaleVersion
from guanxi.surfaces import services
from guanxi.surfaces.fields import Field
from guanxi.surfaces.html import advancing, forms
from guanxi.surfaces.html.cells import RowRights, RowWriter
from guanxi.surfaces.html.conflicts import conflict_page, with_kept
from guanxi.surfaces.html.drafts import edit_mark
from guanxi.surfaces.html.edit import undo_url
from guanxi.surfaces.html.facts import on_map, one_fact
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import (
    actor_of,
    answer,
    go,
    is_fragment,
    needs,
    now,
    page_behind,
    record_url,
    tell,
    trigger,
    version_of,
)
from guanxi.surfaces.html.widgets import Controls, Slot
from guanxi.surfaces.listing import Listing, Row
from guanxi.surfaces.records import RecordType


@require_http_methods(["GET", "POST"])
@needs("change")
def cell(request: HttpRequest, record_type: RecordType, pk: Any, name: str) -> HttpResponse:
    """A cell of a list: its editor, then the new cell."""
    return _field(request, record_type, pk, name, is_cell=True)


@require_http_methods(["GET", "POST"])
@needs("change")
def fact(request: HttpRequest, record_type: RecordType, pk: Any, name: str) -> HttpResponse:
    """A fact of a record's page: its editor, then the new fact."""
    return _field(request, record_type, pk, name, is_cell=False)


def _field(
    request: HttpRequest, record_type: RecordType, pk: Any, name: str, *, is_cell: bool
) -> HttpResponse:
    listing = Listing(record_type, actor_of(request), at=now())
    row = listing.read(pk)  # what this very record guards is not to be filled in
    field = forms.form_fields(listing.every_field, listing.actor).get(name)
    if field is None:
        raise NotFound
    if request.method == "POST":
        return _save(request, listing, row, field, is_cell=is_cell)
    if request.GET.get("cancel"):
        return _shown(request, listing, row, field, is_cell=False)
    return _editor(request, record_type, row, field, is_cell=is_cell)


def _save(
    request: HttpRequest, listing: Listing, row: Row, field: Field, *, is_cell: bool
) -> HttpResponse:
    record_type, actor, at = listing.type, listing.actor, listing.at
    every = forms.form_fields(listing.every_field, actor)
    advance = advancing.advance_of(record_type, field.name)
    along = advancing.sent_along(advance, every, request.POST)
    wanted = {n: every[n] for n in (field.name, *along)}
    raw, wrong = forms.read_form(_marked(request, wanted), wanted, actor)
    try:
        if wrong:
            raise wrong[0]
        values = services.parse_values(record_type, raw, actor=actor)
        merged = services.merge_record(
            record_type, row.pk, values, version=version_of(request), actor=actor, at=at
        )
    except RuleViolation as error:
        asked = [*along, *advancing.lacks(error)]
        return _refused(request, listing, row, field, asked, is_cell=is_cell, error=error)
    except StaleVersion as error:
        back = page_behind(request) if is_cell and is_fragment(request) else ""
        return conflict_page(request, listing, row, error, raw, back=back)
    told = with_kept(gettext("Saved"), listing, merged)
    if along or not is_fragment(request):
        return _seen_anew(request, record_type, row.pk, told)
    fresh = Listing(record_type, actor, at=at).read(row.pk)
    response = _shown(request, listing, fresh, field, is_cell=is_cell)
    trigger(response, "gx:row", {"id": str(row.pk), "version": fresh.version})
    if merged.is_changed or merged.meanwhile:
        undo = undo_url(record_type, row.pk, actor) if merged.is_changed else ""
        tell(response, told, undo=undo)
    return response


def _refused(
    request: HttpRequest, listing: Listing, row: Row, field: Field, asked: list[str], *,
    is_cell: bool, error: RuleViolation,
) -> HttpResponse:  # fmt: skip
    """The editor with what is wrong; what a step forward lacks is asked for in the same form."""
    if asked:
        part = "cell" if is_cell else "fact"
        url = record_url(listing.type, row.pk, f"{part}/{field.name}/")
        return advancing.show_step(request, listing, row, field.name, asked, url=url, error=error)
    typed = {**row.values, field.name: request.POST.get(field.name, "")}
    return _editor(request, listing.type, row, field, is_cell=is_cell, typed=typed, error=error)


def _seen_anew(request: HttpRequest, record_type: RecordType, pk: Any, told: str) -> HttpResponse:
    """The whole page anew: several fields have changed, or there is no script."""
    undo = undo_url(record_type, pk, actor_of(request))
    response = go(request, record_url(record_type, pk), told=told, undo=undo)
    if is_fragment(request):
        del response["HX-Redirect"]
        response["HX-Refresh"] = "true"
    return response


def _marked(request: HttpRequest, names: Iterable[str]) -> Any:
    """The posted values, told which fields were there (an empty box is sent as nothing)."""
    posted = request.POST.copy()
    posted["_fields"] = ",".join(names)
    return posted


def _editor(
    request: HttpRequest, record_type: RecordType, row: Row, field: Field, *, is_cell: bool,
    typed: Mapping[str, Any] | None = None, error: RuleViolation | None = None,
) -> HttpResponse:  # fmt: skip
    values = typed or row.values
    slot = Slot(field.name, f"edit_{field.name}", error is not None, label=str(field.label))
    control = Controls(actor_of(request)).control(field, values.get(field.name), slot)
    part = "cell" if is_cell else "fact"
    context = {
        "control": control,
        "url": record_url(record_type, row.pk, f"{part}/{field.name}/"),
        "version": version_of(request) or row.version,
        "mark": edit_mark(request, record_type, row.pk),
        "errors": [v.text for v in error.violations] if error else [],
        "is_cell": is_cell,
        "label": field.label,
        "title": field.label,
    }
    status = 422 if error else 200
    template = "surfaces/components/inline_editor.html"
    if is_fragment(request):
        return answer(request, template, context, status=status)
    context["box_template"] = template
    return answer(request, "surfaces/box_page.html", context, status=status)


def _shown(
    request: HttpRequest, listing: Listing, row: Row, field: Field, *, is_cell: bool
) -> HttpResponse:
    formatter = Formatter(listing.actor, listing.at)
    if not is_cell:
        shown = on_map(
            listing, row, field, one_fact(listing.type, row, field, formatter, can_change=True)
        )
        return answer(request, "surfaces/components/fact.html", {"fact": shown})
    columns = [field, field]
    writer = RowWriter(listing.type, columns, formatter, RowRights(False, can_change=True))
    return HttpResponse(writer.cell(field, 1)(row.values[field.name]))
