"""A customer moves on only when its file holds what the step asks for, on every path alike."""

import re
from datetime import date

import pytest
from django.utils import timezone

from guanxi.customers.record import CUSTOMERS
from guanxi.customers.stages import STAGES
from guanxi.customers.tests import factories
from guanxi.customers.tests.factories import AT, SYSTEM, minutes
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.jobs import execute_due
from guanxi.kernel.models import Event
from guanxi.surfaces.importing.tests.conftest import Importing, counted
from guanxi.surfaces.services import bulk, change_record
from guanxi.surfaces.services.undo import undo_event

pytestmark = pytest.mark.django_db
READY = {
    "source": "visit",
    "industry": "电子",
    "products": "云桥 S3",
    "first_cooperated_on": date(2025, 3, 1),
}
GROWTH_LACKS = ["source", "industry", "products", "first_cooperated_on"]


def change(customer, actor=SYSTEM, **values):
    customer.refresh_from_db()
    return change_record(
        CUSTOMERS, customer.pk, values, version=customer.version, actor=actor, at=minutes(5)
    )


def lacking(customer, **values) -> list[str]:
    with pytest.raises(RuleViolation) as refused:
        change(customer, **values)
    assert {v.code for v in refused.value.violations} == {"needed_to_advance"}
    return [v.field for v in refused.value.violations]


def test_a_later_step_asks_for_all_that_the_earlier_ones_ask_for():
    customer = factories.customer(SYSTEM)
    assert lacking(customer, stage="acquisition") == ["source"]
    assert lacking(customer, stage="growth") == GROWTH_LACKS
    assert lacking(customer, stage="mature", **READY) == [
        *("credit_code", "registered_address", "purchase_cycle")
    ]
    assert change(customer, stage="growth", **READY).stage == "growth"


def test_a_person_needs_nothing_that_only_companies_have():
    person = factories.customer(SYSTEM, name="王小明", kind="person")
    assert lacking(person, stage="growth") == ["source", "products", "first_cooperated_on"]
    assert lacking(person, kind="company", stage="growth") == GROWTH_LACKS


def test_the_refusal_names_the_field_and_the_step():
    customer = factories.customer(SYSTEM)
    with pytest.raises(RuleViolation) as refused:
        change(customer, stage="acquisition")
    assert refused.value.text == "请先填写“信息来源”，才能推进到“获取”。"


@pytest.mark.parametrize("stage", ["prospect", "acquisition", "growth", "mature"])
def test_a_new_customer_may_begin_anywhere(stage):
    customer = factories.customer(SYSTEM, stage=stage)
    change(customer, focus="价格")  # and other fields change as ever
    for way_back in ("at_risk", "churned"):
        change(customer, stage=way_back)


def test_a_step_back_asks_for_nothing_and_a_way_back_in_asks_again():
    customer = factories.customer(SYSTEM, stage="mature")
    change(customer, stage="growth")
    change(customer, stage="churned")
    assert lacking(customer, stage="growth") == GROWTH_LACKS


def test_what_a_step_needs_may_not_go_blank_with_it():
    customer = factories.customer(SYSTEM, **READY)
    assert lacking(customer, stage="growth", products="") == ["products"]


def test_taking_a_change_back_asks_for_nothing():
    customer = factories.customer(SYSTEM, stage="mature")
    change(customer, stage="at_risk")
    event = Event.objects.filter(kind="record.changed").latest("pk")
    assert undo_event(event.pk, actor=SYSTEM, at=minutes(6)).stage == "mature"


# Every path ---------------------------------------------------------------------------------------
def test_the_api_names_every_field(callers):
    mine = callers.company.of("sales", "own").customer
    caller = callers("sales")
    answer = caller.patch(f"customers/{mine.pk}/", {"stage": "growth"}, version=mine.version)
    assert answer.status_code == 400
    assert {e["field"] for e in answer.json()["errors"]} == set(GROWTH_LACKS)
    assert all("needed" in e["message"] for e in answer.json()["errors"])


