"""The demo company is whole: every record has its event, its search words, right totals."""

import json
import random
import re
import stat
from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone

from guanxi.customers.demo import signins, talk
from guanxi.customers.demo.companies import Inventor
from guanxi.customers.demo.organisation import PEOPLE
from guanxi.customers.demo.services import DemoSummary, is_demo_loaded, load_demo
from guanxi.customers.demo.services.tags import load_standard_tags, read_standard_tags
from guanxi.customers.models import (
    Attachment,
    Contact,
    Customer,
    Interaction,
    Order,
    Payment,
    Tag,
)
from guanxi.customers.pools import candidates
from guanxi.customers.pools.models import PoolRule
from guanxi.kernel import identifiers
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Channel, Reach, system_actor
from guanxi.kernel.files import open_stored
from guanxi.kernel.models import Delivery, Event, NumberSeries
from guanxi.people.models import Role, User
from guanxi.people.queries import build_actor
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.search import search_everywhere

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
MODELS = (Customer, Contact, Order, Payment, Interaction)
SYSTEM = system_actor("test")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo("small", password="Quiet7Harbour", may_mix=False, actor=SYSTEM, at=AT)
        transaction.set_rollback(True)


def key_of(model) -> str:
    return f"customers.{model._meta.model_name}"


def test_it_has_what_it_says(demo):
    assert isinstance(demo, DemoSummary)
    counted = [m.objects.count() for m in (User, *MODELS, Attachment)]
    said = demo.as_dict()
    assert [v for k, v in said.items() if k != "company"] == counted
    assert demo.customers == 200
    assert min(counted) >= 8


@pytest.mark.parametrize("model", MODELS)
def test_every_record_has_its_created_event(demo, model):
    events = Event.objects.filter(subject_type=key_of(model), kind="record.created")
    assert sorted(map(int, events.values_list("subject_id", flat=True))) == sorted(
        model.objects.values_list("pk", flat=True)
    )
    sample = events.select_related("detail").order_by("id")[:40]
    for event in sample:
        record = model.objects.get(pk=int(event.subject_id))
        assert event.at == record.created_at <= AT
        assert event.actor_user_id == record.created_by_id
        assert event.customer_id == getattr(record, "customer_id", record.pk)
        assert event.data["changes"]


def test_attachments_have_files_and_events(demo):
    events = Event.objects.filter(kind="customers.file_added")
    ids = set(events.values_list("subject_id", flat=True))
    assert ids == {str(pk) for pk in Attachment.objects.values_list("pk", flat=True)}
    kinds = Counter()
    for attachment in Attachment.objects.select_related("file"):
        with open_stored(attachment.file_id) as stream:
            assert len(stream.read()) == attachment.file.size
        kinds[attachment.file.mime] += 1
    assert len(kinds) >= 3


def masked(model) -> int:
    """How many records lie in a pool, whose contact data cannot be searched for."""
    if model is Customer:
        return Customer.objects.exclude(pool=None).count()
    return Contact.objects.exclude(customer__pool=None).count() if model is Contact else 0


@pytest.mark.parametrize("model", [Customer, Contact, Order, Payment])
def test_every_record_can_be_found(demo, model):
    groups = len(get_record_type(key_of(model)).search)
    docs = SearchDoc.objects.filter(record_key=key_of(model))
    assert docs.count() == groups * model.objects.count() - masked(model)
    assert docs.values("object_id").distinct().count() == model.objects.count()


def test_a_customer_is_found_by_two_characters_and_by_phone(demo):
    contact = Contact.objects.order_by("id").first()
    assert contact is not None
    customer = contact.customer
    types = [get_record_type("customers.customer"), get_record_type("customers.contact")]
    by_name = search_everywhere(customer.name[2:6], types, SYSTEM)
    assert customer.pk in {h.object_id for h in by_name if h.record_key == "customers.customer"}
    by_phone = search_everywhere(contact.phone[-8:], types, SYSTEM)
    assert contact.pk in {h.object_id for h in by_phone}


def test_totals_are_right(demo):
    counted = ~Q(orders__status="cancelled")
    rows = Customer.objects.annotate(
        n=Count("orders", filter=counted & Q(orders__kind="sale")),
        total=Sum("orders__amount_minor", filter=counted),
        last=Max("orders__placed_at", filter=counted & Q(orders__kind="sale")),
    )
    for row in rows:
        last = timezone.localtime(row.last).date() if row.last else None
        assert (row.order_count, row.total_minor) == (row.n, row.total or 0), row.number
        assert row.last_order_on == last
    assert rows.filter(order_count__gt=3).exists()


def test_nobody_has_sent_back_more_than_was_bought(demo):
    assert not Customer.objects.filter(total_minor__lt=0).exists()


def test_the_junior_agent_of_the_tutorial_has_customers_and_sees_their_phones_masked(demo):
    actor = build_actor(User.objects.get(username="junior_agent"), channel=Channel.WEB)
    seen = Listing(get_record_type("customers.contact"), actor, at=AT).page(ListRequest(size=50))
    assert seen.rows
    assert all("*" in row.values["phone"] for row in seen.rows if row.values["phone"])


def test_chinese_is_written_with_chinese_marks(demo):
    texts = [*Interaction.objects.values_list("content", flat=True)]
    texts += Customer.objects.values_list("name", flat=True)
    assert not [text for text in texts if re.search("[一-鿿][,;:?()]|[,;:?()][一-鿿]", text)]


def test_no_delivery_waits_for_totals_that_are_right_already(demo):
    counting = Delivery.objects.filter(consumer="customers.reactions.recount_orders")
    assert counting.exists()
    assert not counting.exclude(state="done").exists()


