"""What every test may ask for, wherever it stands."""

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.browser",
    "tests.fixtures.site",
    "tests.fixtures.company",
    "tests.fixtures.api",
]