def test_many_are_changed_except_those_that_lack_something():
    ready = factories.customer(SYSTEM, **READY)
    poor = factories.customer(SYSTEM, name="北京远山科技有限公司", source="visit")
    on_their_way = factories.customer(SYSTEM, name="广州南岭纸业有限公司", stage="mature")
    selection = bulk.Selection((ready.pk, poor.pk, on_their_way.pk))
    found = bulk.preview_bulk_change(CUSTOMERS, selection, {"stage": "growth"}, actor=SYSTEM, at=AT)
    assert (found.changeable, found.held_back, found.ready) == (3, 1, 2)
    assert [str(label) for label in found.lacking] == [
        *("信息来源", "所属行业", "合作产品/服务", "首次合作")
    ]
    run = bulk.start_bulk_change(CUSTOMERS, selection, {"stage": "growth"}, actor=SYSTEM, at=AT)
    assert execute_due(at=timezone.now())
    run.refresh_from_db()
    assert (run.result["changed"], run.result["failed"]) == (2, 1)
    assert run.result["failures"][0]["id"] == poor.pk
    for label in ("所属行业", "合作产品/服务"):
        assert label in run.result["failures"][0]["reason"]
    # What is filled in together with the step holds nobody back.
    together = {"stage": "growth", **READY, "first_cooperated_on": "2025-03-01"}
    found = bulk.preview_bulk_change(CUSTOMERS, selection, together, actor=SYSTEM, at=AT)
    assert found.held_back == 0


def test_an_import_refuses_the_step_and_creates_at_any_stage(settings, tmp_path):
    settings.FILES_DIR, settings.DATA_DIR = tmp_path / "files", tmp_path
    importing = Importing(tmp_path)
    factories.customer(SYSTEM, name="北京远山科技有限公司", external_id="A1")
    rows = (
        "外部编号,客户名称,阶段,信息来源\n"
        "A1,北京远山科技有限公司,成长,visit\nA2,新客户有限公司,成熟,\n"
    )
    source = importing.whole("customers.customer", rows)
    assert source.counts == counted(created=1, invalid=1)
    problems = source.chunks.filter(is_preview=False).get().problems[0]["problems"]
    assert {code for _column, code, _message in problems} == {"needed_to_advance"}
    assert "合作产品/服务" in "".join(message for _column, _code, message in problems)


# The page -----------------------------------------------------------------------------------------
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/customers/?view="}


def test_the_missing_fields_appear_and_are_saved_with_the_step_in_one_write(company):
    customer = factories.customer(company.actor("sales"), source="visit", industry="电子")
    browser = factories.signed_in(company.users["sales"])
    url = f"/customers/{customer.pk}/cell/stage/"
    asked = browser.post(url, {"stage": "growth", "version": customer.version}, headers=HTMX)
    page = asked.content.decode()
    assert asked.status_code == 422
    assert asked["X-Guanxi-Dialog"] == "1"
    assert "推进到“成长”" in page
    assert re.findall(r'<(?:input|textarea)[^>]* id="id_(\w+)"', page) == [
        *("products", "first_cooperated_on")
    ]
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    sent.pop("csrfmiddlewaretoken", None)
    half = browser.post(url, {**sent, "products": "云桥 S3"}, headers=HTMX).content.decode()
    assert 'value="云桥 S3"' in half
    assert half.count('class="error"') == 1
    before = Event.objects.count()
    values = {"products": "云桥 S3", "first_cooperated_on": "2025-03-01"}
    saved = browser.post(url, {**sent, **values}, headers=HTMX)
    assert saved.status_code == 204
    assert saved["HX-Refresh"] == "true"
    customer.refresh_from_db()
    assert (customer.stage, customer.products) == ("growth", "云桥 S3")
    assert Event.objects.count() == before + 1


def test_without_a_script_the_same_form_is_a_page(company):
    customer = factories.customer(company.actor("sales"))
    browser = factories.signed_in(company.users["sales"])
    url = f"/customers/{customer.pk}/fact/stage/"
    answer = browser.post(url, {"stage": "acquisition", "version": customer.version})
    assert answer.status_code == 422
    assert "<html" in answer.content.decode()
    sent = {"stage": "acquisition", "version": customer.version, "_fields": "stage,source"}
    saved = browser.post(url, {**sent, "source": "visit"})
    assert saved.status_code == 302
    customer.refresh_from_db()
    assert (customer.stage, customer.source) == ("acquisition", "visit")


def test_nothing_but_what_a_step_asks_for_comes_along(company):
    customer = factories.customer(company.actor("sales"))
    browser = factories.signed_in(company.users["sales"])
    sent = {"stage": "acquisition", "version": customer.version, "source": "visit"}
    url = f"/customers/{customer.pk}/fact/stage/"
    browser.post(url, {**sent, "_fields": "stage,source,notes", "notes": "x", "name": "y"})
    customer.refresh_from_db()
    assert (customer.stage, customer.notes) == ("acquisition", "")
    assert customer.name != "y"


def test_the_declaration_names_fields_that_there_are():
    fields = CUSTOMERS.declared()
    stages = dict(fields["stage"].choices)
    assert set(STAGES.order) < set(stages)
    for step, needs in STAGES.needs.items():
        assert step in STAGES.order
        for need in needs:
            assert not fields[need.field].readonly
            assert not fields[need.field].required
            assert need.only is None or need.only[0] in fields
