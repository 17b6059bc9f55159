"""Lists taken out: rows and masks of the screen, frozen rights, one download, logged (B08, B09)."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from guanxi.kernel import files
from guanxi.kernel.errors import BadRequest, Denied, NotFound, RuleViolation, TooMany, Unconfirmed
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import AccessEntry, Event
from guanxi.surfaces.exporting import services
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import ExportState
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record
from tests.fixtures.company import AT, model

pytestmark = pytest.mark.django_db
CUSTOMERS = "customers.customer"


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.FILES_DIR = tmp_path


def asked(company, name, **wish):
    actor = company.actor(name)
    wished = services.Wish(**{"query": {}, "file_format": "csv"} | wish)
    return actor, services.create_export(get_record_type(CUSTOMERS), wished, actor=actor, at=AT)


def written(export):
    assert execute_due(at=timezone.now())
    export.refresh_from_db()
    return export


def content(stored):
    with files.open_stored(stored.pk) as stream:
        return stream.read()


def table(stored):
    return list(csv.reader(io.StringIO(content(stored).decode("utf-8-sig"))))


def test_an_amount_has_the_digits_of_its_currency(company):
    orders = model("customers.Order").objects
    for currency, number in {"JPY": "Y-1", "KWD": "K-1", "CNY": "C-1"}.items():
        orders.filter(pk=company.of("head", "own").order.pk).update(
            currency=currency, number=number, amount_minor=12345
        )
        actor = company.actor("head")
        wish = services.Wish({"number": number, "columns": "amount_minor"}, file_format="csv")
        kind = get_record_type("customers.order")
        export = written(services.create_export(kind, wish, actor=actor, at=AT))
        rows = table(services.download_export(export.pk, actor=actor, at=export.finished_at))
        assert rows[1:] == [[{"JPY": "12345", "KWD": "12.345", "CNY": "123.45"}[currency]]]


def test_the_file_holds_the_rows_and_columns_of_the_list(company):
    actor, export = asked(company, "head", query={"columns": "name,tier", "sort": "name"})
    assert written(export).state == ExportState.DONE
    rows = table(services.download_export(export.pk, actor=actor, at=export.finished_at))
    listing = Listing(get_record_type(CUSTOMERS), actor, at=AT)
    shown = [r.values["name"] for r in listing.page(ListRequest(sort="name", size=200)).rows]
    assert [row[0] for row in rows[1:]] == shown
    assert len(shown) > 1


def test_masks_stay_and_hidden_columns_are_absent(company):
    role = model("people.Role").objects.get(code="quality")
    model("people.RoleGrant").objects.create(role=role, permission="customers.export", reach=4)
    actor, export = asked(company, "quality", query={"columns": "name,phone"})
    text = content(services.download_export(written(export).pk, actor=actor, at=export.finished_at))
    phones = model(CUSTOMERS).objects.exclude(phone="").values_list("phone", flat=True)
    assert phones
    for phone in phones:
        assert phone[-8:] not in text.decode()


def test_formulas_are_text_in_both_kinds_of_file(company):
    record_type = get_record_type(CUSTOMERS)
    own = company.of("head", "own").customer
    head = company.actor("head")
    evil = '=HYPERLINK("http://evil.example","x")'
    change_record(record_type, own.pk, {"name": evil}, version=own.version, actor=head, at=AT)
    for kind in ("csv", "xlsx"):
        actor, export = asked(
            company, "head", query={"columns": "name"}, ids=(own.pk,), file_format=kind
        )
        stored = services.download_export(written(export).pk, actor=actor, at=export.finished_at)
        if kind == "csv":
            assert table(stored)[1][0] == f"'{evil}"
        else:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content(stored)))
            cells = [c for row in book.get_sheet_by_index(0).to_python() for c in row]
            assert evil in cells


def test_the_export_right_must_reach_the_row(company):
    role = model("people.Role").objects.get(code="head")
    model("people.RoleGrant").objects.filter(role=role, permission="customers.export").update(
        reach=1
    )
    actor, export = asked(company, "head", query={"columns": "name"})
    rows = table(services.download_export(written(export).pk, actor=actor, at=export.finished_at))
    assert [row[0] for row in rows[1:]] == [company.of("head", "own").customer.name]


def test_rights_that_changed_since_close_the_export(company):
    actor, export = asked(company, "head")
    written(export)
    role = model("people.Role").objects.get(code="head")
    model("people.RoleLevel").objects.filter(role=role, group="contact").update(level=1)
    user = company.users["head"]
    model("people.User").objects.filter(pk=user.pk).update(access_stamp=user.access_stamp + 99)
    with pytest.raises(Denied):
        services.download_export(export.pk, actor=actor, at=export.finished_at)


def test_a_file_is_handed_out_once_and_not_when_it_is_old(company):
    actor, export = asked(company, "head")
    written(export)
    late = export.expires_at + timedelta(seconds=1)
    with pytest.raises(RuleViolation):
        services.download_export(export.pk, actor=actor, at=late)
    services.download_export(export.pk, actor=actor, at=export.finished_at)
    with pytest.raises(RuleViolation):
        services.download_export(export.pk, actor=actor, at=export.finished_at)


def test_somebody_elses_export_does_not_exist(company):
    _actor, export = asked(company, "head")
    other = company.actor("administrator")
    for act in (services.download_export, services.cancel_export):
        with pytest.raises(NotFound):
            act(export.pk, actor=other, at=AT)


def test_an_export_needs_the_right_and_the_password(company):
    with pytest.raises(Denied):
        asked(company, "junior_agent")
    stale = replace(company.actor("head"), authenticated_at=AT - timedelta(hours=3))
    with pytest.raises(Unconfirmed):
        services.create_export(get_record_type(CUSTOMERS), services.Wish({}), actor=stale, at=AT)


def test_two_at_once_are_enough(company):
    asked(company, "head")
    asked(company, "head")
    with pytest.raises(TooMany):
        asked(company, "head")


def test_a_cancelled_export_offers_nothing(company):
    actor, export = asked(company, "head")
    services.cancel_export(export.pk, actor=actor, at=AT)
    export.refresh_from_db()
    assert export.state == ExportState.CANCELLED
    with pytest.raises(RuleViolation):
        services.download_export(export.pk, actor=actor, at=AT)


def test_writing_and_taking_are_on_record(company):
    actor, export = asked(company, "head", query={"tier": "ordinary", "columns": "name,phone"})
    written(export)
    services.download_export(export.pk, actor=actor, at=export.finished_at)
    kinds = list(Event.objects.filter(subject_id=str(export.pk)).values_list("kind", flat=True))
    assert sorted(kinds) == ["export.downloaded", "export.finished"]
    entry = AccessEntry.objects.get(action="export", subject_id=str(export.pk))
    assert (entry.actor_user_id, entry.fields) == (actor.user_id, ["name", "phone"])
    assert "ordinary" in entry.reason


def test_a_list_that_cannot_be_sorted_so_is_refused_at_once(company):
    with pytest.raises(BadRequest):
        asked(company, "head", query={"sort": "nothing"})
