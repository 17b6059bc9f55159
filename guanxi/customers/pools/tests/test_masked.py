"""Contact data of a pool's customers stays masked until they are claimed, on every way (CUS-14)."""

import json

import pytest
from django.utils import timezone

from guanxi.customers.duplicates.services.looking import look_up
from guanxi.customers.models import Contact, Customer
from guanxi.customers.pools import services
from guanxi.customers.pools.tests import factories as made
from guanxi.customers.tests import factories
from guanxi.kernel.errors import BadRequest, NotFound, RuleViolation
from guanxi.surfaces.exporting.rows import ExportListing
from guanxi.surfaces.history import read_history
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import CustomField, SearchDoc
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.search import search_everywhere
from guanxi.surfaces.services import change_record, reveal_value
from tests.fixtures.company import stamps

pytestmark = pytest.mark.django_db
PHONE, MAIL, OTHER = "+8613912345678", "canary@kanari.example", "+8613900001111"
#: What may nowhere stand: the number as stored, as shown, in pieces, and the address.
CANARIES = ("13912345678", "139 1234 5678", "12345678", "canary@", "3900001111", "139 0000 1111")


@pytest.fixture
def pooled(company):
    """A customer whose contact data was once changed in clear, now in a pool."""
    customer = company.of("sales", "own").customer
    kind, at = get_record_type("customers.customer"), timezone.now()
    sales = company.actor("sales")
    for phone in (OTHER, PHONE):
        customer = change_record(
            kind, customer.pk, {"phone": phone, "email": MAIL}, version=customer.version,
            actor=sales, at=at,
        )  # fmt: skip
    contact = company.of("sales", "own").contact
    change_record(
        get_record_type("customers.contact"), contact.pk, {"phone": PHONE, "wechat": "canary@wx"},
        version=contact.version, actor=sales, at=at,
    )  # fmt: skip
    return made.put(customer, made.opened(company))


@pytest.fixture(params=["stranger", "sales", "head", "administrator"])
def reader(request, company):
    """Whoever sees the pool's customer: by the pool, as its last owner, by reach."""
    return request.param


def listing(company, who: str, key: str = "customers.customer") -> Listing:
    return Listing(get_record_type(key), company.actor(who), at=timezone.now())


def clean(text: str) -> bool:
    return not any(canary in text for canary in CANARIES)


def test_no_page_shows_it(company, pooled, reader):
    client = factories.signed_in(company.users[reader])
    contact = company.of("sales", "own").contact
    for path in (
        f"/customers/{pooled.pk}/",
        f"/customers/?pool={pooled.pool_id}&columns=name,phone,email",
        f"/customers/{pooled.pk}/peek/",
        f"/customers/{pooled.pk}/history/",
        f"/customers/{pooled.pk}/history/phone/",
        f"/customers/{pooled.pk}/timeline/",
        f"/customers/{pooled.pk}/print/",
        f"/contacts/?customer={pooled.pk}&columns=name,phone,wechat",
        f"/contacts/{contact.pk}/",
        f"/contacts/{contact.pk}/history/",
        f"/contacts/{contact.pk}/peek/",
    ):
        part = {"HX-Request": "true"} if path.endswith("/timeline/") else {}
        answer = client.get(path, headers=part)
        assert answer.status_code == 200, path
        assert clean(answer.content.decode()), path
    for path in (f"/customers/{pooled.pk}/edit/", f"/contacts/{contact.pk}/edit/",
                 f"/customers/{pooled.pk}/fact/phone/", f"/customers/{pooled.pk}/cell/phone/",
                 f"/customers/{pooled.pk}/reveal/phone/"):  # fmt: skip
        assert clean(client.get(path).content.decode()), path


def test_the_api_shows_it_masked_and_says_so(callers, pooled, reader):
    caller = callers(reader)
    one = caller.get(f"customers/{pooled.pk}/").json()
    assert "phone" in one["_masked"]
    answers = [one] + [
        caller.get(path).json()
        for path in (
            f"customers/?pool={pooled.pool_id}&columns=name,phone,email",
            f"customers/{pooled.pk}/history/",
            f"customers/{pooled.pk}/timeline/",
            f"contacts/?customer={pooled.pk}",
        )
    ]
    assert clean(json.dumps(answers, ensure_ascii=False))


def test_an_export_keeps_it_masked(company, pooled):
    for who in ("head", "administrator"):
        rows = ExportListing(
            get_record_type("customers.customer"), company.actor(who), at=timezone.now()
        )
        asked = ListRequest(columns=("name", "phone", "email"))
        sheet = str(list(rows.sheet_rows(asked, lambda _n: None)))
        assert pooled.name in sheet
        assert clean(sheet)


