"""The records that a many-valued column names: one statement for all rows of a page."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model

from guanxi.surfaces.fields import Field


def related_records(
    model: type[Model], column: Field, pks: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    """By row, what the column names there: id and label, in order of the label."""
    related: dict[int, list[dict[str, Any]]] = {}
    if not pks:
        return related
    with connection.cursor() as cursor:
        cursor.execute(_links(model, column.path, column.ref_label, len(pks)), pks)
        for pk, key, name in cursor.fetchall():
            related.setdefault(pk, []).append({"id": key, "label": name})
    return related


@lru_cache(maxsize=512)
def _links(model: type[Model], path: str, ref_label: str, count: int) -> str:
    """The statement for so many rows; every page of a list and every record asks it."""
    relation: Any = model._meta.get_field(path)
    field = relation.remote_field if relation.auto_created else relation
    names = [field.m2m_field_name(), field.m2m_reverse_field_name()]
    own, other = reversed(names) if relation.auto_created else names
    label = f"{other}__{ref_label}"
    links = field.remote_field.through._base_manager.filter(**{f"{own}__in": list(range(count))})
    pairs = links.order_by(label).values_list(f"{own}_id", f"{other}_id", label)
    return str(pairs.query.sql_with_params()[0])
