"""People for tests: real users, roles and places made by the real services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any

from django.utils import timezone

from guanxi.kernel.actor import Actor, Channel, system_actor
from guanxi.people import queries, services
from guanxi.people.models import Department, Role, Team, User
from guanxi.people.services.users import FirstPassword

SYSTEM = system_actor("test")
PASSWORD = "Wren-harbour-42"
_numbers = count(1)


def roles(*, is_strict: bool = False) -> None:
    """The roles of the standard pack."""
    if not Role.objects.exists():
        services.load_standard_roles(is_strict=is_strict, actor=SYSTEM, at=timezone.now())


def user(username: str = "", *role_codes: str, **values: Any) -> User:
    """A user with roles who can sign in with PASSWORD at once."""
    name = username or f"person{next(_numbers)}x"
    roles()
    return services.create_user(
        {"username": name, "name": values.pop("name", f"员工 {name}"), **values},
        first=FirstPassword(PASSWORD, is_to_change=False),
        roles=role_codes,
        actor=SYSTEM,
        at=timezone.now(),
    )


def actor(of: User, **more: Any) -> Actor:
    """The actor that a user is now, freshly confirmed."""
    given: dict[str, Any] = {"channel": Channel.WEB, "authenticated_at": timezone.now(), **more}
    return queries.build_actor(User.objects.get(pk=of.pk), **given)


def department(name: str, parent: Department | None = None) -> Department:
    """A department of the tree."""
    made = services.create_department(name, parent=parent, actor=SYSTEM, at=timezone.now())
    made.refresh_from_db()
    return made


def team(name: str, of: Department, members: Iterable[User] = ()) -> Team:
    """A team of a department."""
    return services.create_team(name, of, members=members, actor=SYSTEM, at=timezone.now())


def now() -> datetime:
    """This instant."""
    return timezone.now()


def sign_in(client: Any, of: User, password: str = PASSWORD) -> Any:
    """Sign a test client in through the real page."""
    answer = client.post("/accounts/login/", {"login": of.username, "password": password})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer
