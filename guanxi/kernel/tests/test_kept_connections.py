"""A connection that is kept is looked at before it is used again, and only then asked."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no connection"),
]


def asked_of_another(sql: str, *values):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()
    finally:
        other.close()


def own_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() /* last words */")
        return int(cursor.fetchone()[0])


def test_a_quiet_connection_is_usable_without_a_question():
    pid = own_pid()
    assert connection.is_usable()
    last = asked_of_another("SELECT query FROM pg_stat_activity WHERE pid = %s", pid)
    assert "last words" in last[0]


def test_a_connection_that_the_server_has_ended_is_not():
    pid = own_pid()
    assert asked_of_another("SELECT pg_terminate_backend(%s, 5000)", pid) == (True,)
    assert not connection.is_usable()
    connection.close()
    assert own_pid() != pid