@pytest.mark.parametrize(
    "leaf",
    [
        {"field": "phone", "op": "is", "value": PHONE},
        {"field": "phone", "op": "contains", "value": "1234"},
        {"field": "phone", "op": "starts_with", "value": "+86139"},
        {"field": "email", "op": "is", "value": MAIL},
        {"field": "phone", "op": "is_filled", "value": None},
    ],
)
def test_no_filter_tells(company, pooled, reader, leaf):
    """The answer is the same whatever the number is, also turned round."""
    found = []
    for phone, mail in ((PHONE, MAIL), ("", "")):
        Customer.objects.filter(pk=pooled.pk).update(phone=phone, email=mail)
        for condition in (leaf, {"not": leaf}):
            list_of = listing(company, reader)
            try:
                found.append(list_of.matches(condition, pooled.pk))
            except BadRequest as error:
                found.append(error.code)
    assert found[:2] == found[2:]


def test_no_search_tells(company, pooled, reader):
    kinds = [get_record_type(key) for key in ("customers.customer", "customers.contact")]
    actor = company.actor(reader)
    for digits in ("13912345678", "1234", "5678", "canary"):
        hits = search_everywhere(digits, kinds, actor)
        assert not [h for h in hits if h.customer_id == pooled.pk]
        asked = ListRequest(q=digits)
        assert pooled.pk not in {r.pk for r in listing(company, reader).page(asked).rows}
    assert not SearchDoc.objects.filter(customer_id=pooled.pk, group="contact").exists()


def test_no_sort_tells(company, pooled):
    CustomField.objects.create(
        record_key="customers.customer", slug="hotline", name="热线", kind="text", group="contact",
        **stamps(),
    )  # fmt: skip
    with pytest.raises(BadRequest):
        listing(company, "head").page(ListRequest(sort="x_hotline"))


def test_nobody_has_it_revealed_nor_changes_it(company, pooled, reader):
    actor = company.actor(reader, authenticated_at=timezone.now())
    kind = get_record_type("customers.customer")
    with pytest.raises((NotFound, RuleViolation)) as refused:
        reveal_value(kind, pooled.pk, "phone", reason="核实身份", actor=actor, at=timezone.now())
    assert clean(str(refused.value))
    if actor.can("customers.change") and reader in {"head", "administrator"}:
        with pytest.raises(RuleViolation) as denied:
            change_record(
                kind, pooled.pk, {"phone": OTHER}, version=1, actor=actor, at=timezone.now()
            )
        assert denied.value.violations[0].code == "masked_field"


def test_a_masked_role_does_not_reveal_it_either(company, pooled):
    junior = company.users["senior_agent"]
    Customer.objects.filter(pk=pooled.pk).update(team=company.teams["east one"])
    actor = company.actor("senior_agent", authenticated_at=timezone.now())
    with pytest.raises(RuleViolation) as refused:
        reveal_value(
            get_record_type("customers.customer"), pooled.pk, "phone", reason="核实身份",
            actor=actor, at=timezone.now(),
        )  # fmt: skip
    assert refused.value.code == "guarded"
    assert junior.pk


def test_history_masks_old_and_new(company, pooled, reader):
    found = read_history(
        get_record_type("customers.customer"), pooled.pk, actor=company.actor(reader),
        at=timezone.now(),
    )  # fmt: skip
    told = [c for entry in found.entries for c in entry.changes if c.name == "phone"]
    assert told
    assert all(change.is_masked for change in told)
    assert clean(str([(change.old, change.new) for change in told]))


def test_whoever_claims_it_sees_it(company, pooled):
    services.claim_customer(pooled.pk, actor=company.actor("stranger"), at=timezone.now())
    shown = factories.signed_in(company.users["stranger"]).get(f"/customers/{pooled.pk}/")
    assert "13912345678" in shown.content.decode()
    kinds = [get_record_type(key) for key in ("customers.customer", "customers.contact")]
    hits = search_everywhere("13912345678", kinds, company.actor("stranger"))
    assert {h.record_key for h in hits if h.customer_id == pooled.pk} == {k.key for k in kinds}
    assert Contact.objects.filter(customer=pooled).exists()


def test_looking_for_look_alikes_tells_no_more_than_of_a_strangers_customer(
    company, pooled, reader
):
    found = look_up({"phone": PHONE}, actor=company.actor(reader), at=timezone.now())
    assert found.own == []
    assert [each.masked_name for each in found.strange] != [pooled.name]
    by_name = look_up({"name": pooled.name}, actor=company.actor(reader), at=timezone.now())
    assert pooled.pk in {each.customer.pk for each in by_name.own}