def test_people_have_to_dos_and_promises_of_every_state(demo):
    """Added by a domain above, through its own part of the demo company."""
    rows = apps.get_model("commitments.Commitment").objects
    found = set(rows.values_list("kind", "state"))
    assert {("promise", state) for state in ("open", "untold", "closed")} <= found
    assert {("todo", state) for state in ("open", "closed")} <= found
    assert rows.filter(open_until__lt=AT).exists()
    assert rows.exclude(cadence=None).exists()
    assert not rows.exclude(customer__owner=F("owner")).exists()


@pytest.mark.parametrize("model", [Customer, Order, Payment])
def test_numbers_are_unique_and_the_series_goes_on_after_them(demo, model):
    numbers = list(model.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers)
    assert NumberSeries.objects.get(pk=key_of(model)).last == len(numbers)


def test_codes_and_phones_are_valid_and_once(demo):
    codes = [c for c in Customer.objects.values_list("credit_code", flat=True) if c]
    assert len(codes) == len(set(codes)) > 150
    for code in codes:
        assert identifiers.check_credit_code(code) == code
    for phone in [
        *Customer.objects.values_list("phone", flat=True),
        *Contact.objects.values_list("phone", flat=True),
        *User.objects.values_list("phone", flat=True),
    ]:
        assert identifiers.normalise_phone(phone).stored == phone


def test_the_decision_chain_hangs_together(demo):
    reporting = Contact.objects.filter(reports_to__isnull=False).select_related("reports_to")
    assert reporting.count() > 50
    for contact in reporting:
        assert contact.reports_to.customer_id == contact.customer_id
        assert contact.reports_to.influence >= contact.influence
    attitudes = set(Contact.objects.values_list("attitude", flat=True))
    assert attitudes == {"supporter", "neutral", "opponent", "unknown"}


def test_people_differ_in_stage_tier_and_in_when_they_are_due(demo):
    assert Customer.objects.values("stage").distinct().count() >= 5
    assert Customer.objects.values("tier").distinct().count() == 3
    overdue = Customer.objects.filter(next_contact_at__lt=AT).count()
    assert 10 <= overdue <= 80
    assert Customer.objects.filter(next_contact_at__gt=AT).count() > 30


def test_talk_reads_like_notes(demo):
    assert len(talk.NOTES) >= 60
    contents = list(Interaction.objects.values_list("content", flat=True))
    assert not [c for c in contents if "{" in c or "None" in c]
    assert len(set(contents)) > len(contents) * 0.8


def test_every_standard_role_can_sign_in(demo):
    signed = {p.role for p in PEOPLE if p.is_sign_in}
    assert signed == set(Role.objects.values_list("code", flat=True))
    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        assert user.has_usable_password() is person.is_sign_in
        assert not user.must_change_password
        if person.is_sign_in:
            assert user.check_password("Quiet7Harbour")


def test_sales_see_their_own_and_the_head_the_branch(demo):
    customers = get_record_type("customers.customer")

    def seen(username: str) -> int:
        actor = build_actor(User.objects.get(username=username), channel=Channel.WEB)
        return Listing(customers, actor, at=AT).count(ListRequest(), exact=True)[0]

    mine = Customer.objects.filter(owner__username="sales").count()
    assert 5 < seen("sales") == mine < seen("head") < 200
    head = build_actor(User.objects.get(username="head"), channel=Channel.WEB)
    assert head.reach("customers.view") is Reach.BRANCH


def test_pools_hold_customers_whom_sales_may_claim(demo):
    actor = build_actor(User.objects.get(username="sales"), channel=Channel.WEB)
    pooled = Customer.objects.exclude(pool=None)
    assert pooled.count() >= 4
    assert not pooled.exclude(owner=None).exists()
    mine = visible(actor, "customers.claim", pooled)
    assert mine.exists()
    assert set(PoolRule.objects.values_list("is_on", flat=True)) == {False}
    assert all(candidates.matching(rule, AT).exists() for rule in PoolRule.objects.all())


def test_the_same_seed_gives_the_same_company(demo):
    """Two inventors with the same chance agree; with another chance they do not."""
    owner = User.objects.get(username="sales")

    def names(seed: int) -> list[str]:
        inventor = Inventor(random.Random(seed), AT.date())
        return [inventor.draft(owner, "华东").customer.name for _ in range(20)]

    assert names(1) == names(1) != names(2)


def test_tags_are_loaded_once(demo):
    assert Tag.objects.count() == len(read_standard_tags())
    load_standard_tags(actor=SYSTEM, at=AT)
    assert Tag.objects.count() == len(read_standard_tags())
    assert Customer.objects.filter(tags__isnull=False).exists()


# The command ------------------------------------------------------------------------------------
def run(*words: str) -> str:
    out = StringIO()
    call_command("demo", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_the_command_keeps_the_sign_ins_for_the_owner_and_shows_them_again(db, folder):
    first = json.loads(run("--size", "small", "--json"))
    assert first["loaded"] is True
    assert first["customers"] == 200
    path = folder / signins.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = json.loads(run("--json"))
    assert second["loaded"] is False
    assert second["password"] == first["password"]
    assert Customer.objects.count() == 200
    lines = [line for line in run().splitlines() if line.startswith("  sales")]
    assert lines
    assert lines[0].endswith(first["password"])


def test_a_database_in_use_is_refused_and_left_alone(db, folder, settings):
    settings.DEMO_ASKED = False
    User.objects.create(username="boss", name="Boss", created_at=AT, updated_at=AT)
    with pytest.raises(CommandError):
        run("--size", "small")
    assert not is_demo_loaded()
    assert User.objects.count() == 1
    assert not (folder / signins.FILE).exists()


def test_the_password_is_never_the_same():
    made = {signins.random_password() for _ in range(20)}
    assert len(made) == 20
    assert settings.DEMO_ASKED is False
