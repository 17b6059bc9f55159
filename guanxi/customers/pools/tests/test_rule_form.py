"""A rule's condition built row by row in its form (CUS-14), over what its author may filter by."""

import json
from dataclasses import replace

import pytest

from guanxi.customers.pools.models import PoolRule
from guanxi.customers.pools.tests import factories as made
from guanxi.customers.tests import factories
from guanxi.kernel.errors import RuleViolation
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import create_record

pytestmark = pytest.mark.django_db
ROWS = {
    "join.0": "all", "group.1": "0", "field.1": "tier", "op.1": "in",
    "value.1": ["core", "potential"],
    "group.2": "1", "join.1": "any", "field.2": "city", "op.2": "contains", "value.2": "苏州",
    "group.3": "0", "field.3": "",
}  # fmt: skip
SAID = {
    "all": [
        {"field": "tier", "op": "in", "value": ["core", "potential"]},
        {"any": [{"field": "city", "op": "contains", "value": "苏州"}]},
    ]
}


@pytest.fixture
def client(company):
    return factories.signed_in(company.users["administrator"])


def filled(company, **values):
    pool = made.opened(company)
    return {
        "_fields": "name,pool,condition,measure,days,warn_days,is_on",
        "name": "久未联系", "pool": pool.pk, "measure": "no_contact", "days": "30",
        "warn_days": "3", "is_on": "1", **values,
    }  # fmt: skip


def test_rows_of_the_form_become_the_condition_and_come_back(company, client):
    answer = client.post("/pool-rules/new/", filled(company, **ROWS))
    assert answer.status_code == 302
    rule = PoolRule.objects.get()
    assert rule.condition == SAID
    page = client.get(f"/pool-rules/{rule.pk}/edit/").content.decode()
    assert 'value="苏州"' in page
    assert '<option value="core" selected>' in page
    shown = client.get(f"/pool-rules/{rule.pk}/").content.decode()
    assert "苏州" in shown
    assert "{" not in shown.split("苏州")[0][-60:]


def test_rows_survive_a_refusal(company, client):
    answer = client.post("/pool-rules/new/", filled(company, **ROWS, days="-3"))
    assert answer.status_code == 422
    assert 'value="苏州"' in answer.content.decode()
    assert not PoolRule.objects.exists()


def test_what_rows_cannot_say_is_kept_as_it_is_written(company, client):
    deep = {"all": [{"not": {"field": "city", "op": "is", "value": "苏州"}}]}
    answer = client.post("/pool-rules/new/", filled(company, condition=json.dumps(deep)))
    assert answer.status_code == 302
    rule = PoolRule.objects.get()
    assert rule.condition == deep
    page = client.get(f"/pool-rules/{rule.pk}/edit/").content.decode()
    assert "&quot;not&quot;" in page


@pytest.mark.parametrize(
    "written",
    [
        '{"all": ',
        '{"some": []}',
        "[" * 9000,
        '{"all": [{"field": "nothing", "op": "is", "value": 1}]}',
        '{"all": [{"field": "tier", "op": "below", "value": 1}]}',
    ],
)
def test_what_is_no_condition_is_refused_at_its_field(company, client, written):
    answer = client.post("/pool-rules/new/", filled(company, condition=written))
    assert answer.status_code == 422
    assert "id_condition" in answer.content.decode()
    assert not PoolRule.objects.exists()


def test_nobody_conditions_on_what_they_do_not_see(company):
    """A rule tells whom it means: over masked fields it would be an oracle (B04)."""
    pool = made.opened(company)
    actor = replace(company.actor("administrator"), levels=company.actor("analyst").levels)
    leaf = {"field": "phone", "op": "starts_with", "value": "139"}
    values = {"name": "x", "pool": pool.pk, "condition": leaf}
    with pytest.raises(RuleViolation) as refused:
        create_record(get_record_type("customers.poolrule"), values, actor=actor, at=factories.AT)
    assert refused.value.code == "masked_field"
