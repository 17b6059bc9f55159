"""Creating a customer through the API, made durable by PostgreSQL's fsync."""

import json
from collections.abc import Iterator

from benchmarks.figures import Bench, Measured, cpu_per_operation
from tests.fixtures.visitor import Visitor

BOUND = 20.0


def bodies() -> Iterator[dict[str, object]]:
    """Customers as another system would send them."""
    for number in range(10**6):
        yield {
            "name": f"苏州新建{number:06d}智能装备有限公司",
            "short_name": f"新建{number}",
            "industry": "机械设备",
            "province": "江苏省",
            "city": "苏州",
            "phone": f"+86168{20_000_000 + number}",
            "email": f"info@new{number}.example",
            "tier": "potential",
            "stage": "acquisition",
            "source": "website",
        }


def measure(bench: Bench) -> list[Measured]:
    """With a token of the head of a department."""
    visitor, token = Visitor(bench.site.url), bench.site.token("head")
    headers = {"Authorization": f"Bearer {token}", "Content_Type": "application/json"}
    waiting = bodies()

    def create() -> object:
        body = json.dumps(next(waiting), ensure_ascii=False).encode()
        answer = visitor.ask("POST", "/api/v1/customers/", body, **headers)
        if answer.status != 201:
            raise RuntimeError(f"create answers {answer.status}: {answer.text[:500]}")
        return answer

    return [cpu_per_operation(bench, "create a customer (API)", BOUND, create)]
