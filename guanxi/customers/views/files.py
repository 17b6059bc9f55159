"""The files of a customer: by year and kind, filed, handed out (CUS-10)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.customers import forms, queries, services
from guanxi.customers.access import closed_kinds
from guanxi.customers.choices import AttachmentKind
from guanxi.customers.models import Attachment, Customer
from guanxi.customers.page.related import Related
from guanxi.kernel import files as store
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.downloads import hand_out
from guanxi.surfaces.html import once
from guanxi.surfaces.html.formats import Formatter
from guanxi.surfaces.html.requests import actor_of, allows, answer, go, in_box, now


@require_GET
@allows("attachments.view")
def shelf(request: HttpRequest, pk: int) -> HttpResponse:
    """All files of a customer, by year and kind."""
    actor = actor_of(request)
    customer, opened = queries.get_opened(pk, actor)
    kind = request.GET.get("kind", "")
    kind = kind if kind in AttachmentKind.values else ""
    rows = queries.list_files(opened, actor, kind=kind, most=queries.MOST_FILES_SHELVED)
    related = Related(opened, actor, Formatter(actor, now()))
    context = {
        "customer": customer,
        "shelves": related.deletable(rows),
        "kinds": _open_kinds(actor),
        "kind": kind,
        "can_add": queries.covers("attachments.create", opened, actor),
    }
    return answer(request, "customers/files.html", context)


def _open_kinds(actor: Actor) -> list[tuple[str, Any]]:
    """The kinds of files that the person may know of."""
    closed = closed_kinds(actor)
    return [(value, label) for value, label in AttachmentKind.choices if value not in closed]


@require_http_methods(["GET", "POST"])
@allows("attachments.create")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """File an upload under year and kind."""
    actor, at = actor_of(request), now()
    customer, _opened = queries.get_opened(pk, actor)
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            given = _read(request)
            once.make_once(
                request, lambda: services.add_attachment(pk, **given, actor=actor, at=at)
            )
        except RuleViolation as error:
            for violation in error.violations:
                errors.setdefault(violation.field or "file", []).append(violation.text)
        else:
            return go(request, f"/customers/{pk}/", told=gettext("Filed"))
    year = str(at.astimezone(Formatter(actor, at).zone).year)
    pattern, kind = title_pattern(customer), AttachmentKind.CONTRACT
    context = {
        "customer": customer,
        "title": gettext("File a document"),
        "errors": errors,
        "kinds": _open_kinds(actor),
        "typed": {"year": year, "kind": kind, **request.POST.dict()},
        "pattern": pattern,
        "suggestion": pattern.replace("{year}", year).replace("{kind}", str(kind.label)),
    }
    return in_box(request, "customers/_add_file.html", context, status=422 if errors else 200)


def _read(request: HttpRequest) -> dict[str, Any]:
    """The filing first: a file whose place is wrong need not be taken in."""
    filing = forms.read_filing(request.POST.dict())
    given = request.FILES.get("file")
    if given is None:
        raise RuleViolation("no_file", gettext("Choose a file."), "file")
    accepted = store.accept_upload(given, given.name or "", max_bytes=settings.UPLOAD_MAX_BYTES)
    return {"filing": filing, "accepted": accepted}


def title_pattern(customer: Customer) -> str:
    """XX公司{year}年{kind}: how a file is called until somebody says otherwise."""
    return gettext("%(customer)s %(year)s %(kind)s") % {
        "customer": customer.short_name or customer.name,
        "year": "{year}",
        "kind": "{kind}",
    }


@require_GET
@allows("attachments.download", is_hidden=True)
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file itself, to be kept and never run; anybody else gets the 404 of a missing one."""
    attachment: Attachment = services.download_attachment(pk, actor=actor_of(request), at=now())
    return hand_out(attachment.file)
