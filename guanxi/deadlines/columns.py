"""The column of a clock's phase: what still runs is asked for in the words of its index."""

from typing import Any

from django.db import models
from django.db.models.lookups import In

from guanxi.deadlines.choices import LIVE


class PhaseField(models.CharField):  # type: ignore[type-arg]  # no subscript at run time
    """A phase, kept like any other text."""

    def deconstruct(self) -> Any:
        """Migrations know it as the text that it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


@PhaseField.register_lookup
class _InPhases(In):
    """`phase IN ('running', 'paused')`, letter for letter as `clock_next_due` says it.

    With values given as parameters SQLite cannot tell that the index holds all of them.
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The index's own words where just these two are asked for."""
        if isinstance(self.rhs, list | tuple | set | frozenset) and set(self.rhs) == set(LIVE):
            column, params = compiler.compile(self.lhs)
            return f"{column} IN ('running', 'paused')", params
        return super().as_sql(compiler, connection)
