"""How the databases find rows: lists and searches use an index, they never read a whole table."""

import json
from collections.abc import Collection
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connection, transaction
from django.utils import timezone

from guanxi.customers.queries import OpenedId
from guanxi.customers.timeline import Timeline, Wanted
from guanxi.kernel import outbox
from guanxi.kernel.audit.queries import list_readers
from guanxi.kernel.db.rows import insert_rows
from guanxi.surfaces import search, value_indexes
from guanxi.surfaces.keyset import Order
from guanxi.surfaces.listing import Listing, ListRequest
from guanxi.surfaces.records import get_record_type, record_types
from guanxi.tickets.mail.queries import find_contact
from tests.fixtures.company import AT, Founder, model, stamps

CUSTOMERS = 20_000
LARGE = {
    "customers_customer",
    "customers_contact",
    "customers_order",
    "surfaces_searchdoc",
    "kernel_event",
    "kernel_accessentry",
    "kernel_delivery",
}
#: Words that few customers have; to read them all is the right plan for one that everybody has.
TRADES = ("装备", *(f"{chr(0x5E00 + n)}业" for n in range(63)))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def large(django_db_setup, django_db_blocker):
    """The small company with many more customers, spread over its people and others'."""
    with django_db_blocker.unblock(), transaction.atomic():
        company = Founder().found()
        fill(company)
        define_fields()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            if is_postgresql():  # as on a disk without a head, and as at a million rows
                cursor.execute("SET random_page_cost = 1.1")
        yield company
        transaction.set_rollback(True)
    connection.close()


def fill(company) -> None:
    kind = get_record_type("customers.customer")
    user, department = model("people.User"), company.departments["south"]
    owners = [*company.users.values(), *others(user, department)]
    tiers, stages = cycle(("core", "ordinary", "ordinary")), cycle(("growth", "prospect"))
    trades, signed = cycle(TRADES), cycle(("yes", "no", "no"))
    customers = [
        kind.model(
            number=f"L{n:08}",
            name=f"{chr(0x4E00 + n % 5000)}{chr(0x4E00 + n % 777)}{next(trades)}有限公司",
            name_sort=f"{n:08}",
            phone=f"+86168{n:08}",
            tier=next(tiers),
            stage=next(stages),
            owner=owner,
            department_id=owner.department_id,
            next_contact_at=AT + timedelta(hours=n) if n % 3 else None,
            total_minor=n,
            created_at=AT + timedelta(seconds=n),
            updated_at=AT + timedelta(seconds=n),
            custom={"area": n * 7 % 5000, "signed": next(signed)} if n % 2 else {},
        )
        for n, owner in zip(range(CUSTOMERS), cycle(owners), strict=False)
    ]
    insert_rows(customers)
    rows = list(kind.model._base_manager.order_by("pk"))
    search.index_records(kind, rows, at=AT)
    contacts = model("customers.Contact")
    insert_rows(
        [contacts(customer=c, name=f"联系人{c.pk}", created_at=AT, updated_at=AT) for c in rows]
    )
    orders = model("customers.Order")
    insert_rows(
        [
            orders(
                customer=c, number=f"N{c.pk:08}", placed_at=AT, amount_minor=c.pk,
                created_at=AT, updated_at=AT,
            )
            for c in rows
        ]
    )  # fmt: skip
    events = model("kernel.Event")
    happened = [
        events(
            kind="record.created",
            subject_type="customers.customer",
            subject_id=str(c.pk),
            customer_id=c.pk,
            actor_label="x",
            channel="web",
            at=c.created_at,
        )
        for c in rows
    ]
    insert_rows(happened)
    accesses = model("kernel.AccessEntry")
    insert_rows(
        [
            accesses(
                action="view", subject_type="customers.customer", subject_id=str(c.pk),
                customer_id=c.pk, actor_user_id=1, actor_label="x", channel="web", at=c.created_at,
            )
            for c in rows
        ]
    )  # fmt: skip
    deliveries = model("kernel.Delivery")
    insert_rows([deliveries(event=e, consumer="x", due_at=AT, state="done") for e in happened])


def define_fields() -> None:
    """Two custom fields of customers, with the indexes that the worker gives them."""
    for slug, kind in (("area", "integer"), ("signed", "text")):
        model("surfaces.CustomField").objects.create(
            record_key="customers.customer", slug=slug, name=slug, kind=kind, **stamps()
        )
    if is_postgresql():  # no index is made while checks are outstanding
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    for each in value_indexes.wanted().values():
        each.build(is_online=False)  # all of this is one transaction


def others(user, department) -> list:
    """Three hundred colleagues elsewhere."""
    rows = [
        user(
            username=f"other{n}",
            username_skeleton=f"other{n}",
            name=f"Other {n}",
            name_sort=f"other{n}",
            department=department,
            created_at=AT,
            updated_at=AT,
        )
        for n in range(300)
    ]
    return user.objects.bulk_create(rows)


