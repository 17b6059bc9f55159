"""The head's desk (工作台): two hundred people with a hundred thousand open to-dos and promises."""

from datetime import timedelta
from itertools import cycle
from typing import Final

from benchmarks.figures import Bench, Measured, cpu_per_operation
from benchmarks.site import ask

BOUND: Final = 100.0
PEOPLE: Final = 200
OPEN: Final = 100_000
_MARK: Final = "bench.today"


def measure(bench: Bench) -> list[Measured]:
    """The desk over the department, and one's own; the bound is on what nineteen in twenty wait."""
    fill()
    visitor = bench.site.sign_in("head")
    found = []
    for name, path, bound in (
        ("desk of a head, department", "/?of=department", BOUND),
        ("… their own", "/?of=mine", None),
    ):
        measured = cpu_per_operation(bench, name, None, lambda path=path: ask(visitor, path))
        details = {**measured.details, "cpu_ms": measured.value, "open": OPEN, "people": PEOPLE}
        found.append(Measured(name, measured.details["wall_p95_ms"], "ms p95", bound, details))
    return found


def fill() -> None:
    """The head's department with its people and what they owe, a tenth of it overdue."""
    from django.utils import timezone

    from guanxi.commitments.models import Commitment
    from guanxi.customers.models import Customer
    from guanxi.kernel.db.rows import insert_rows
    from guanxi.kernel.db.statistics import renew_statistics
    from guanxi.people.models import User

    at = timezone.now()
    stamps = {"created_at": at, "updated_at": at}
    if User.objects.filter(username=f"{_MARK}.0").exists():
        return
    department = User.objects.get(username="head").department
    names = [f"{_MARK}.{n}" for n in range(PEOPLE)]
    insert_rows(
        [
            User(
                username=name, username_skeleton=name, name=f"同事{n}", name_sort=name,
                department=department, **stamps,
            )
            for n, name in enumerate(names)
        ]
    )  # fmt: skip
    owners = cycle(User.objects.filter(username__in=names).values_list("pk", flat=True))
    customers = cycle(Customer.objects.order_by("pk").values_list("pk", flat=True)[:5000])
    rows = []
    for n, owner, customer in zip(range(OPEN), owners, customers, strict=False):
        due = at + timedelta(minutes=n - OPEN // 10)
        rows.append(
            Commitment(
                title=f"回访第 {n} 号", kind="promise" if n % 3 else "todo", owner_id=owner,
                customer_id=customer, due_at=due, open_until=due, first_due_at=due, **stamps,
            )
        )  # fmt: skip
    insert_rows(rows)
    renew_statistics()
