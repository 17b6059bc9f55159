"""A customer's page with facts, timeline and related records."""

from benchmarks.figures import Bench, Measured, cpu_per_operation
from benchmarks.site import ask

BOUND = 25.0


def measure(bench: Bench) -> list[Measured]:
    """Customers of a department, half of them with orders and talk."""
    visitor = bench.site.sign_in("head")

    def open_customer() -> object:
        return ask(visitor, f"/customers/{bench.chance.choice(bench.customers)}/")

    def open_business() -> object:
        return ask(visitor, f"/customers/{bench.chance.choice(bench.customers)}/business/")

    return [
        cpu_per_operation(bench, "open a customer (HTML)", BOUND, open_customer),
        cpu_per_operation(bench, "… trade and files, once in view", None, open_business),
    ]
