"""Resident memory of web and worker after all other figures."""

from benchmarks import processes
from benchmarks.figures import Bench, Measured

BOUND = 400.0


def measure(bench: Bench) -> list[Measured]:
    """Both trees with their children; the live updates and PostgreSQL for information."""
    site = bench.site
    parts = {
        name: round(processes.resident_megabytes(site.roots(name)), 1)
        for name in ("web", "worker", "live")
    }
    return [Measured("memory of web and worker", round(site.memory(), 1), "MB", BOUND, parts)]
