"""Teams: members see together, nobody puts themselves in (ORG-1)."""

import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.models import Event
from guanxi.people.models import Team
from guanxi.people.tests import factories
from guanxi.surfaces.records import get_record_type
from guanxi.surfaces.services import archive_record, change_record

pytestmark = pytest.mark.django_db


def change(team, actor=factories.SYSTEM, **values):
    version = Team.objects.values_list("version", flat=True).get(pk=team.pk)
    kind = get_record_type("people.team")
    return change_record(kind, team.pk, values, version=version, actor=actor, at=factories.now())


def test_joining_and_leaving_counts_at_once():
    sales = factories.department("销售部")
    one, two = factories.user("", "sales"), factories.user("", "sales")
    team = factories.team("一组", sales, [one])
    assert factories.actor(one).team_ids == {team.pk}
    assert factories.actor(two).team_ids == frozenset()
    change(team, members=[two.pk])
    assert factories.actor(one).team_ids == frozenset()
    assert factories.actor(two).team_ids == {team.pk}
    event = Event.objects.filter(kind="record.changed", subject_type="people.team").latest("pk")
    assert event.data["changes"]["members"] == [[one.pk], [two.pk]]


def test_nobody_puts_themselves_into_a_team():
    team = factories.team("一组", factories.department("销售部"))
    it = factories.user("", "it")
    with pytest.raises(RuleViolation) as refused:
        change(team, factories.actor(it), members=[it.pk])
    assert refused.value.code == "not_yourself"
    assert not team.members.exists()


def test_only_a_team_without_people_is_archived():
    person = factories.user("", "sales")
    team = factories.team("一组", factories.department("销售部"), [person])
    kind = get_record_type("people.team")

    def archive():
        version = Team.objects.values_list("version", flat=True).get(pk=team.pk)
        return archive_record(
            kind, team.pk, version=version, actor=factories.SYSTEM, at=factories.now()
        )

    with pytest.raises(RuleViolation) as refused:
        archive()
    assert refused.value.code == "team_in_use"
    change(team, members=[])
    assert archive().archived_at is not None


def test_a_department_has_no_two_teams_of_one_name():
    sales = factories.department("销售部")
    factories.team("一组", sales)
    with pytest.raises(RuleViolation):
        factories.team("一组", sales)
    factories.team("一组", factories.department("客服部"))
