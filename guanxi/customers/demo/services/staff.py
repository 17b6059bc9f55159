"""Hires the people of the demo company through the services of people."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanxi.customers.demo import organisation as plan
from guanxi.kernel.actor import Actor, Channel
from guanxi.people import queries, services
from guanxi.people.models import Department, Team, User
from guanxi.people.services.users import FirstPassword
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import change_record


@dataclass
class Staff:
    """Who works there, with the rights each has."""

    users: dict[str, User]
    teams: dict[str, Team]
    sellers: list[User]
    weights: list[int]
    region_of: dict[int, str]
    team_of: dict[int, Team]
    actors: dict[int, Actor]
    heads: dict[str, User]


def hire_staff(password: str, chance: random.Random, *, actor: Actor, at: datetime) -> Staff:
    """Roles, the company's name, departments, teams and people."""
    is_strict = queries.get_password_policy().needs_classes
    services.load_standard_roles(is_strict=is_strict, actor=actor, at=at)
    names = {"name": plan.COMPANY, "short_names": plan.SHORT_NAMES}
    services.change_organisation(names, actor=actor, at=at)
    departments = _departments(actor, at)
    teams = {
        name: services.create_team(name, departments[where], actor=actor, at=at)
        for name, where in plan.TEAMS
    }
    users = {}
    for number, person in enumerate(plan.PEOPLE, start=1):
        facts = _facts(number, person, departments, teams, chance)
        first = FirstPassword(password, is_to_change=False) if person.is_sign_in else None
        roles = [person.role] if person.role != "-" else []
        users[person.username] = services.create_user(
            facts, first=first, roles=roles, actor=actor, at=at
        )
    _appoint(departments, users, actor, at)
    _lead(teams, users, actor, at)
    return _placed(users, teams)


def _departments(actor: Actor, at: datetime) -> dict[str, Department]:
    made: dict[str, Department] = {}
    for position, (name, above, code) in enumerate(plan.DEPARTMENTS):
        made[name] = services.create_department(
            name, parent=made.get(above), code=code, position=position, actor=actor, at=at
        )
    return made


def _facts(
    number: int,
    person: plan.Person,
    departments: dict[str, Department],
    teams: dict[str, Team],
    chance: random.Random,
) -> dict[str, Any]:
    return {
        "username": person.username,
        "name": person.name,
        "title": person.title,
        "department": departments[person.department].pk,
        "teams": sorted(teams[name].pk for name in person.teams),
        "email": f"{person.username.replace('_', '.')}@hengshi.example",
        "phone": f"+86168{chance.randrange(10**7, 10**8)}",
        "employee_no": f"HS{number:04d}",
    }


def _appoint(
    departments: dict[str, Department], users: dict[str, User], actor: Actor, at: datetime
) -> None:
    """Give the departments their heads."""
    kind = get_record_type("people.department")
    for person in plan.PEOPLE:
        if person.is_head:
            department = departments[person.department]
            department.refresh_from_db()
            change_record(
                kind,
                department.pk,
                {"head": users[person.username].pk},
                version=department.version,
                actor=actor,
                at=at,
            )


def _lead(teams: dict[str, Team], users: dict[str, User], actor: Actor, at: datetime) -> None:
    """The first of each team who is no newcomer leads it."""
    kind = get_record_type("people.team")
    for name, team in teams.items():
        lead = next(p for p in plan.PEOPLE if name in p.teams and p.role != "junior_agent")
        team.refresh_from_db()
        values = {"lead": users[lead.username].pk}
        change_record(kind, team.pk, values, version=team.version, actor=actor, at=at)


def _share(person: plan.Person) -> int:
    """How many customers somebody has beside the others; the agents of the hotline have few."""
    if person.role != "sales":
        return 1
    return 3 if person.is_sign_in else 2


def _placed(users: dict[str, User], teams: dict[str, Team]) -> Staff:
    regions = {where: region for region, where in plan.REGION_DEPARTMENTS.items()}
    sellers, weights, region_of, team_of = [], [], {}, {}
    heads = {}
    for person in plan.PEOPLE:
        user = users[person.username]
        if person.is_head and person.department in regions:
            heads[regions[person.department]] = user
        if not person.is_caring:
            continue
        sellers.append(user)
        weights.append(_share(person))
        region_of[user.pk] = regions.get(person.department, plan.HOME_REGION)
        team_of[user.pk] = teams[person.teams[0]]
    fresh = User.objects.in_bulk([u.pk for u in users.values()])
    actors = {pk: queries.build_actor(u, channel=Channel.WEB) for pk, u in fresh.items()}
    return Staff(users, teams, sellers, weights, region_of, team_of, actors, heads)
