"""Persons at the doors of the product: real clients, signed in through the form."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.test import Client

from tests.fixtures.company import PASSWORD, Company

ANONYMOUS = "anonymous"


@dataclass
class Person:
    """One person's browser."""

    name: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(self, method: str, path: str, data: Any = None, **more: Any) -> Any:
        """Send a request and keep what it changes."""
        send = getattr(self.client, method.lower())
        return send(path, data, **more) if data is not None else send(path, **more)

    def try_out(self, method: str, path: str, data: Any = None, **more: Any) -> Any:
        """Send a request and take back whatever it changed."""
        with transaction.atomic():
            answer = self.ask(method, path, data, **more)
            if answer.streaming:
                answer.getvalue()
            transaction.set_rollback(True)
        return answer


class Persons:
    """Signs in whom one asks for, once."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.known: dict[str, Person] = {ANONYMOUS: Person(ANONYMOUS)}

    def __getitem__(self, name: str) -> Person:
        if name not in self.known:
            person = Person(name)
            answer = person.ask("post", "/accounts/login/", {"login": name, "password": PASSWORD})
            assert answer.status_code == 302, answer.content[:500]
            self.known[name] = person
        return self.known[name]


def outcome(answer: Any) -> str:
    """What an answer means for the one who asked."""
    status = answer.status_code
    if status == 401 or (status == 302 and "/accounts/login/" in answer.headers["Location"]):
        return "sign in"
    if status == 302 and "/accounts/confirm/" in answer.headers["Location"]:
        return "confirm"
    # A form that cannot be read is sent back before anything is looked up: 400, 422.
    named = {403: "denied", 404: "missing", 405: "no such method", 400: "unread", 422: "unread"}
    if status in named:
        return named[status]
    return "broken" if status >= 500 else "reached"
