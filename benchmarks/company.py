"""A hundred thousand customers: the demo company grown large, written by its own services."""

import gc
import random
import secrets
import sys
import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

COMPANY_SEED = 7
BATCH = 2500
WORDS = "surfaces_search_words"
_BEFORE = {
    "postgresql": ("SET synchronous_commit = off", f"DROP INDEX {WORDS}"),
    "sqlite": ("PRAGMA synchronous = OFF",),
}
_AFTER = {"postgresql": ("VACUUM ANALYZE", "CHECKPOINT"), "sqlite": ("ANALYZE",)}
_WORDS_NOW = f"""SELECT pg_get_indexdef(attrelid), attstattarget
FROM pg_attribute WHERE attrelid = '{WORDS}'::regclass"""
WITH_HISTORY = 10
"""One customer of so many has orders, payments and talk."""


def load(count: int) -> str:
    """The company with so many customers; returns the sign-ins' password."""
    from guanxi.customers.demo.services.book import Book
    from guanxi.customers.demo.services.staff import hire_staff
    from guanxi.customers.demo.services.tags import load_standard_tags
    from guanxi.kernel.actor import system_actor

    at, actor = timezone.now(), system_actor("benchmark")
    chance = random.Random(COMPANY_SEED)
    password = f"Bench-{secrets.token_hex(8)}-X9"
    gc.disable()
    again = _words_again()
    _execute(*_BEFORE[connection.vendor])
    with transaction.atomic():
        staff = hire_staff(password, chance, actor=actor, at=at - timedelta(days=1))
        tags = load_standard_tags(actor=actor, at=at)
    inventor, chronicler = _writers(chance, at)
    began = time.monotonic()
    for done in range(0, count, BATCH):
        drafts = _drafts(min(BATCH, count - done), inventor, chronicler, staff, chance)
        with transaction.atomic():
            Book(drafts, staff, tags, chance, actor=actor, at=at).write()
        _say(f"\r  {done + BATCH:>7} customers, {time.monotonic() - began:.0f} s")
        gc.collect()
    gc.enable()
    _say("\n  indexing and analysing …\n")
    _execute(*again, *_AFTER[connection.vendor])
    return password


def _words_again() -> tuple[str, ...]:
    """The index of words as it is now; filled once, at the end, it takes a tenth of the time."""
    if connection.vendor != "postgresql":
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_WORDS_NOW)
        [(definition, statistics)] = cursor.fetchall()
    return definition, f"ALTER INDEX {WORDS} ALTER COLUMN 1 SET STATISTICS {statistics}"


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _writers(chance: random.Random, at: Any) -> tuple[Any, Any]:
    from guanxi.customers.demo.companies import HERE, Inventor
    from guanxi.customers.demo.history import Chronicler

    return Inventor(chance, at.astimezone(HERE).date()), Chronicler(chance, at)


def _drafts(
    count: int, inventor: Any, chronicler: Any, staff: Any, chance: random.Random
) -> list[Any]:
    drafts = []
    for number in range(count):
        owner = chance.choices(staff.sellers, staff.weights)[0]
        draft = inventor.draft(owner, staff.region_of[owner.pk])
        if number % WITH_HISTORY == 0:
            chronicler.tell(draft)
        drafts.append(draft)
    return sorted(drafts, key=lambda d: d.customer.created_at)


def samples(username: str, chance: random.Random) -> dict[str, list[Any]]:
    """Customers in somebody's reach, words of their names and phones of their contacts."""
    from guanxi.customers.models import Contact, Customer
    from guanxi.kernel.access import visible
    from guanxi.kernel.actor import Channel
    from guanxi.people.models import User
    from guanxi.people.queries import get_actor

    user = User.objects.get(username=username)
    actor = get_actor(user.pk, channel=Channel.WEB)
    reach = visible(actor, "customers.view", Customer.objects.all())
    ids = list(reach.order_by("pk").values_list("pk", flat=True))
    with_orders = list(reach.filter(order_count__gt=0).values_list("pk", flat=True))
    chosen = [pk for some in (with_orders, ids) for pk in chance.sample(some, min(200, len(some)))]
    names = reach.filter(pk__in=chosen).values_list("name", flat=True)
    # Two characters anywhere in the first six: places, brands and pairs across them.
    words = [name[i : i + 2] for name in names for i in [chance.randrange(0, 5)]]
    phones = Contact.objects.filter(customer_id__in=chosen).values_list("phone", flat=True)
    return {"customers": chosen, "words": words, "phones": [p[3:] for p in phones]}


def _say(words: str) -> None:
    sys.stderr.write(words)
    sys.stderr.flush()
