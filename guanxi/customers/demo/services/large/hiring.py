"""Hires a thousand more sellers into two hundred offices, through the services of people."""

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from guanxi.customers.demo import words
from guanxi.customers.demo.companies import HERE, Inventor
from guanxi.customers.demo.large.plan import Seller
from guanxi.customers.demo.organisation import REGION_DEPARTMENTS
from guanxi.customers.demo.services.staff import Staff
from guanxi.kernel.actor import Actor
from guanxi.people import services
from guanxi.people.models import Department, Team, User

MOST: Final = {"华东": 100, "华北": 100, "华南": 400, "西部": 400}
"""Hired per region; the head of the first two has two hundred people below."""
FULL: Final = 200_000
"""From so many customers on the company has all its people."""
OFFICE: Final = 5


def hire_many(
    count: int, staff: Staff, chance: random.Random, *, actor: Actor, at: datetime
) -> list[Seller]:
    """Everybody who has customers: those of the small company first, then the newly hired."""
    known = [
        Seller(
            user.pk,
            user.name,
            staff.team_of[user.pk].pk,
            user.department_id or 0,
            staff.region_of[user.pk],
        )
        for user in sorted(staff.sellers, key=lambda u: u.username != "sales")
    ]
    return [*known, *_hired(count, chance, actor, at)]


def _hired(count: int, chance: random.Random, actor: Actor, at: datetime) -> Iterator[Seller]:
    inventor = Inventor(chance, at.astimezone(HERE).date())
    number = 0
    for region, most in MOST.items():
        above = Department.objects.get(name=REGION_DEPARTMENTS[region])
        wanted = max(OFFICE, most * min(count, FULL) // FULL)
        for office in range((wanted + OFFICE - 1) // OFFICE):
            team, department = _open(region, office, above, actor, at)
            for _place in range(min(OFFICE, wanted - office * OFFICE)):
                number += 1
                user = _hire(number, inventor.person_name(), team, actor=actor, at=at)
                yield Seller(user.pk, user.name, team.pk, department.pk, region)


def _open(
    region: str, number: int, above: Department, actor: Actor, at: datetime
) -> tuple[Team, Department]:
    """An office of a city with its one team."""
    cities = words.CITIES[region]
    city, turn = cities[number % len(cities)], number // len(cities) + 1
    name = f"{city.name}第{turn}营业部"
    department = services.create_department(name, parent=above, actor=actor, at=at)
    return services.create_team(f"{name}销售组", department, actor=actor, at=at), department


def _hire(number: int, name: str, team: Team, *, actor: Actor, at: datetime) -> User:
    values: dict[str, Any] = {
        "username": f"seller{number:04d}",
        "name": name,
        "title": "客户经理",
        "department": team.department_id,
        "teams": [team.pk],
        "employee_no": f"XS{number:05d}",
    }
    return services.create_user(values, roles=["sales"], actor=actor, at=at)
