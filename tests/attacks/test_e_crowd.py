"""E13. Fifty people sign in at once: the others hardly notice, and nobody is kept out."""

import contextlib
import http.client
import statistics
import threading
import time

import pytest

from tests.fixtures.visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.once]
CROWD = 50
ROUNDS = 4
PAGE = "/customers/?view="


def p95(seconds):
    return statistics.quantiles(seconds, n=20)[-1]


def timed(visitor):
    began = time.perf_counter()
    assert visitor.get(PAGE).status == 200
    return time.perf_counter() - began


class Newcomer(threading.Thread):
    """Somebody who wants in, and comes back when the door is full."""

    def __init__(self, url, username, password):
        super().__init__(daemon=True)
        self.visitor, self.who = Visitor(url), (username, password)
        self.seen, self.longest = [], 0.0

    def run(self):
        username, password = self.who
        self.visitor.get("/accounts/login/")
        values = {"login": username, "password": password, "csrfmiddlewaretoken": ""}
        end = time.monotonic() + 120
        while time.monotonic() < end:
            values["csrfmiddlewaretoken"] = self.visitor.cookies["csrf"]
            began = time.perf_counter()
            answer = self.visitor.post("/accounts/login/", values)
            self.longest = max(self.longest, time.perf_counter() - began)
            self.seen.append(answer.status)
            if answer.status != 429:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        self.visitor.close()


def test_e13_fifty_who_sign_in_at_once_leave_the_others_their_pages(live_site):
    """Everybody gets in within a while; p95 of a list for the others stays below the double.

    A round that the machine itself disturbs is measured again: what is asked is that the product
    can keep the bound, and a product that cannot never does.
    """
    password, rounds = live_site.password("sales"), []
    with contextlib.closing(Visitor(live_site.url)) as reader:
        reader.sign_in("head", live_site.password("head"))
        while len(rounds) < ROUNDS and not any(is_kept(*each) for each in rounds):
            rounds.append(crowded(live_site.url, reader, password))
    print(f"E13: p95 beside the crowd, times alone, and the longest wait: {rounds}")  # noqa: T201
    assert any(is_kept(*each) for each in rounds), rounds


def crowded(url: str, reader: Visitor, password: str) -> tuple[float, float]:
    """One round: how much slower the reader's list is beside the crowd, and its longest wait."""
    alone = [timed(reader) for _ in range(80)]
    crowd = [Newcomer(url, "sales", password) for _ in range(CROWD)]
    for one in crowd:
        one.start()
    beside = []
    while any(one.is_alive() for one in crowd) or len(beside) < 80:
        beside.append(timed(reader))
    assert [one.seen[-1] for one in crowd] == [302] * CROWD
    assert {status for one in crowd for status in one.seen} <= {302, 429}
    return p95(beside) / p95(alone), max(one.longest for one in crowd)


def is_kept(ratio: float, longest: float) -> bool:
    """Whether a round kept both bounds."""
    return ratio < 2 and longest < 10


def test_e12_ten_megabytes_of_password_cost_nothing(live_site):
    """Refused within 100 ms, without waiting for the rest of it."""
    visitor = Visitor(live_site.url)
    visitor.get("/accounts/login/")
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    visitor.close()
    quickest = 10.0
    for _ in range(3):
        sent = http.client.HTTPConnection("127.0.0.1", live_site.port, timeout=20)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
        began = time.perf_counter()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            sent.request("POST", "/accounts/login/", b"password=" + b"x" * 10_000_000, headers)
        status = sent.getresponse().status
        quickest = min(quickest, time.perf_counter() - began)
        sent.close()
        assert status == 400
    assert quickest < 0.1
