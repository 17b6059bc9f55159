"""The large company: whole rows in bulk, the same rights, words, totals and events as in small."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from guanxi.customers.demo.large.making import credit_code
from guanxi.customers.demo.large.past import number_tokens
from guanxi.customers.demo.large.plan import SHEETS, Piece
from guanxi.customers.demo.services import load_large_demo
from guanxi.customers.duplicates.models import MatchKey
from guanxi.customers.duplicates.services.keys import rebuild_keys
from guanxi.customers.models import Contact, Customer, Interaction, Order, Payment
from guanxi.customers.tests.test_demo import masked
from guanxi.kernel import identifiers, text
from guanxi.kernel.access import visible
from guanxi.kernel.actor import Channel, system_actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Event, EventDetail
from guanxi.people.models import Department, User
from guanxi.people.queries import get_actor
from guanxi.surfaces import search
from guanxi.surfaces.models import SearchDoc
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.search import search_everywhere
from guanxi.surfaces.services import create_record

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
COUNT = 2000
MODELS = (Customer, Contact, Order, Payment, Interaction)
SYSTEM = system_actor("test")
ROOT = Path(settings.BASE_DIR)


def key_of(model) -> str:
    return f"customers.{model._meta.model_name}"


@pytest.fixture(scope="module")
def schema_before(database_alone, django_db_blocker):
    with django_db_blocker.unblock():
        return schema()


@pytest.fixture(scope="module")
def large(schema_before, django_db_blocker):
    seen = []
    with django_db_blocker.unblock():
        yield load_large_demo(
            COUNT, password="Quiet7Harbour", actor=SYSTEM, at=AT,
            progress=lambda *step: seen.append(step),
        ), seen  # fmt: skip


@pytest.fixture
def rows(large, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def schema() -> set[tuple]:
    """Every index, constraint and trigger of the tables that are filled, as the database has it."""
    tables = [sheet.table for sheet in SHEETS.values()]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type != 'table'")
            return set(cursor.fetchall())
        cursor.execute(
            "SELECT indexname, indexdef, attstattarget::text FROM pg_indexes JOIN pg_attribute "
            "ON attrelid = indexname::regclass AND attnum = 1 WHERE tablename = ANY(%s)",
            [tables],
        )
        found = set(cursor.fetchall())
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = ANY(%s::regclass[])",
            [tables],
        )
        found |= set(cursor.fetchall())
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        )
        return found | set(cursor.fetchall())


def test_it_has_what_it_says(rows, large):
    summary, _seen = large
    said = summary.as_dict()
    counted = {"users": User, "customers": Customer, "contacts": Contact, "orders": Order,
               "payments": Payment, "interactions": Interaction}  # fmt: skip
    assert {name: model.objects.count() for name, model in counted.items()} == {
        name: said[name] for name in counted
    }
    assert summary.customers == COUNT
    assert Event.objects.count() >= 10 * COUNT - 2000
    assert Contact.objects.count() >= 1.3 * (COUNT - 200)
    assert Order.objects.count() >= 5 * (COUNT - 200)


def test_it_tells_how_far_it_is(large):
    _summary, seen = large
    assert {"people", "customers", "indexes", "statistics"} <= {what for what, _done, _of in seen}
    assert ("customers", COUNT - 200, COUNT - 200) in seen


def test_indexes_constraints_and_triggers_are_as_before(rows, schema_before):
    assert schema() == schema_before


def test_history_stays_append_only(rows):
    event = Event.objects.order_by("-pk").first()
    for statement in ("UPDATE kernel_event SET channel = 'x'", "DELETE FROM kernel_event"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{statement} WHERE id = {event.pk}")


def test_everything_that_is_referred_to_exists(rows):
    for model in MODELS:
        for field in model._meta.concrete_fields:
            if field.many_to_one:
                wanted = set(model.objects.exclude(**{field.name: None}).values_list(
                    field.attname, flat=True))  # fmt: skip
                known = set(field.related_model._base_manager.values_list("pk", flat=True))
                assert wanted <= known, field
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_key_check")
            assert cursor.fetchall() == []


@pytest.mark.parametrize("model", MODELS)
def test_every_record_has_its_created_event(rows, model):
    events = Event.objects.filter(subject_type=key_of(model), kind="record.created")
    ids = Counter(map(int, events.values_list("subject_id", flat=True)))
    assert set(ids) == set(model.objects.values_list("pk", flat=True))
    assert set(ids.values()) == {1}
    for event in events.order_by("-pk")[:20]:
        record = model.objects.get(pk=int(event.subject_id))
        assert (event.at, event.actor_user_id) == (record.created_at, record.created_by_id)
        assert event.data["changes"]
        assert event.at <= AT


def test_personal_values_lie_apart(rows):
    event = Event.objects.filter(subject_type="customers.contact").order_by("-pk").first()
    contact = Contact.objects.get(pk=int(event.subject_id))
    assert contact.phone not in str(event.data)
    assert EventDetail.objects.get(event=event).values["phone"] == [None, contact.phone]


@pytest.mark.parametrize("model", [Customer, Contact, Order, Payment])
def test_a_document_has_the_words_that_the_services_would_give_it(rows, model):
    kind = get_record_type(key_of(model))
    docs = SearchDoc.objects.filter(record_key=kind.key)
    assert docs.count() == len(kind.search) * model.objects.count() - masked(model)
    for record in model.objects.order_by("-pk")[:30]:
        wanted = {}
        for texts in search._texts(kind, record, set()):
            *_where, customer, group, title, folded, tokens = search._document(kind.key, texts)
            wanted[group] = (title, folded, set(tokens.split(" ")), customer)
        found = {
            d.group: (d.title, d.folded, set(d.tokens.split(" ")), d.customer_id)
            for d in docs.filter(object_id=record.pk)
        }
        assert found == wanted


def test_customers_are_found_by_their_words(rows):
    customer = Customer.objects.filter(kind="company").order_by("-pk").first()
    hits = search_everywhere(customer.short_name, [get_record_type("customers.customer")], SYSTEM)
    assert customer.pk in {hit.object_id for hit in hits}


def test_sums_and_last_orders_are_right(rows):
    counted = ~Q(orders__status="cancelled")
    customers = Customer.objects.annotate(
        n=Count("orders", filter=counted & Q(orders__kind="sale")),
        sum=Sum("orders__amount_minor", filter=counted),
        last=Max("orders__placed_at", filter=counted & Q(orders__kind="sale")),
    )
    for row in customers:
        last = timezone.localtime(row.last).date() if row.last else None
        assert (row.order_count, row.total_minor) == (row.n, row.sum or 0), row.number
        assert row.last_order_on == last
    assert not customers.filter(total_minor__lt=0).exists()


def test_columns_that_follow_from_others_do(rows):
    derive = get_record_type("customers.customer").hooks.derive
    for customer in Customer.objects.order_by("-pk")[:200]:
        derived = derive({"name": customer.name})
        assert {name: getattr(customer, name) for name in derived} == derived
        if customer.credit_code:
            assert identifiers.check_credit_code(customer.credit_code) == customer.credit_code


def test_look_alikes_share_the_keys_that_the_services_would_give(rows):
    customers = list(Customer.objects.order_by("-pk")[:60])
    ids = [customer.pk for customer in customers]
    stored = MatchKey.objects.filter(customer_id__in=ids).order_by("pk")
    found = list(stored.values_list("kind", "value", "customer_id", "source_id"))
    rebuild_keys(ids)
    assert list(stored.values_list("kind", "value", "customer_id", "source_id")) == found
    assert len(found) > 200


def test_the_head_has_people_below_and_sees_their_customers_only(rows):
    head = User.objects.get(username="head")
    actor = get_actor(head.pk, channel=Channel.WEB)
    mine = visible(actor, "customers.view", Customer.objects.all())
    assert 0.1 * COUNT < mine.count() < 0.6 * COUNT
    below = Department.objects.filter(path__startswith=head.department.path)
    assert set(actor.branch_ids) == set(below.values_list("pk", flat=True))
    assert User.objects.filter(department__in=below).count() > 20


def test_one_owner_has_very_many_and_two_customers_have_long_histories(rows):
    sales = User.objects.get(username="sales")
    assert sales.customers.count() > 0.04 * COUNT
    mine = Event.objects.filter(customer_id__in=sales.customers.values("pk"))
    busiest = mine.values("customer_id").annotate(n=Count("pk")).order_by("-n")
    assert busiest[0]["n"] >= 0.1 * (COUNT - 200)


def test_the_next_record_gets_the_next_id_and_number(rows):
    made = create_record(
        get_record_type("customers.customer"), {"name": "新来的客户"}, actor=SYSTEM, at=AT
    )
    highest = Customer.objects.exclude(pk=made.pk).aggregate(Max("pk"), Max("number"))
    assert made.pk > highest["pk__max"]
    assert made.number > highest["number__max"]


def test_a_database_with_people_is_refused(rows):
    with pytest.raises(RuleViolation) as refused:
        load_large_demo(COUNT, password="x", actor=SYSTEM, at=AT, progress=lambda *_step: None)
    assert refused.value.violations[0].code == "not_empty"


@pytest.mark.parametrize("number", ["O00000017", "P00012345", "O12345678"])
def test_a_number_is_cut_as_the_search_cuts_it(number):
    assert number_tokens(number) == text.search_tokens(number)


def test_credit_codes_differ_and_are_valid():
    codes = {credit_code("320500", number) for number in range(20_000)}
    assert len(codes) == 20_000
    assert all(identifiers.check_credit_code(code) for code in list(codes)[:200])


def test_pieces_share_everything_out():
    pieces = [Piece(start, min(start + 700, 5000), 5000) for start in range(0, 5000, 700)]
    shares = [piece.share(1.3) for piece in pieces]
    assert shares[0][0] == 0
    assert all(a[0] + a[1] == b[0] for a, b in pairwise(shares))
    assert sum(count for _before, count in shares) == 6500


def test_a_cancelled_load_leaves_nothing(tmp_path):
    """The command in a process of its own, interrupted in the middle."""
    environment = {**os.environ, "GUANXI_DATA": str(tmp_path), "GUANXI_DEBUG": "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    for name in ("GUANXI_TEST_POSTGRES", "GUANXI_DATABASE_URL"):
        environment.pop(name, None)
    command = [sys.executable, "manage.py", "demo", "--size", "20000"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as running:
        assert running.stderr is not None
        heard = b""
        while b"customers: " not in heard:
            heard += running.stderr.read(20)
        running.send_signal(signal.SIGTERM)
        rest = running.stderr.read()
    assert running.returncode == 1, (heard + rest).decode()
    assert "as it was" in (heard + rest).decode()
    assert not list(tmp_path.glob("*.loading*"))
    kept = sqlite3.connect(tmp_path / "guanxi.sqlite3")
    assert kept.execute("SELECT count(*) FROM people_user").fetchone() == (0,)
    kept.close()
