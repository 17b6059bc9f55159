"""Keeps the keys of look-alikes in step with customers and contacts, in the same transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models

from guanxi.customers.duplicates import matching
from guanxi.customers.duplicates.models import MatchKey
from guanxi.customers.duplicates.queries import profile_of
from guanxi.customers.models import Contact, Customer
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.rows import insert_values

_OF_CUSTOMERS: Final = frozenset({"name", "short_name", "kind", "credit_code", "phone", "email"})
_OF_CONTACTS: Final = frozenset({"customer", "phone", "other_phone", "email"})
_FEW: Final = 100
Changes = Mapping[str, tuple[Any, Any]]
_Key = tuple[str, int, int, int]


def follow_customers(
    customers: Sequence[models.Model], changes: Sequence[Changes], actor: Actor, at: datetime
) -> None:
    """After a write of customers: the keys of those whose name, code or numbers changed."""
    del actor, at
    touched = _touched(customers, changes, _OF_CUSTOMERS)
    _forget([c.pk for c, is_new in touched if not is_new], [0])
    _insert([key for c, _is_new in touched for key in _keys_of_customer(c)])


def follow_contacts(
    contacts: Sequence[models.Model], changes: Sequence[Changes], actor: Actor, at: datetime
) -> None:
    """After a write of contacts: the keys of those whose numbers or customer changed."""
    del actor, at
    touched = _touched(contacts, changes, _OF_CONTACTS)
    old = [(c, each) for c, each in zip(contacts, changes, strict=True) if not _is_new(each)]
    owners = {c.customer_id for c, _each in old if isinstance(c, Contact)}
    owners |= {each["customer"][0] for _c, each in old if "customer" in each}
    _forget(owners, [c.pk for c, is_new in touched if not is_new])
    _insert([key for c, _is_new in touched for key in _keys_of_contact(c)])


def write_keys(customers: Iterable[Customer], contacts: Iterable[Contact]) -> None:
    """The keys of new customers and contacts that were stored in bulk."""
    _insert([key for each in customers for key in _keys_of_customer(each)])
    _insert([key for each in contacts for key in _keys_of_contact(each)])


def rebuild_keys(customer_ids: Collection[int]) -> None:
    """All keys of these customers anew, from what is stored."""
    MatchKey.objects.filter(customer_id__in=customer_ids).delete()
    write_keys(
        Customer.objects.filter(pk__in=customer_ids, merged_into=None),
        Contact.objects.filter(customer_id__in=customer_ids),
    )


def _touched(
    rows: Sequence[Any], changes: Sequence[Changes], names: frozenset[str]
) -> list[tuple[Any, bool]]:
    """The rows that are new or changed in what keys are made of, each with whether it is new."""
    pairs = zip(rows, changes, strict=True)
    return [(row, _is_new(each)) for row, each in pairs if names.intersection(each)]


def _is_new(changes: Changes) -> bool:
    """A name is required: only a new record comes from having none."""
    return "name" in changes and changes["name"][0] is None


def _forget(customer_ids: Collection[int], source_ids: Collection[int]) -> None:
    if customer_ids and source_ids:
        MatchKey.objects.filter(customer_id__in=customer_ids, source_id__in=source_ids).delete()


def _keys_of_customer(customer: Customer) -> list[_Key]:
    profile = profile_of(vars(customer))
    return _rows(customer.pk, 0, matching.keys_of_customer(profile))


def _keys_of_contact(contact: Contact) -> list[_Key]:
    phones, emails = (contact.phone, contact.other_phone), (contact.email,)
    return _rows(
        contact.customer_id, contact.pk, matching.keys_of_reach(phones, filter(None, emails))
    )


def _rows(
    customer_id: int, source_id: int, keys: Iterable[tuple[matching.KeyKind, int]]
) -> list[_Key]:
    return [(kind.value, value, customer_id, source_id) for kind, value in sorted(keys)]


def _insert(rows: Sequence[_Key]) -> None:
    """Sorted by value, so that the pages of the index are met one after the other."""
    ordered = sorted(rows, key=lambda row: row[1]) if len(rows) > _FEW else rows
    insert_values(MatchKey, ("kind", "value", "customer", "source_id"), ordered)
