"""The column of custom field values, whose single values an index can be built over."""

import re
from functools import partial
from typing import Any, Final

from django.db import models
from django.db.models import lookups
from django.db.models.fields.json import KeyTransform, KeyTransformFactory

_PLAIN: Final = re.compile(r"[a-z][a-z0-9_]*")
_TYPES: Final = "('false', 'true', 'null')"


class CustomValue(KeyTransform):
    """One value of the column.

    SQLite finds an index over an expression only where it is spelt out: with a parameter in the
    place of the key, as Django writes it, it would read the whole table.
    """

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        """The same as Django's, with the key in its place."""
        lhs, params, keys = self.preprocess_lhs(compiler, connection)
        if len(keys) > 1 or not _PLAIN.fullmatch(self.key_name):
            return super().as_sqlite(compiler, connection)
        place = f"""{lhs}, '$."{self.key_name}"'"""
        shape = f"JSON_TYPE({place})"
        return (
            f"(CASE WHEN {shape} IN {_TYPES} THEN {shape} ELSE JSON_EXTRACT({place}) END)",
            (*params, *params, *params),
        )


@CustomValue.register_lookup
class CustomValueIsNull(lookups.IsNull):
    """Whether there is a value; asked so that both answers lead into an index."""

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Whatever is there, is at least minus infinity; SQLite has no range for NOT NULL."""
        if self.rhs:
            return self.as_sql(compiler, connection)
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} >= -9e999", params


class CustomValues(models.JSONField):
    """Values of custom fields by their code; to migrations an ordinary JSON column."""

    def deconstruct(self) -> Any:
        """Nothing differs in the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def get_transform(self, lookup_name: str) -> Any:
        """`custom__code` is one value."""
        found: Any = super().get_transform(lookup_name)
        is_key = isinstance(found, KeyTransformFactory)
        return partial(CustomValue, lookup_name) if is_key else found