# Plans ------------------------------------------------------------------------------------------
class Plans:
    """Every statement of a block with how the database carries it out.

    `large` are the tables that the test has filled: an empty one is best read whole.
    """

    def __init__(self, large: Collection[str] = LARGE) -> None:
        self.statements: list[tuple[str, str]] = []
        self.large = large

    def note(self, execute, sql, params, many, context):
        if sql.lstrip().upper().startswith("SELECT"):
            self.statements.append((sql, explain(sql, params)))
        return execute(sql, params, many, context)

    def whole_tables(self) -> list[str]:
        return [
            f"{name}: {sql[:300]}"
            for sql, plan in self.statements
            for name in read_whole(plan, self.large)
        ]


def explain(sql: str, params) -> str:
    with connection.connection.cursor() if is_postgresql() else connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            return json.dumps(cursor.fetchone()[0])
        cursor.cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%s", "?"), params or ())
        return "\n".join(row[3] for row in cursor.cursor.fetchall())


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def read_whole(plan: str, large: Collection[str]) -> set[str]:
    """The large tables that a plan reads from end to end."""
    if is_postgresql():
        return {
            node["Relation Name"]
            for node in nodes(json.loads(plan))
            if node.get("Node Type") == "Seq Scan" and node["Relation Name"] in large
        }
    lines = [line.split() for line in plan.splitlines()]
    return {
        words[1]
        for words in lines
        if words[0] == "SCAN" and words[1] in large and "INDEX" not in words
    }


def nodes(plan):
    if isinstance(plan, list):
        for each in plan:
            yield from nodes(each)
    elif isinstance(plan, dict):
        yield plan
        for value in plan.values():
            if isinstance(value, list | dict):
                yield from nodes(value)


@contextmanager
def plans(large=LARGE):
    found = Plans(large)
    with connection.execute_wrapper(found.note):
        yield found
    assert found.statements
    assert found.whole_tables() == []


@pytest.mark.parametrize("name", ["sales", "senior_agent", "head", "administrator"])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"sort": "name"},
        {"sort": "-created_at"},
        {"sort": "next_contact_at"},
        {"sort": "-updated_at"},
        {"tier": "core"},
        {"owner": "me"},
        {"q": "装备"},
        {"q": "一丁"},
        {"q": "zbyx"},
        {"q": "00000017"},
    ],
    ids=str,
)
def test_a_list_of_customers_reads_no_whole_table(large, name, query):
    listing = Listing(get_record_type("customers.customer"), large.actor(name), at=AT)
    with plans():
        page = listing.page(ListRequest.from_query(query))
    if page.next_cursor:
        with plans():
            listing.page(ListRequest.from_query({**query, "after": page.next_cursor}))


@pytest.mark.parametrize("sort", ["x_area", "-x_area", "x_signed", "-x_signed"])
def test_a_list_by_a_custom_field_walks_its_index(large, sort):
    """First page, one in the middle, one of those without a value: each begins where it must."""
    kind = get_record_type("customers.customer")
    path = f"custom__{sort.removeprefix('-').removeprefix('x_')}"
    rows = kind.model.objects.order_by("pk").values("pk", path)
    valued, blank = (
        rows.filter(**{f"{path}__isnull": is_blank})[5000] for is_blank in (False, True)
    )
    marks = [Order(sort, path, is_descending=False, field=None).cursor(r) for r in (valued, blank)]
    listing = Listing(kind, large.actor("administrator"), at=AT)
    for mark in ("", *marks):
        with plans() as found:
            assert listing.page(ListRequest(sort=sort, columns=("name",), after=mark)).next_cursor
        sorted_plans = [p for sql, p in found.statements if 'FROM "customers_customer"' in sql]
        assert sorted_plans
        # Where many share a value, or have none, the ids lead as well.
        is_by_value = not mark or ("area" in sort and mark == marks[0])
        assert not is_by_value or all(value_indexes.PREFIX in plan for plan in sorted_plans)
    with plans() as found:
        asked = {"sort": "-updated_at", "columns": "name", "x_area__between": "100,110"}
        assert listing.page(ListRequest.from_query(asked)).rows
    assert any(value_indexes.PREFIX in plan for _sql, plan in found.statements)


@pytest.mark.parametrize("name", ["sales", "head", "administrator"])
def test_a_list_by_total_reads_no_whole_table(large, name):
    listing = Listing(get_record_type("customers.customer"), large.actor(name), at=AT)
    with plans():
        listing.page(ListRequest.from_query({"sort": "-total_minor"}))


