"""The keys of the customers and contacts that are stored already, some thousand at a time."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from guanxi.customers.duplicates import matching

_AT_ONCE = 1000


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Write the keys; what a broken-off try has written already is left as it is."""
    del editor
    customers = apps.get_model("customers", "Customer").objects.order_by("pk")
    contacts = apps.get_model("customers", "Contact").objects.order_by("pk")
    for customer in customers.iterator(chunk_size=_AT_ONCE):
        profile = matching.Profile(
            name=customer.name,
            short_name=customer.short_name,
            is_person=customer.kind == "person",
            credit_code=customer.credit_code or "",
            phones=frozenset(filter(None, [customer.phone])),
            emails=frozenset(filter(None, [customer.email.casefold()])),
        )
        _write(apps, customer.pk, 0, matching.keys_of_customer(profile))
    for contact in contacts.iterator(chunk_size=_AT_ONCE):
        phones, emails = (contact.phone, contact.other_phone), filter(None, [contact.email])
        _write(apps, contact.customer_id, contact.pk, matching.keys_of_reach(phones, emails))
    _write_waiting(apps, least=1)


_waiting: list[Any] = []


def _write(apps: Apps, customer_id: int, source_id: int, keys: Any) -> None:
    model = apps.get_model("customers", "MatchKey")
    _waiting.extend(
        model(kind=kind.value, value=value, customer_id=customer_id, source_id=source_id)
        for kind, value in sorted(keys)
    )
    _write_waiting(apps, least=10 * _AT_ONCE)


def _write_waiting(apps: Apps, *, least: int) -> None:
    if len(_waiting) >= least:
        model = apps.get_model("customers", "MatchKey")
        model.objects.bulk_create(_waiting, batch_size=_AT_ONCE, ignore_conflicts=True)
        _waiting.clear()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("customers", "0002_match_keys")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
