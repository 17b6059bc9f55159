"""What every test may ask for, wherever it stands."""

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.browser",
    "tests.fixtures.site",
    "tests.fixtures.company",
    "tests.fixtures.api",
]

# A busy machine is no defect, and examples that share a test's database are rolled back by it.
settings.register_profile(
    "guanxi",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("guanxi")