@pytest.mark.parametrize("name", ["sales", "head", "administrator"])
@pytest.mark.parametrize("query", ["装备", "一丁", "17", "1680000", "zb", "L00000017"])
def test_the_palette_reads_no_whole_table(large, name, query):
    with plans():
        search.search_everywhere(query, record_types(), large.actor(name))


def test_a_customer_s_timeline_reads_no_whole_table(large):
    head = large.actor("head")
    timeline = Timeline(OpenedId(large.belongings["head"].customer.pk), head)
    with plans():
        timeline.page(Wanted())
        timeline.page(Wanted(show="changes"))


def test_m05_who_saw_a_customer_reads_no_whole_table(large):
    customer = large.belongings["head"].customer.pk
    with plans():
        list_readers(customer, since=AT - timedelta(days=180))
    listing = Listing(get_record_type("kernel.accessentry"), large.actor("auditor"), at=AT)
    with plans():
        listing.page(ListRequest.from_query({"customer_id": str(customer)}))


def test_the_outbox_reads_no_whole_table(large):
    with plans():
        outbox.deliver_due(at=AT)


def test_the_check_sees_a_whole_table(large):
    found = Plans()
    with connection.execute_wrapper(found.note):
        list(model("customers.Customer").objects.filter(focus="x")[:5])
    assert len(found.whole_tables()) == 1


# Beyond one's reach -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def opened(large):
    """A sales person with three hundred shared customers, a pool and a colleague to stand for."""
    customers = model("customers.Customer").objects
    others = customers.exclude(owner=large.users["sales"]).order_by("pk")
    shared, pooled = [list(others.values_list("pk", flat=True)[n : n + 300]) for n in (100, 900)]
    pool = model("customers.Pool").objects.create(name="pool", **stamps())
    customers.filter(pk__in=pooled).update(pool=pool, owner=None)
    share, with_sales = model("kernel.Share"), {"with_user": large.users["sales"], **stamps()}
    insert_rows(
        [
            share(subject_type="customers.customer", subject_id=pk, may_write=True, **with_sales)
            for pk in shared
        ]
    )
    share.objects.create(subject_type="customers.pool", subject_id=pool.pk, **with_sales)
    model("kernel.Substitution").objects.create(
        person=large.users["stranger"], substitute=large.users["sales"], starts_at=AT,
        until=timezone.now() + timedelta(days=1), **stamps(),
    )  # fmt: skip
    model("people.User").objects.filter(pk=large.users["sales"].pk).update(access_stamp=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return pool, shared, pooled


@pytest.mark.parametrize(
    "query", [{}, {"sort": "name"}, {"pool": True}, {"q": "装备"}, {"tier": "core"}], ids=str
)
def test_what_is_opened_beyond_the_reach_is_found_by_an_index(large, opened, query):
    pool, shared, pooled = opened
    asked = {**query, "pool": str(pool.pk)} if "pool" in query else query
    actor = large.actor("sales")
    assert len(actor.openings.ids("customers.customer", may_write=True)) == len(shared)
    listing = Listing(get_record_type("customers.customer"), actor, at=AT)
    with plans():
        page = listing.page(ListRequest.from_query(asked))
    found = {row.pk for row in page.rows}
    assert found <= set(pooled) if "pool" in query else "q" in query or not found & set(pooled)
    with plans():
        listing.read(shared[0])
        search.search_everywhere("装备", record_types(), actor)


@pytest.fixture(scope="module")
def at_work(large):
    """An agent with twenty open tickets of the South's customers, among many closed ones."""
    tickets, agent = model("tickets.Ticket"), large.users["junior_agent"]
    customers = model("customers.Customer").objects.exclude(owner=agent).order_by("pk")
    wanted = list(customers.values_list("pk", flat=True)[:4000])
    insert_rows(
        [
            tickets(
                number=f"T{n}", subject="x", state="closed" if n % 200 else "open",
                closed_at=AT if n % 200 else None, owner=agent, customer_id=pk, **stamps(),
            )
            for n, pk in enumerate(wanted)
        ]
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return wanted[::200]


@pytest.mark.parametrize("query", [{}, {"sort": "name"}, {"q": "装备"}, {"tier": "core"}], ids=str)
def test_what_open_work_opens_is_found_by_an_index(large, at_work, query):
    listing = Listing(
        get_record_type("customers.customer"), actor := large.actor("junior_agent"), at=AT
    )
    with plans(LARGE | {"tickets_ticket"}) as found:
        listing.page(ListRequest.from_query(query))
        listing.read(at_work[0])
        search.search_everywhere("装备", record_types(), actor)
    of_work = [plan for sql, plan in found.statements if "tickets_ticket" in sql.split("WHERE")[0]]
    assert any("ticket_unended" in plan for plan in of_work)


def test_whose_letter_it_is_is_found_by_an_index(large):
    with plans():
        find_contact("Nobody@Company.Example")
