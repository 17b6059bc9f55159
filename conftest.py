"""What every test may ask for, wherever it stands."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.browser",
    "tests.fixtures.site",
    "tests.fixtures.company",
    "tests.fixtures.api",
    "tests.fixtures.post",
    "tests.fixtures.imap",
]

# A busy machine is no defect, and examples that share a test's database are rolled back by it.
settings.register_profile(
    "guanxi",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("guanxi")

_NEEDS_A_DATABASE = frozenset({"db", "transactional_db", "django_db_setup", "live_site"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What touches neither a database nor a running product is the same on PostgreSQL."""
    for item in items:
        asked = _NEEDS_A_DATABASE.intersection(getattr(item, "fixturenames", ()))
        is_marked = any(
            item.get_closest_marker(name) for name in ("django_db", "server", "browser")
        )
        if not asked and not is_marked:
            item.add_marker(pytest.mark.once)


@pytest.fixture(autouse=True)
def _nothing_kept_of_another_test() -> Iterator[None]:
    """Versions of calendars and rights by stamp never change, so processes keep them.

    Those of the next test are others under the same numbers and stamps.
    """
    yield
    from guanxi.deadlines import clock_queries
    from guanxi.people import queries

    clock_queries.get_version.cache_clear()
    queries.get_access_profile.cache_clear()
