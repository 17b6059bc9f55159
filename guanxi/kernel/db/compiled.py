"""Queries that nearly every request asks: made into SQL once, then asked with other values."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)


class Compiled(Generic[M]):
    """A query for whole records of one model and of those that `select_related` names.

    `build` gets the values that change from call to call, which go to the database as they are:
    texts and whole numbers. Everything else about the query must stay the same.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]]) -> None:
        self._build = build
        self._made = threading.local()

    def rows(self, *values: str | int) -> list[M]:
        """The records for these values."""
        compiler, sql, places = self._statement(values)
        with connection.cursor() as cursor:
            cursor.execute(sql, [values[place] for place in places])
            found = cursor.fetchall()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        read = compiler.apply_converters(found, converters) if converters else found
        return [self._instance(compiler, tuple(row)) for row in read]

    def _statement(self, values: tuple[Any, ...]) -> tuple[Any, str, list[int]]:
        """The SQL and which value stands at which of its places; once per thread and database."""
        key = connection.settings_dict["NAME"]
        if getattr(self._made, "key", None) != key:
            marks = [f"\x01{n}" if isinstance(v, str) else -1 - n for n, v in enumerate(values)]
            compiler = self._build(*marks).query.get_compiler(connection=connection)
            sql, params = compiler.as_sql()
            self._made.statement = compiler, sql, [marks.index(each) for each in params]
            self._made.key = key
        statement: tuple[Any, str, list[int]] = self._made.statement
        return statement

    @staticmethod
    def _instance(compiler: Any, row: tuple[Any, ...]) -> M:
        about = compiler.klass_info
        columns = about["select_fields"]
        names = [compiler.select[place][0].target.attname for place in columns]
        instance: M = about["model"].from_db(
            connection.alias, names, row[columns[0] : columns[-1] + 1]
        )
        # The stubs are those of the next Django.
        related = get_related_populators(about, compiler.select, connection.alias)  # type: ignore[call-arg]
        for populator in related:
            populator.populate(row, instance)
        return instance
